/**
 * Values of every type, made by DiskDB or redis-server, dumped there and restored in both: they must be the same
 * everywhere. Limits of compact forms are low, so that each form comes often.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpCommands } from '../../src/commands/generic/dump.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { listCommands } from '../../src/commands/list/list.js';
import { debugCommands } from '../../src/commands/server/debug.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import { RespConnection } from '../support/resp-connection.js';
import { missing, type Server as Process, startServer } from '../support/server.js';

const GROUPS = [
  debugCommands,
  dumpCommands,
  hashCommands,
  keyCommands,
  listCommands,
  objectCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
  stringCommands,
];

const LIMITS = [
  ['hash-max-listpack-entries', '8'],
  ['hash-max-listpack-value', '20'],
  ['set-max-intset-entries', '8'],
  ['zset-max-listpack-entries', '8'],
  ['zset-max-listpack-value', '20'],
  ['stream-node-max-entries', '4'],
] as const;
const RUNS = 60;

type Request = readonly string[];

interface Server {
  run(...args: Request): Promise<string>;
}

const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.integer({ min: -40, max: 140 }).map(String),
  fc.constantFrom(
    ...[
      '',
      '-1',
      '127',
      '128',
      '-129',
      '4095',
      '4096',
      '-4096',
      '-4097',
      '32767',
      '32768',
      '-32769',
    ],
    ...['8388607', '8388608', '-8388609', '2147483647', '2147483648', '-2147483649', '1e5', '-0'],
    ...['9223372036854775807', '9223372036854775808', '-9223372036854775808', '007', ' 1'],
  ),
  fc
    .tuple(fc.constantFrom('a', 'xyz'), fc.constantFrom(19, 20, 21, 62, 63, 64, 65, 1025))
    .map(([word, length]) => word.repeat(length).slice(0, length)),
  // Members of sorted sets are in order of what comes first in them.
  fc.constantFrom(819, 820, 4096, 17_000).map((n) => n + 'long '.repeat(n)),
);
const integer = fc.oneof(
  fc.integer({ min: -200, max: 200 }).map(String),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
);
const score = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map(String),
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom('inf', '-inf', '-0', '0', '1e300', '1e-300', '0.1', '123456789012345678'),
);

function many<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof(
    fc.array(arbitrary, { minLength: 1, maxLength: 12, size: 'max' }),
    fc.array(arbitrary, { minLength: 7, maxLength: 9, size: 'max' }),
    fc.array(arbitrary, { minLength: 20, maxLength: 60, size: 'max' }),
  );
}

const add = (command: string, values: fc.Arbitrary<string[]>): fc.Arbitrary<Request[]> =>
  values.map((list) => [[command, 'k', ...list]]);

const small = fc.integer({ min: 0, max: 9 }).map(String);
const id = fc.tuple(fc.integer({ min: 1, max: 60 }), small).map((pair) => pair.join('-'));
const group = fc.constantFrom('g', 'h', '12');
const consumer = fc.constantFrom('ann', 'bob', '7');
const streamRequest: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom('*', '*', '9-*'), fc.constantFrom('a', 'b', 'other'), text, text)
      .map(([at, field, one, two]) => ['XADD', 'k', at, field, one, 'second', two]),
  },
  { weight: 3, arbitrary: id.map((at) => ['XADD', 'k', at, 'field', 'value']) },
  { weight: 2, arbitrary: id.map((at) => ['XDEL', 'k', at]) },
  { weight: 2, arbitrary: group.map((name) => ['XGROUP', 'CREATE', 'k', name, '0', 'MKSTREAM']) },
  fc.tuple(group, id).map(([name, at]) => ['XGROUP', 'CREATE', 'k', name, at]),
  fc.tuple(group, consumer).map(([g, c]) => ['XGROUP', 'CREATECONSUMER', 'k', g, c]),
  {
    weight: 4,
    arbitrary: fc
      .tuple(group, consumer, small)
      .map(([g, c, n]) => ['XREADGROUP', 'GROUP', g, c, 'COUNT', n, 'STREAMS', 'k', '>']),
  },
  fc
    .tuple(group, consumer, id)
    .map(([g, c, at]) => ['XCLAIM', 'k', g, c, '0', at, 'RETRYCOUNT', '9']),
  small.map((n) => ['XTRIM', 'k', 'MAXLEN', '~', `${n}0`]),
  fc.constant([
    'XSETID',
    'k',
    '18446744073709551615-5',
    'ENTRIESADDED',
    '99',
    'MAXDELETEDID',
    '3-3',
  ]),
);

const scripts: Readonly<Record<string, fc.Arbitrary<Request[]>>> = {
  list: add('RPUSH', many(text)),
  'set of texts': add('SADD', many(text)),
  'set of integers': add('SADD', many(integer)),
  'sorted set': add(
    'ZADD',
    many(fc.tuple(score, text)).map((pairs) => pairs.flat()),
  ),
  hash: add(
    'HSET',
    many(fc.tuple(text, text)).map((pairs) => pairs.flat()),
  ),
  stream: fc.array(streamRequest, { minLength: 1, maxLength: 40, size: 'max' }),
  string: text.map((value) => [['SET', 'k', value]]),
};

/** What shows the value best beside its digest. */
const views: Readonly<Record<string, Request>> = {
  list: ['LRANGE', 'r', '0', '-1'],
  'sorted set': ['ZRANGE', 'r', '0', '-1'],
  stream: ['XINFO', 'STREAM', 'r', 'FULL', 'COUNT', '0'],
};

