/** RESTORE of the forms that only other versions of Redis write: before 7.0 (redis-server still reads them), and after. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dumpCommands } from '../../src/commands/generic/dump.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { jsonCommands } from '../../src/commands/json/json.js';
import { listCommands } from '../../src/commands/list/list.js';
import { debugCommands } from '../../src/commands/server/debug.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import {
  bytes,
  listpack,
  little,
  sealed,
  string,
  ziplist,
  zipmap,
} from '../support/packed-encodings.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [
  debugCommands,
  dumpCommands,
  hashCommands,
  expireCommands,
  jsonCommands,
  stringCommands,
  keyCommands,
  listCommands,
  objectCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
];
const NOW = 1_700_000_000_000;
const BAD = '-ERR Bad data format\r\n';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open(GROUPS, [['debug-command', 'local']]);
  harness.clock.milliseconds = NOW;
});

afterEach(() => harness.close());

/** The bulk strings and integers of a reply, one after the other. */
function itemsOf(reply: string): string[] {
  return [...reply.matchAll(/\$(\d+)\r\n([^\r]*)\r\n|:(-?\d+)\r\n|\$-1\r\n/g)].map(
    ([, , text, number]) => text ?? number ?? 'nil',
  );
}

async function restored(body: string, ...view: readonly string[]): Promise<string[]> {
  expect(await harness.run('RESTORE', 'k', '0', sealed(body, 12), 'REPLACE')).toBe('+OK\r\n');
  return itemsOf(await harness.run(...view));
}

async function refused(...bodies: readonly string[]): Promise<void> {
  await harness.run('DEL', 'k');
  for (const body of bodies) {
    expect(`${body.length}: ${await harness.run('RESTORE', 'k', '0', sealed(body, 12))}`).toBe(
      `${body.length}: ${BAD}`,
    );
    expect(await harness.run('EXISTS', 'k')).not.toBe(':1\r\n');
  }
}

const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 80 }),
  fc.constantFrom(62, 63, 64, 253, 254, 300, 16_383, 16_384).map((size) => 'x'.repeat(size)),
);
const element = fc.oneof(
  text,
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(...[7n, 15n, 23n, 31n].flatMap((n) => [2n ** n, 2n ** n - 1n, -(2n ** n)])),
);
const elements = fc.array(element, { minLength: 1, maxLength: 40 });
const distinct = fc.uniqueArray(element, { minLength: 1, maxLength: 40, selector: String });
const score = fc.oneof(
  fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }),
  fc.double({ noNaN: true }).map((value) => String(value).replace('Infinity', 'inf')),
);
const scored = distinct.chain((members) =>
  fc
    .array(score, { minLength: members.length, maxLength: members.length })
    .map((scores) => members.map((member, i) => [member, scores[i] as string | bigint] as const)),
);

function textScore(value: string | bigint): string {
  const texts: Readonly<Record<string, string>> = { inf: '\xfe', '-inf': '\xff' };
  return texts[String(value)] ?? string(String(value));
}

/** Bodies in a form of an older version. */
const oldForms: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'list in a ziplist': elements.map((list) => bytes(10, string(ziplist(list)))),
  'list of ziplists': fc
    .array(elements, { minLength: 1, maxLength: 4 })
    .map((nodes) => bytes(14, nodes.length, ...nodes.map((node) => string(ziplist(node))))),
  'sorted set with scores as text': scored.map((pairs) =>
    bytes(3, pairs.length, ...pairs.map(([m, s]) => string(String(m)) + textScore(s))),
  ),
  'sorted set in a ziplist': scored.map((pairs) => bytes(12, string(ziplist(pairs.flat())))),
  'hash in a ziplist': fc
    .tuple(distinct, elements)
    .map(([fields, [value = '']]) => bytes(13, string(ziplist(fields.flatMap((f) => [f, value]))))),
  'hash in a zipmap': fc
    .tuple(distinct, text, fc.integer({ min: 0, max: 3 }))
    .map(([fields, value, unused]) =>
      bytes(
        9,
        string(
          zipmap(
            fields.map((f) => [String(f), value] as const),
            unused,
          ),
        ),
      ),
    ),
};

