/**
 * Reads of collections that are too large to be made resident: streamed, true to the moment of the command, and the
 * same as those of the same collections in memory.
 */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { listCommands } from '../../src/commands/list/list.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { LargeReply } from '../../src/protocol/reply.js';
import type { Snapshot } from '../../src/storage/storage.js';
import { CommandHarness, textOf } from '../support/command-harness.js';

const GROUPS = [
  connectionCommands,
  hashCommands,
  listCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
];
const COUNT = 25_000;
const BATCH = 1_000;

/** Has all in memory. */
let hot: CommandHarness;
/** Has it in the store, but for what came last. */
let cold: CommandHarness;
/** Snapshots that were taken and not released yet. */
let held: Set<Snapshot>;

beforeEach(async () => {
  hot = await CommandHarness.open(GROUPS);
  cold = await CommandHarness.open(GROUPS);
  held = new Set();
  const { storage } = cold.keyspace;
  const take = storage.snapshot.bind(storage);
  const release = storage.release.bind(storage);
  storage.snapshot = async () => {
    const snapshot = await take();
    held.add(snapshot);
    return snapshot;
  };
  storage.release = (snapshot) => {
    expect(held.delete(snapshot)).toBe(true);
    release(snapshot);
  };
});

afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  expect(held.size).toBe(0);
  await hot.close();
  await cold.close();
});

async function both(...args: readonly string[]): Promise<void> {
  expect(await cold.run(...args)).toBe(await hot.run(...args));
}

/** `command key` with what `argumentsOf` makes of each number up to COUNT, many at a time. */
async function fill(
  command: string,
  argumentsOf: (i: number) => readonly string[],
  batch = BATCH,
): Promise<void> {
  for (let at = 0; at < COUNT; at += batch) {
    const numbers = Array.from({ length: batch }, (_, i) => at + i);
    await both(command, 'k', ...numbers.flatMap(argumentsOf));
  }
  await cold.evict();
}

/** Says whether the reply was streamed. */
async function expectSame(...args: readonly string[]): Promise<boolean> {
  const reply = await cold.client.reply(...args);
  expect((await textOf(reply)) === (await hot.run(...args)), args.join(' ')).toBe(true);
  return reply instanceof LargeReply;
}

async function inBothProtocols(...requests: readonly (readonly string[])[]): Promise<void> {
  for (const version of ['3', '2']) {
    await cold.run('HELLO', version);
    await hot.run('HELLO', version);
    let streamed = 0;
    for (const request of requests) if (await expectSame(...request)) streamed++;
    // Parts are looked at to find out how large they are, and then some requests find all they need.
    expect(streamed * 2).toBeGreaterThan(requests.length);
  }
}

test('hashes', async () => {
  await fill('HSET', (i) => [`field:${i}`, `value ${i}`]);
  await both('HSET', 'k', 'field:7', 'changed', 'another', 'field', 'x'.repeat(2000), 'long');
  await both('HDEL', 'k', 'field:9', 'field:24999');
  await inBothProtocols(['HGETALL', 'k'], ['HKEYS', 'k'], ['HVALS', 'k']);
});

test('hashes with fields that have expired', async () => {
  await fill('HSET', (i) => [`field:${i}`, `value ${i}`]);
  await both('HPEXPIRE', 'k', '10', 'FIELDS', '3', 'field:1', 'field:2', 'field:3');
  await both('HPEXPIRE', 'k', '90', 'FIELDS', '2', 'field:3', 'field:4');
  for (const harness of [hot, cold]) harness.clock.milliseconds += 50;
  await inBothProtocols(['HGETALL', 'k'], ['HVALS', 'k']);
});

test('sets', async () => {
  await fill('SADD', (i) => [`member:${i}`]);
  await both('SADD', 'k', 'one', 'x'.repeat(2000));
  await both('SREM', 'k', 'member:3', 'member:2000');
  await inBothProtocols(['SMEMBERS', 'k']);
});

test('lists', async () => {
  await fill('RPUSH', (i) => [`element ${i}`]);
  await both('LPUSH', 'k', 'first', 'even before');
  await both('LSET', 'k', '100', 'changed');
  await both('RPOP', 'k', '3');
  await inBothProtocols(
    ['LRANGE', 'k', '0', '-1'],
    ['LRANGE', 'k', '50', '15000'],
    ['LRANGE', 'k', '-12000', '-2'],
  );
});

