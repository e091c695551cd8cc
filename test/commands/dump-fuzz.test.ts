/**
 * Payloads that were damaged, with a checksum that is right: RESTORE takes them or not, and what it has taken can
 * be read whole. `FUZZ_CASES` makes for more of them.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpCommands } from '../../src/commands/generic/dump.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
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
import { numbersBelow, seed } from '../support/seed.js';

const GROUPS = [
  debugCommands,
  dumpCommands,
  hashCommands,
  keyCommands,
  listCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
  stringCommands,
];
const CASES = Number(process.env.FUZZ_CASES ?? 4000);
const NOW = 1_700_000_000_000;
const TEXTS = [
  'a',
  '17',
  '-300',
  '70000',
  'x'.repeat(70),
  'abc'.repeat(40),
  '',
  '5000000000',
  'end',
];

let harness: CommandHarness;

beforeAll(async () => {
  harness = await CommandHarness.open(GROUPS, [['debug-command', 'local']]);
  harness.clock.milliseconds = NOW;
});

afterAll(() => harness.close());

/** What DiskDB writes of each type, without its footer. */
async function written(): Promise<string[]> {
  const pairs = TEXTS.flatMap((text, i) => [text, `value ${i}`]);
  const requests = [
    ['SET', 'string', 'abc'.repeat(40)],
    ['RPUSH', 'list', ...TEXTS],
    ['SADD', 'set', ...TEXTS],
    ['SADD', 'integers', '1', '2', '300', '70000'],
    ['ZADD', 'sorted', ...TEXTS.flatMap((text, i) => [String(i * 1.5), text])],
    ['HSET', 'hash', ...pairs],
    ['HSET', 'timed', ...pairs],
    ['HPEXPIRE', 'timed', '100000', 'FIELDS', '2', 'a', '17'],
    ...TEXTS.map((text, i) => [
      'XADD',
      'stream',
      `${i + 1}-${i}`,
      'field',
      text,
      ...(i % 3 ? [] : ['f', 'g']),
    ]),
    ['XDEL', 'stream', '3-2'],
    ['XGROUP', 'CREATE', 'stream', 'g', '0'],
    ['XREADGROUP', 'GROUP', 'g', 'ann', 'COUNT', '3', 'STREAMS', 'stream', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'bob', 'COUNT', '2', 'STREAMS', 'stream', '>'],
    ['XGROUP', 'CREATE', 'stream', 'other', '$'],
  ];
  for (const request of requests) await harness.run(...request);
  const bodies = [];
  for (const key of ['string', 'list', 'set', 'integers', 'sorted', 'hash', 'timed', 'stream']) {
    const reply = await harness.run('DUMP', key);
    bodies.push(reply.slice(reply.indexOf('\n') + 1, -12));
  }
  return bodies;
}

/** The forms that others write. */
function packed(): string[] {
  const pairs = TEXTS.map((text) => [text, 'value'] as const);
  const [flat, scored] = [pairs.flat(), TEXTS.flatMap((text, i) => [text, i * 100])];
  const long = scored.map((value) => (typeof value === 'number' ? BigInt(value) : value));
  const triples = TEXTS.flatMap((text, i) => [text, 'value', i % 2 ? NOW + i : 0]);
  return [
    bytes(3, 2, string('a'), string('1.5'), string('b'), 0xfe),
    bytes(9, string(zipmap(pairs, 2))),
    bytes(10, string(ziplist(TEXTS))),
    bytes(11, string(little(2, 4) + little(3, 4) + little(-1, 2) + little(5, 2) + little(9, 2))),
    bytes(12, string(ziplist(long))),
    bytes(13, string(ziplist(flat))),
    bytes(14, 2, string(ziplist(TEXTS)), string(ziplist(['more', 7n]))),
    bytes(16, string(listpack(flat))),
    bytes(17, string(listpack(scored))),
    bytes(18, 2, 1, string('plain'), 2, string(listpack(TEXTS))),
    bytes(20, string(listpack(TEXTS))),
    bytes(23, string(listpack(triples))),
    bytes(25, little(NOW, 8), string(listpack(triples))),
  ];
}

const EDGES = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xe0, 0xf0, 0xf4, 0xfe, 0xff];

type Damage = (body: string, at: number, choose: (limit: number) => number) => string;

const damages: readonly Damage[] = [
  (body, at, choose) => put(body, at, body.charCodeAt(at) ^ (1 << choose(8))),
  (body, at, choose) => put(body, at, EDGES[choose(EDGES.length)] as number),
  (body, at, choose) => put(body, at, (body.charCodeAt(at) + (choose(2) ? 1 : 255)) & 0xff),
  (body, at) => body.slice(0, at),
  (body, at, choose) => body.slice(0, at) + body.slice(at + 1 + choose(4)),
  (body, at, choose) => body.slice(0, at) + bytes(choose(256)) + body.slice(at),
  (body, at, choose) =>
    body.slice(0, at) + body.slice(choose(body.length), at + choose(20)) + body.slice(at),
  (body, _, choose) => bytes(choose(27)) + body.slice(1),
  (body, _, choose) => bytes(choose(27), ...Array.from(body, () => choose(256))),
];

function put(body: string, at: number, byte: number): string {
  return body.slice(0, at) + String.fromCharCode(byte) + body.slice(at + 1);
}

const readers: Readonly<Record<string, readonly string[]>> = {
  string: ['GET', 'k'],
  list: ['LRANGE', 'k', '0', '-1'],
  set: ['SMEMBERS', 'k'],
  zset: ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'],
  hash: ['HGETALL', 'k'],
  stream: ['XINFO', 'STREAM', 'k', 'FULL', 'COUNT', '0'],
};

/** It stands there whole: it can be read, dumped, and restored from that for the same. */
async function checkWhole(): Promise<void> {
  const type = (await harness.run('TYPE', 'k')).slice(1, -2);
  expect(await harness.run(...(readers[type] as readonly string[]))).toMatch(/^[*$]/);
  const dumped = await harness.run('DUMP', 'k');
  if (dumped === '$-1\r\n') return; // All fields of the hash have expired.
  const payload = dumped.slice(dumped.indexOf('\n') + 1, -2);
  expect(await harness.run('RESTORE', 'again', '0', payload, 'REPLACE')).toBe('+OK\r\n');
  const [, one, other] = (await harness.run('DEBUG', 'DIGEST-VALUE', 'k', 'again')).split('\r\n');
  expect(one).toBe(other);
}

test(`damaged payloads (seed ${seed})`, { timeout: 3_600_000 }, async () => {
  const bodies = [...(await written()), ...packed()];
  for (const body of bodies) {
    expect(await harness.run('RESTORE', 'k', '0', sealed(body, 12), 'REPLACE')).toBe('+OK\r\n');
    await checkWhole();
  }
  const choose = numbersBelow();
  for (let i = 0; i < CASES; i++) {
    let body = bodies[choose(bodies.length)] as string;
    for (let n = choose(3); n >= 0; n--) {
      body = (damages[choose(damages.length)] as Damage)(body, choose(body.length), choose);
    }
    await harness.run('DEL', 'k');
    const reply = await harness.run('RESTORE', 'k', '0', sealed(body, 12));
    if (reply === '+OK\r\n') await checkWhole();
    else {
      expect(reply).toBe('-ERR Bad data format\r\n');
      expect(await harness.run('EXISTS', 'k')).toBe(':0\r\n');
    }
  }
});