describe.skipIf(RedisOracle.missing !== undefined)(
  'older forms, as redis-server reads them',
  () => {
    test.each(Object.keys(oldForms))('%s', { timeout: 120_000 }, async (name) => {
      const oracle = await RedisOracle.start();
      try {
        await fc.assert(
          fc.asyncProperty(oldForms[name] as fc.Arbitrary<string>, async (body) => {
            const payload = sealed(body);
            const replies = [];
            for (const server of [harness, oracle]) {
              expect(await server.run('RESTORE', 'k', '0', payload, 'REPLACE')).toBe('+OK\r\n');
              replies.push(
                await server.run('DUMP', 'k'),
                await server.run('OBJECT', 'ENCODING', 'k'),
              );
            }
            const [ours, encoding, theirs, expected] = replies as [string, string, string, string];
            expect(encoding).toBe(expected);
            // What either has of it, the other takes back for the same.
            const digests = new Set<string>();
            for (const reply of [ours, theirs]) {
              const dumped = reply.slice(reply.indexOf('\n') + 1, -2);
              await harness.run('RESTORE', 'copy', '0', dumped, 'REPLACE');
              digests.add(await harness.run('DEBUG', 'DIGEST-VALUE', 'copy'));
            }
            expect(digests.size).toBe(1);
          }),
          { numRuns: 60 },
        );
      } finally {
        await oracle.stop();
      }
    });
  },
);