test('sorted sets', async () => {
  await fill('ZADD', (i) => [String((i * 7919) % COUNT), `member:${i}`]);
  await both('ZADD', 'k', '-0', 'zero', '5.5', 'between', '1e300', 'x'.repeat(2000));
  await both('ZREM', 'k', 'member:5', 'member:24000');
  await both('ZINCRBY', 'k', '0.25', 'member:77');
  await inBothProtocols(
    ['ZRANGE', 'k', '0', '-1'],
    ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'],
    ['ZREVRANGE', 'k', '0', '-1', 'WITHSCORES'],
    ['ZRANGE', 'k', '12000', '12010'],
    ['ZRANGE', 'k', '-12010', '-12000', 'WITHSCORES'],
    ['ZREVRANGE', 'k', '12000', '12010'],
    ['ZREVRANGE', 'k', '-12010', '-12005'],
    ['ZRANGE', 'k', '2000', '20000'],
    ['ZRANGEBYSCORE', 'k', '-inf', '+inf', 'WITHSCORES'],
    ['ZRANGEBYSCORE', 'k', '(100', '20000'],
    ['ZREVRANGEBYSCORE', 'k', '20000', '100', 'WITHSCORES'],
    ['ZRANGEBYSCORE', 'k', '10', '+inf', 'LIMIT', '11000', '20'],
    ['ZRANGEBYSCORE', 'k', '-inf', '+inf', 'LIMIT', '12000', '-1'],
    ['ZREVRANGEBYSCORE', 'k', '+inf', '-inf', 'LIMIT', '12000', '5'],
    ['ZRANK', 'k', 'member:11111'],
    ['ZREVRANK', 'k', 'member:11111'],
    ['ZCOUNT', 'k', '1000', '15000'],
    ['ZCOUNT', 'k', '-inf', '(12500'],
    ['ZCOUNT', 'k', '12500', '+inf'],
  );
});

test('sorted sets with one score', async () => {
  await fill('ZADD', (i) => ['0', `member:${i}`]);
  await both('ZADD', 'k', '-0', 'first', '0', 'x');
  await inBothProtocols(
    ['ZRANGE', 'k', '-', '+', 'BYLEX'],
    ['ZRANGE', 'k', '+', '[member:1', 'BYLEX', 'REV'],
    ['ZLEXCOUNT', 'k', '[member:1', '(member:8'],
  );
});

test('streams', async () => {
  const addAll = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) await both('XADD', 'k', `${i + 1}-1`, 'n', String(i));
  };
  await addAll(0, 12_000);
  await cold.evict();
  await addAll(12_000, 12_005);
  await both('XDEL', 'k', '1-1', '500-1', '12002-1');
  await inBothProtocols(
    ['XRANGE', 'k', '-', '+'],
    ['XREVRANGE', 'k', '+', '-'],
    ['XRANGE', 'k', '100', '11000'],
    ['XRANGE', 'k', '-', '+', 'COUNT', '11000'],
    ['XREVRANGE', 'k', '11500', '-', 'COUNT', '10500'],
    ['XREAD', 'STREAMS', 'k', '0'],
    ['XREAD', 'COUNT', '11000', 'BLOCK', '0', 'STREAMS', 'k', 'missing', 'k', '100', '0', '300'],
  );
});

test('few elements that are large are streamed, too', async () => {
  for (let i = 0; i < 300; i++) await both('HSET', 'k', `field:${i}`, String(i).repeat(40_000));
  await cold.evict();
  await inBothProtocols(['HGETALL', 'k']);
});

test('a reply shows the moment of its command, whatever comes after it', async () => {
  await fill('ZADD', (i) => [String(i), `member:${i}`]);
  await both('ZADD', 'k', '3.5', 'dirty');
  const expected = await hot.run('ZRANGE', 'k', '0', '-1');
  const rank = await hot.run('ZRANK', 'k', 'member:12000');
  const reply = await cold.client.reply('ZRANGE', 'k', '0', '-1');
  const rankReply = await cold.client.reply('ZRANK', 'k', 'member:12000');
  await cold.run('ZREM', 'k', 'dirty', 'member:1', 'member:2');
  await cold.run('ZADD', 'k', '7.5', 'too late');
  await cold.evict();
  await cold.run('DEL', 'k');
  await cold.evict();
  expect((await textOf(reply)) === expected).toBe(true);
  expect(await textOf(rankReply)).toBe(rank);
});

test('a client that leaves lets the snapshot go', async () => {
  await fill('SADD', (i) => [`member:${i}`]);
  for (const pieces of [0, 1, 2]) {
    const reply = (await cold.client.reply('SMEMBERS', 'k')) as LargeReply;
    const source = reply.pieces[0] as AsyncIterator<string, undefined>;
    for (let i = 0; i < pieces; i++) await source.next();
    await source.return?.();
  }
});

test('a range that is small is loaded, and read from memory then', async () => {
  await fill('ZADD', (i) => [String(i), `member:${i}`]);
  for (const request of [
    ['ZRANGEBYSCORE', 'k', '12000', '12010'],
    ['ZRANGE', 'k', '0', '10'],
    ['ZREVRANGE', 'k', '0', '10'],
    ['ZRANK', 'k', 'member:100'],
    ['ZCOUNT', 'k', '5000', '5100'],
  ]) {
    expect(typeof (await cold.client.reply(...request))).toBe('string');
    expect(await cold.run(...request)).toBe(await hot.run(...request));
  }
});
