/** Scripts on cold keys: what they declare is loaded at once, before they run; the rest is read when they need it. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness } from '../support/command-harness.js';

const KEYS = Array.from({ length: 30 }, (_, i) => `k${i}`);
const MAKERS: readonly ((key: string) => readonly string[])[] = [
  (key) => ['HSET', key, 'f', 'v'],
  (key) => ['RPUSH', key, 'a', 'b'],
  (key) => ['ZADD', key, '1', 'a'],
  (key) => ['SADD', key, 'a', 'b'],
  (key) => ['SET', key, 'v'],
  (key) => ['XADD', key, '1-1', 'f', 'v'],
];
/** Looks into each of its keys, whatever the type. */
const LOOK = `
  local look = {hash='hgetall', list='lrange', zset='zrange', set='smembers', string='get', stream='xrange'}
  local n = 0
  for _, key in ipairs(KEYS) do
    local type = redis.call('type', key).ok
    local arguments = {list={0,-1}, zset={0,-1}, stream={'-','+'}}
    if look[type] then n = n + #redis.call(look[type], key, unpack(arguments[type] or {})) end
  end
  return n`;

let harness: CommandHarness;
/** Reads of the store: messages to its thread, and those for which the command thread waited. */
let reads: { messages: number; blocking: number };
/** How often a request was begun anew. */
let attempts: number;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  for (const [i, key] of KEYS.entries()) {
    await harness.run(...(MAKERS[i % MAKERS.length]?.(key) ?? []));
  }
  count();
});

afterEach(() => harness.close());

function count(): void {
  const { storage, transaction } = harness.keyspace;
  const { load, range, loadSync, rangeSync } = storage;
  const begin = transaction.begin.bind(transaction);
  Object.assign(transaction, {
    begin: (...args: Parameters<typeof begin>) => {
      attempts++;
      begin(...args);
    },
  });
  const counting = <A extends unknown[], R>(kind: keyof typeof reads, read: (...args: A) => R) => {
    return (...args: A): R => {
      reads[kind]++;
      return read.apply(storage, args);
    };
  };
  storage.load = counting('messages', load);
  storage.range = counting('messages', range);
  storage.loadSync = counting('blocking', loadSync);
  storage.rangeSync = counting('blocking', rangeSync);
}

/** Everything is cold, and nothing is counted yet. */
async function chill(): Promise<void> {
  await harness.evict();
  reads = { messages: 0, blocking: 0 };
  attempts = 0;
}

test('headers are loaded by one fault, small collections by a second, and then it runs', async () => {
  await chill();
  expect(await harness.run('EVAL', LOOK, '30', ...KEYS)).toBe(':45\r\n');
  expect(attempts).toBe(3);
  // A message for the headers, and one for each of 25 collections, all of them sent at once.
  expect(reads).toEqual({ messages: 26, blocking: 0 });
});

test('functions do the same', async () => {
  const code = `#!lua name=l\nredis.register_function('look', function(KEYS) ${LOOK} end)`;
  await harness.run('FUNCTION', 'LOAD', code);
  await chill();
  expect(await harness.run('FCALL', 'look', '30', ...KEYS)).toBe(':45\r\n');
  expect([attempts, reads.blocking]).toEqual([3, 0]);
});

test('what is resident is looked for once', async () => {
  await chill();
  await harness.run('EVAL', LOOK, '30', ...KEYS);
  attempts = 0;
  await harness.run('EVAL', LOOK, '30', ...KEYS);
  expect(attempts).toBe(1);
  await harness.run('EVAL', LOOK, '2', 'missing', 'k0');
  expect(attempts).toBe(2);
});

test('a large collection is not loaded for it', async () => {
  await harness.run('SADD', 'large', ...Array.from({ length: 2000 }, (_, i) => `m${i}`));
  await chill();
  const script = "return redis.call('sismember', KEYS[1], 'm7')";
  expect(await harness.run('EVAL', script, '1', 'large')).toBe(':1\r\n');
  expect(attempts).toBe(2);
  expect(reads).toEqual({ messages: 1, blocking: 1 });
});

test('of many scripts in a transaction no more than the first takes a fault of its own', async () => {
  await chill();
  await harness.run('MULTI');
  for (const key of KEYS) await harness.run('EVAL', LOOK, '1', key);
  attempts = 0;
  const reply = await harness.run('EXEC');
  expect(reply.startsWith('*30\r\n:2\r\n:2\r\n')).toBe(true);
  expect(attempts).toBe(3);
});

test('what cannot be read is an error of the call that needs it', async () => {
  await chill();
  const { storage } = harness.keyspace;
  storage.range = () => Promise.reject(new Error('the disk is broken'));
  expect(await harness.run('EVAL', 'return 7', '1', 'k0')).toBe(':7\r\n');
});

test('a script in EXEC that has run is not run again for what the next one needs', async () => {
  await harness.run('SCRIPT', 'FLUSH');
  const count = "redis.call('incr', 'runs') return redis.call('get', 'runs')";
  await harness.run('SET', 'runs', '0');
  await chill();
  await harness.run('MULTI');
  await harness.run('EVAL', count, '0');
  await harness.run('EVAL', LOOK, '30', ...KEYS);
  await harness.run('EVAL', 'return redis.call("hgetall", KEYS[1])', '1', 'k0');
  attempts = 0;
  const reply = await harness.run('EXEC');
  expect(reply).toContain(':45');
  expect(attempts).toBe(1);
});