/** Without what Redis 7.0 does not tell, or tells of its own memory. */
function comparable(reply: string): string {
  return reply
    .replace(/\*8(\r\n\$4\r\nname\r\n\$\d+\r\n[^*]*?)\$11\r\nactive-time\r\n:-?\d+\r\n/gs, '*6$1')
    .replace(/\*10(\r\n\$4\r\nname\r\n[^*]*?)\$11\r\nactive-time\r\n:-?\d+\r\n/gs, '*8$1')
    .replace(/(radix-tree-(?:keys|nodes)\r\n):\d+/g, '$1')
    .replace(/(lag)\r\n(:\d+|\$-1)/g, '$1');
}

function payloadOf(reply: string): string {
  return reply.slice(reply.indexOf('\n') + 1, -2);
}

describe.skipIf(missing('redis') !== undefined)('dumps and redis-server', () => {
  let process: Process;
  let connection: RespConnection;
  let oracle: Server;
  let harness: CommandHarness;

  beforeAll(async () => {
    process = await startServer('redis', { arguments: ['--enable-debug-command', 'yes'] });
    connection = await RespConnection.open(process.port);
    oracle = { run: async (...args) => (await connection.send(...args)).toString('latin1') };
    for (const [name, value] of [...LIMITS, ['sanitize-dump-payload', 'yes']] as const) {
      await oracle.run('CONFIG', 'SET', name, value);
    }
    const flags = [
      ...LIMITS,
      ['set-max-listpack-entries', '0'],
      ['debug-command', 'local'],
    ] as const;
    harness = await CommandHarness.open(GROUPS, flags);
    harness.clock.milliseconds = Date.now();
  });

  afterAll(async () => {
    connection?.close();
    await process?.stop();
    await harness?.close();
  });

  /** Makes the value at one server, and restores it in both from one dump. */
  async function carry(
    from: Server,
    script: readonly Request[],
    view: Request | undefined,
    evicts: boolean,
  ): Promise<void> {
    for (const server of [harness, oracle]) await server.run('DEL', 'k', 'r');
    for (const request of script) await from.run(...request);
    if (evicts) await harness.evict();
    const dumped = await from.run('DUMP', 'k');
    if (dumped === '$-1\r\n') return;
    for (const server of [harness, oracle]) {
      expect(await server.run('RESTORE', 'r', '0', payloadOf(dumped))).toBe('+OK\r\n');
    }
    const digest = await from.run('DEBUG', 'DIGEST-VALUE', 'k');
    expect(await harness.run('DEBUG', 'DIGEST-VALUE', 'r')).toBe(digest);
    expect(await oracle.run('DEBUG', 'DIGEST-VALUE', 'r')).toBe(digest);
    for (const request of [['OBJECT', 'ENCODING', 'r'], ...(view === undefined ? [] : [view])]) {
      const [ours, theirs] = [await harness.run(...request), await oracle.run(...request)];
      expect(comparable(ours)).toBe(comparable(theirs));
    }
  }

  test.each(Object.keys(scripts))('%s', { timeout: 600_000 }, async (name) => {
    const script = scripts[name] as fc.Arbitrary<Request[]>;
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (requests, evicts) => {
        await carry(harness, requests, views[name], evicts);
        await carry(oracle, requests, views[name], evicts);
      }),
      { numRuns: RUNS },
    );
  });
});