describe('newer forms', () => {
  test('a set in a listpack', async () => {
    const body = bytes(20, string(listpack(['a', '17', '-5000', 'b'])));
    expect((await restored(body, 'SMEMBERS', 'k')).sort()).toEqual(['-5000', '17', 'a', 'b']);
    expect(itemsOf(await harness.run('OBJECT', 'ENCODING', 'k'))).toEqual(['listpack']);
    await refused(
      bytes(20, string(listpack([]))),
      bytes(20, string(listpack(['a', 'b', 'a']))),
      bytes(20, string(listpack(['7', 7]))),
    );
  });

  const times = ['HPEXPIRETIME', 'k', 'FIELDS', '3', 'a', 'b', 'c'];
  const values = ['HMGET', 'k', 'a', 'b', 'c'];

  test.each([
    ['from a first time', bytes(24, little(NOW + 1000, 8), 3), [1, 0, 6]],
    ['as they are', bytes(22, 3), [NOW + 1000, 0, NOW + 1005]],
  ])('a hash with times told %s', async (_, head, [first, none, last]) => {
    const ttl = (value: number | undefined): string =>
      (value as number) < 64
        ? bytes(value as number)
        : bytes(0x81, reversed(little(value as number, 8)));
    const fields = [ttl(first), 'a', '1', ttl(none), 'b', '2', ttl(last), 'c', '3'];
    const body = head + fields.map((piece, i) => (i % 3 === 0 ? piece : string(piece))).join('');
    expect(await restored(body, ...values)).toEqual(['1', '2', '3']);
    expect(itemsOf(await harness.run(...times))).toEqual([`${NOW + 1000}`, '-1', `${NOW + 1005}`]);
    expect(itemsOf(await harness.run('OBJECT', 'ENCODING', 'k'))).toEqual(['listpackex']);
  });

  test.each([
    ['with a first time', bytes(25, little(NOW + 1000, 8))],
    ['without', bytes(23)],
  ])('a hash with times in a listpack, %s', async (_, head) => {
    const triples = ['a', '1', NOW + 1000, 'c', '3', NOW + 1005, 'b', '2', 0];
    const body = head + string(listpack(triples));
    expect(await restored(body, ...values)).toEqual(['1', '2', '3']);
    expect(itemsOf(await harness.run(...times))).toEqual([`${NOW + 1000}`, '-1', `${NOW + 1005}`]);
    await refused(
      head + string(listpack([])),
      head + string(listpack(['a', '1'])),
      head + string(listpack(['a', '1', 'soon'])),
      head + string(listpack(['a', '1', -1])),
      head + string(listpack(['a', '1', 2 ** 48])),
      head + string(listpack(['a', '1', 0, 'a', '2', 0])),
    );
  });

  test('what DiskDB dumps with times comes back, without what has expired', async () => {
    await harness.run('HSET', 'from', 'a', '1', 'b', '2', 'c', '3');
    await harness.run('HPEXPIRE', 'from', '1000', 'FIELDS', '1', 'a');
    await harness.run('HPEXPIRE', 'from', '50', 'FIELDS', '1', 'c');
    harness.clock.milliseconds += 100;
    const reply = await harness.run('DUMP', 'from');
    const payload = reply.slice(reply.indexOf('\n') + 1, -2);
    expect(payload.slice(0, 1)).toBe('\x18');
    expect(payload.slice(-10, -8)).toBe('\x0c\0');
    await harness.run('RESTORE', 'k', '0', payload);
    expect(itemsOf(await harness.run(...values))).toEqual(['1', '2', 'nil']);
    expect(itemsOf(await harness.run(...times))).toEqual([`${NOW + 1000}`, '-1', '-2']);
    expect(itemsOf(await harness.run('HLEN', 'k'))).toEqual(['2']);
    harness.clock.milliseconds += 1000;
    expect(itemsOf(await harness.run(...values))).toEqual(['nil', '2', 'nil']);
    await harness.run('HDEL', 'from', 'b');
    expect(await harness.run('DUMP', 'from')).toBe('$-1\r\n');
  });

  test('JSON, as RedisJSON has it', async () => {
    const text = '{"a":[1,2.5,"é"]}';
    const id = '\x81\x45\xe2\x52\x38\xdf\x91\x2c\x03';
    const body = bytes(7, id, 5, string(Buffer.from(text).toString('latin1')), 0);
    expect(await restored(body, 'JSON.GET', 'k')).toEqual([Buffer.from(text).toString('latin1')]);
    const dumped = await harness.run('DUMP', 'k');
    expect(dumped.slice(dumped.indexOf('\n') + 1, -12)).toBe(body);
    await harness.run('SET', 'k', 'x', 'EX', '10');
    expect(await restored(body, 'TTL', 'k')).toEqual(['-1']);
    await refused(
      bytes(7, id, 5, string('{'), 0),
      bytes(7, id, 5, string('{}'), 1),
      bytes(7, id, 4, string('{}'), 0),
      bytes(7, id.slice(0, 8), 0, 5, string('{}'), 0),
    );
  });

  test('a stream with the times at which consumers were active', async () => {
    const consumers = bytes(
      2,
      ...[string('ann'), little(NOW - 5, 8), little(NOW - 7, 8), 0],
      ...[string('bob'), little(NOW - 6, 8), little(-1, 8), 0],
    );
    const body = bytes(
      21,
      0,
      0,
      ...[5, 1],
      ...[0, 0],
      ...[0, 0],
      7,
      1,
      string('g'),
      3,
      4,
      6,
      0,
      consumers,
    );
    const facts = await restored(body, 'XINFO', 'CONSUMERS', 'k', 'g');
    expect(facts).toEqual(
      ['name', 'ann', 'pending', '0', 'idle', '5', 'inactive', '7'].concat(
        ...['name', 'bob', 'pending', '0', 'idle', '6', 'inactive', '-1'],
      ),
    );
  });

  test('a stream without counters: they are reckoned', async () => {
    const node = listpack([2, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 1, 5, 'w', 4]);
    const head = bytes(
      15,
      1,
      string(bytes(...Array<number>(7).fill(0), 9, ...Array<number>(7).fill(0), 1)),
    );
    const body = bytes(head, string(node), 2, 10, 6, 1, string('g'), 9, 1, 0, 0);
    const facts = await restored(body, 'XINFO', 'STREAM', 'k');
    expect(facts.slice(facts.indexOf('last-generated-id')).slice(0, 8)).toEqual([
      ...['last-generated-id', '10-6', 'max-deleted-entry-id', '0-0', 'entries-added', '2'],
      ...['recorded-first-entry-id', '9-1'],
    ]);
    const [, , , , , , , , , read, , lag] = await restored(body, 'XINFO', 'GROUPS', 'k');
    expect([read, lag]).toEqual(['1', '1']);
  });
});

