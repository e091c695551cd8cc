/** DEBUG: who may, what it answers, and that digests tell datasets apart and nothing else. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import type { CommandContext } from '../../src/commands/context.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { runDigest } from '../../src/commands/server/debug-digest.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';

const GROUPS = [
  connectionCommands,
  expireCommands,
  serverCommands,
  sortedSetCommands,
  stringCommands,
];

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open(GROUPS, [['debug-command', 'local']]);
});

afterEach(() => harness.close());

test('nobody may by default', async () => {
  const closed = await CommandHarness.open(GROUPS);
  expect(await closed.run('DEBUG', 'JMAP')).toMatch(/^-ERR DEBUG command not allowed\. /);
  await closed.close();
});

describe('DIGEST', () => {
  const digest = () => harness.run('DEBUG', 'DIGEST');
  const EMPTY = `+${'0'.repeat(40)}\r\n`;

  async function fill(): Promise<void> {
    for (const key of ['a', 'b', 'c']) await harness.run('SET', key, `value of ${key}`);
    await harness.run('SET', 'long', 'v'.repeat(50_000));
    await harness.run('PEXPIREAT', 'b', '33177117420000');
    await harness.run('SELECT', '5');
    await harness.run('SET', 'a', 'another');
    await harness.run('SELECT', '0');
  }

  test('of nothing', async () => {
    expect(await digest()).toBe(EMPTY);
  });

  test('is the same after a reload, and for the same data made anew', async () => {
    await fill();
    const first = await digest();
    expect(first).toMatch(/^\+[0-9a-f]{40}\r\n$/);
    expect(first).not.toBe(EMPTY);
    expect(await harness.run('DEBUG', 'RELOAD')).toBe('+OK\r\n');
    expect(harness.keyspace.residents.entries).toBe(0);
    expect(await digest()).toBe(first);
    await harness.run('FLUSHALL');
    await fill();
    await harness.evict();
    await harness.run('GET', 'a');
    expect(await digest()).toBe(first);
  });

  test.each([
    ['a value', ['SET', 'a', 'changed']],
    ['a byte of a long value', ['SETRANGE', 'long', '30000', 'x']],
    ['whether a key expires', ['PERSIST', 'b']],
    ['a new key', ['SET', 'd', 'value of d']],
    ['the database', ['SWAPDB', '0', '1']],
  ])('is another when %s changes', async (_, change) => {
    await fill();
    const first = await digest();
    await harness.run(...change);
    expect(await digest()).not.toBe(first);
  });

  test('DIGEST-VALUE compares values, whatever their keys', async () => {
    await harness.run('MSET', 'a', 'same', 'b', 'same', 'c', 'other');
    const reply = await harness.run('DEBUG', 'DIGEST-VALUE', 'a', 'b', 'c', 'nokey');
    const [count, a, b, c, missing] = reply.split('\r\n');
    expect(count).toBe('*4');
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(missing).toBe(`+${'0'.repeat(40)}`);
  });
});

test('LOADAOF drops what is in memory, and loses nothing', async () => {
  await harness.run('SET', 'key', 'value');
  expect(await harness.run('DEBUG', 'LOADAOF')).toBe('+OK\r\n');
  expect(harness.keyspace.residents.entries).toBe(0);
  expect(await harness.run('GET', 'key')).toBe('$5\r\nvalue\r\n');
});

test('OBJECT begins as the conformance suite reads it, and stays at its address', async () => {
  await harness.run('SET', 'key', '1');
  const first = await harness.run('DEBUG', 'OBJECT', 'key');
  expect(first).toMatch(
    /^\+Value at:0x[0-9a-f]+ refcount:2147483647 encoding:int serializedlength:2 lru:\d+ lru_seconds_idle:0\r\n$/,
  );
  await harness.run('INCR', 'key');
  expect((await harness.run('DEBUG', 'OBJECT', 'key')).split(' ')[1]).toBe(first.split(' ')[1]);
  expect(await harness.run('DEBUG', 'OBJECT', 'nokey')).toBe('-ERR no such key\r\n');
});

test('SET-ACTIVE-EXPIRE', async () => {
  expect(await harness.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0')).toBe('+OK\r\n');
  expect(harness.activeExpiry).toBe(false);
  await harness.run('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
  expect(harness.activeExpiry).toBe(true);
});

test('POPULATE makes keys where there are none', async () => {
  await harness.run('SET', 'key:1', 'mine');
  expect(await harness.run('DEBUG', 'POPULATE', '3')).toBe('+OK\r\n');
  expect(await harness.run('MGET', 'key:0', 'key:1', 'key:2')).toBe(
    '*3\r\n$7\r\nvalue:0\r\n$4\r\nmine\r\n$7\r\nvalue:2\r\n',
  );
  await harness.run('DEBUG', 'POPULATE', '1', 'big', '20000');
  expect(await harness.run('STRLEN', 'big:0')).toBe(':20000\r\n');
});

/** As redis-server 7.0.15 answers. */
const PROTOCOL: Readonly<Record<string, readonly [resp2: string, resp3: string]>> = {
  string: ['$11\r\nHello World\r\n', '$11\r\nHello World\r\n'],
  integer: [':12345\r\n', ':12345\r\n'],
  double: ['$5\r\n3.141\r\n', ',3.141\r\n'],
  null: ['$-1\r\n', '_\r\n'],
  array: ['*3\r\n:0\r\n:1\r\n:2\r\n', '*3\r\n:0\r\n:1\r\n:2\r\n'],
  set: ['*3\r\n:0\r\n:1\r\n:2\r\n', '~3\r\n:0\r\n:1\r\n:2\r\n'],
  map: ['*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n', '%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n'],
  attrib: [
    '$39\r\nSome real reply following the attribute\r\n',
    '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n',
  ],
  push: [
    '-ERR RESP2 is not supported by this command\r\n',
    '>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n',
  ],
  bignum: [
    '$37\r\n1234567999999999999999999999999999999\r\n',
    '(1234567999999999999999999999999999999\r\n',
  ],
  verbatim: ['$25\r\nThis is a verbatim\nstring\r\n', '=29\r\ntxt:This is a verbatim\nstring\r\n'],
  true: [':1\r\n', '#t\r\n'],
  false: [':0\r\n', '#f\r\n'],
};