function reversed(value: string): string {
  return [...value].reverse().join('');
}

/** Layout of a stream with the entries 1-0 and 2-0, a group and a consumer, of which a part may be another. */
function streamBody(parts: Readonly<Record<string, string>> = {}): string {
  const id = (ms: number): string =>
    bytes(...Array<number>(7).fill(0), ms, ...Array<number>(8).fill(0));
  const delivery = id(1) + little(NOW, 8) + bytes(1);
  const all = {
    type: bytes(19),
    nodes: bytes(
      1,
      string(id(1)),
      string(listpack([2, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 1, 0, 'w', 4])),
    ),
    count: bytes(2),
    last: bytes(2, 0),
    first: bytes(1, 0),
    deleted: bytes(0, 0),
    added: bytes(2),
    groups: bytes(1),
    group: bytes(string('g'), 1, 0, 1),
    pending: bytes(1, delivery),
    consumers: bytes(1),
    consumer: bytes(string('ann'), little(NOW, 8)),
    claimed: bytes(1, id(1)),
    ...parts,
  };
  return Object.values(all).join('');
}

describe('hostile payloads', () => {
  test('counts beyond what follows', async () => {
    const huge = ['\x80\xff\xff\xff\xff', `\x81${'\xff'.repeat(8)}`, '\x81\0\0\x01\0\0\0\0\0'];
    for (const count of huge) {
      for (const type of [1, 2, 3, 4, 5, 14, 15, 18, 19, 21, 22, 24]) {
        await refused(bytes(type, count), bytes(type, count, string('a'), string('b'), 0, 0, 0));
      }
    }
  });

  test('empty collections', async () => {
    for (const type of [1, 2, 3, 4, 5, 14, 18, 22]) await refused(bytes(type, 0));
    for (const type of [10, 12, 13]) await refused(bytes(type, string(ziplist([]))));
    for (const type of [16, 17, 20]) await refused(bytes(type, string(listpack([]))));
    await refused(bytes(9, string(zipmap([]))), bytes(11, string(little(2, 4) + little(0, 4))));
    await refused(bytes(14, 1, string(ziplist([]))), bytes(18, 1, 2, string(listpack([]))));
    await refused(bytes(18, 1, 1, string('')), bytes(18, 1, 3, string('a')));
  });

  test('what comes twice, and what is missing of a pair', async () => {
    const [a, b] = [string('a'), string('b')];
    await refused(
      bytes(2, 2, a, a),
      bytes(4, 2, a, b, a, b),
      bytes(5, 2, a, little(0, 8), a, little(1, 8)),
    );
    await refused(bytes(16, string(listpack(['a', 'b', 'a', 'c']))));
    await refused(bytes(17, string(listpack(['a', 1, 'a', 2]))));
    await refused(
      bytes(
        9,
        string(
          zipmap([
            ['a', '1'],
            ['a', '2'],
          ]),
        ),
      ),
    );
    await refused(bytes(16, string(listpack(['a', 'b', 'c']))), bytes(13, string(ziplist(['a']))));
  });

  test('scores that are none', async () => {
    const nan = Buffer.alloc(8);
    nan.writeDoubleLE(Number.NaN);
    await refused(bytes(5, 1, string('a'), nan.toString('latin1')), bytes(3, 1, string('a'), 0xfd));
    await refused(bytes(3, 1, string('a'), string('x')), bytes(3, 1, string('a'), string('nan')));
    await refused(
      bytes(17, string(listpack(['a', 'x']))),
      bytes(12, string(ziplist(['a', 'nan']))),
    );
  });

  test('intsets', async () => {
    const set = (width: number, count: number, ...values: number[]): string =>
      bytes(
        11,
        string(little(width, 4) + little(count, 4) + values.map((n) => little(n, 2)).join('')),
      );
    expect(await restored(set(2, 3, -2, 0, 9), 'SCARD', 'k')).toEqual(['3']);
    await refused(set(2, 2, 1), set(2, 1, 1, 2), set(2, 2, 2, 1), set(2, 2, 1, 1), set(3, 1, 1));
    await refused(set(0, 0), set(8, 1, 1), bytes(11, string('\x02')));
  });

  test('every byte of a packed value counts', async () => {
    const packs = [
      [16, listpack(['field', 'x'.repeat(70), 'n', 300, 'm', -70_000, 'o', 5])],
      [13, ziplist(['field', 'x'.repeat(300), 'n', 300n, 'm', -70_000n, 'o', 5n])],
    ] as const;
    for (const [type, pack] of packs) {
      for (let i = 0; i < pack.length; i++) {
        const cut = bytes(type, string(pack.slice(0, i)));
        expect(await harness.run('RESTORE', 'k', '0', sealed(cut), 'REPLACE')).toBe(BAD);
        const grown = bytes(type, string(`${pack.slice(0, i)}\0${pack.slice(i)}`));
        expect(await harness.run('RESTORE', 'k', '0', sealed(grown), 'REPLACE')).toBe(BAD);
      }
    }
  });

  test('streams', async () => {
    const facts = await restored(streamBody(), 'XINFO', 'STREAM', 'k', 'FULL');
    expect(facts).toContain('ann');
    const id = (ms: number, seq = 0): string =>
      bytes(...Array<number>(7).fill(0), ms, ...Array<number>(7).fill(0), seq);
    const node = (elements: readonly (string | number)[], master = id(1)): string =>
      bytes(1, string(master), string(listpack(elements)));
    const delivery = id(1) + little(NOW, 8) + bytes(1);
    const broken: Readonly<Record<string, string>>[] = [
      { count: bytes(3) },
      { last: bytes(1, 0) },
      { deleted: bytes(3, 0) },
      { added: bytes(1) },
      { nodes: bytes(0) },
      { nodes: bytes(1, string('short'), string(listpack([0, 0, 0, 0]))) },
      { nodes: node([2, 0, 1, 'f', 0, 2, 1, 0, 'v', 4, 2, 0, 0, 'w', 4]) },
      { nodes: node([2, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 0, 0, 'w', 4]) },
      { nodes: node([2, 0, 1, 'f', 1, 2, 0, 0, 'v', 4, 2, 1, 0, 'w', 4]) },
      { nodes: node([2, 0, 1, 'f', 0, 2, 0, 0, 'v', 5, 2, 1, 0, 'w', 4]) },
      { nodes: node([3, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 1, 0, 'w', 4]) },
      { nodes: node([1, 1, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 1, 0, 'w', 4]) },
      { nodes: node([2, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 1, 0, 'w', 4, 9]) },
      { nodes: node([2, 0, 1, 'f', 0, 2, 'x', 0, 'v', 4, 2, 1, 0, 'w', 4]) },
      { nodes: node([2, 0, 0, 0, 2, 0, 0, 3, 2, 1, 0, 3]) },
      {
        nodes: node([2, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 1, 0, 'w', 4], id(0)),
        last: bytes(1, 0),
      },
      { groups: bytes(2) },
      { groups: bytes(2), claimed: bytes(1, id(1), string('g'), 1, 0, 1, 0, 0) },
      { pending: bytes(0) },
      { pending: bytes(2, delivery, delivery) },
      { claimed: bytes(0) },
      { claimed: bytes(1, id(2)) },
      { claimed: bytes(2, id(1), id(1)) },
      { consumers: bytes(2), claimed: bytes(1, id(1), string('ann'), little(NOW, 8), 0) },
      { consumers: bytes(2), claimed: bytes(1, id(1), string('bob'), little(NOW, 8), 1, id(1)) },
    ];
    for (const parts of broken) await refused(streamBody(parts));
  });
});