test.each(Object.entries(PROTOCOL))('PROTOCOL %s', async (name, [resp2, resp3]) => {
  expect(await harness.run('DEBUG', 'PROTOCOL', name)).toBe(resp2);
  await harness.run('HELLO', '3');
  expect(await harness.run('DEBUG', 'PROTOCOL', name)).toBe(resp3);
});

test.each([
  [['bogus'], "ERR unknown subcommand or wrong number of arguments for 'bogus'. Try DEBUG HELP."],
  [['sleep'], "ERR unknown subcommand or wrong number of arguments for 'sleep'. Try DEBUG HELP."],
  [
    ['QUICKLIST-PACKED-THRESHOLD', '4gb'],
    'ERR argument must be a memory value bigger than 1 and smaller than 4gb',
  ],
  [
    ['HTSTATS-KEY', 'k'],
    "ERR unknown subcommand or wrong number of arguments for 'HTSTATS-KEY'. Try DEBUG HELP.",
  ],
  [['ERROR', 'MINE it is'], 'MINE it is'],
  [
    ['PROTOCOL', 'x'],
    'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
  ],
])('%j is an error', async (args, error) => {
  expect(await harness.run('DEBUG', ...args)).toBe(`-${error}\r\n`);
});

test('QUICKLIST-PACKED-THRESHOLD takes a size', async () => {
  expect(await harness.run('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '100b')).toBe('+OK\r\n');
});

test('DIGEST of more than the cache holds leaves the cache as small as it was', async () => {
  harness.keyspace.options.cacheBytes = 200_000;
  await harness.run('DEBUG', 'POPULATE', '50', 'key', '40000');
  await harness.evict();
  const first = await harness.run('DEBUG', 'DIGEST');
  expect(harness.keyspace.residents.bytes).toBeLessThan(2_500_000);
  harness.keyspace.residents.evict(0);
  expect(await harness.run('DEBUG', 'DIGEST')).toBe(first);
});

test('DIGEST of large sorted sets, far more than a request may load, is the same with nothing resident', async () => {
  const { keyspace } = harness;
  for (const key of ['a', 'b', 'c']) {
    for (let i = 0; i < 12_000; i += 1000) {
      const members = Array.from({ length: 1000 }, (_, j) => [`${i + j}`, `m${i + j}`]).flat();
      expect(await harness.run('ZADD', key, ...members)).toBe(':1000\r\n');
    }
  }
  const first = await harness.run('DEBUG', 'DIGEST');
  await harness.evict();
  keyspace.options.cacheBytes = 200_000;
  const { loads } = keyspace.loader;
  expect(await harness.run('DEBUG', 'DIGEST')).toBe(first);
  expect(keyspace.residents.bytes).toBeLessThan(1_500_000);
  expect(keyspace.loader.loads - loads).toBeLessThan(100); // headers; each record was read once, by its range
});

test('DIGEST after FLUSHDB in one transaction forgets nothing that an undo would bring back', async () => {
  const { keyspace, server } = harness;
  for (const database of ['0', '1']) {
    await harness.run('SELECT', database);
    await harness.run('DEBUG', 'POPULATE', '20', 'key', '40000');
  }
  keyspace.options.cacheBytes = 200_000;
  const { entries } = keyspace.residents;
  expect(entries).toBe(40);
  const reply = { simple: (text: string) => text };
  const digestAndFail = (): void => {
    keyspace.flush(0);
    runDigest({ reply, server } as unknown as CommandContext);
    throw new Error('it must be undone');
  };
  expect(() => keyspace.runner.run({ run: digestAndFail })).toThrow('it must be undone');
  expect(keyspace.residents.entries).toBe(entries);
});
