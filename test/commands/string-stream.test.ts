/** Large cold values: read from a snapshot while they are sent, and true to the moment of the command. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../../src/base/large-string.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { LargeReply, type ReplyPiece } from '../../src/protocol/reply.js';
import type { Snapshot } from '../../src/storage/storage.js';
import { CommandHarness, textOf } from '../support/command-harness.js';

const LENGTH = 6 * 1024 * 1024 + 5;

let harness: CommandHarness;
/** Snapshots that were taken and not released yet. */
let held: Set<Snapshot>;

beforeEach(async () => {
  harness = await CommandHarness.open([stringCommands]);
  held = new Set();
  const { storage } = harness.keyspace;
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
  await harness.close();
});

/** Text whose fragments all differ. */
function sample(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `<${i}>`.padEnd(1000, String(i % 10));
  return text.slice(0, length);
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

function sourceOf(reply: unknown): AsyncIterator<string, undefined> {
  if (!(reply instanceof LargeReply)) throw new Error('not a large reply');
  const isSource = (piece: ReplyPiece): piece is AsyncIterator<string, undefined> =>
    typeof piece !== 'string';
  const source = reply.pieces.find(isSource);
  if (source === undefined) throw new Error('not streamed');
  return source;
}

test('a cold value is streamed whole, and loads none of its fragments', async () => {
  const value = sample(LENGTH);
  await harness.run('SET', 'k', value);
  await harness.evict();
  const before = harness.keyspace.loader.loads;
  const reply = await harness.client.reply('GET', 'k');
  sourceOf(reply);
  expect((await textOf(reply)) === bulk(value)).toBe(true);
  expect(harness.keyspace.loader.loads - before).toBe(1);
});

test('what was dirty is in it, what comes later is not', async () => {
  const value = sample(LENGTH);
  await harness.run('SET', 'k', value);
  await harness.evict();
  await harness.run('SETRANGE', 'k', String(3 * CHUNK_BYTES + 7), 'dirty');
  const expected = `${value.slice(0, 3 * CHUNK_BYTES + 7)}dirty${value.slice(3 * CHUNK_BYTES + 12)}`;
  const reply = await harness.client.reply('GET', 'k');
  await harness.run('SETRANGE', 'k', '0', 'later');
  await harness.run('APPEND', 'k', 'later');
  await harness.evict();
  await harness.run('SET', 'k', 'short');
  await harness.evict();
  expect((await textOf(reply)) === bulk(expected)).toBe(true);
});

test('GETDEL and GETRANGE stream too', async () => {
  const value = sample(LENGTH);
  await harness.run('SET', 'k', value);
  await harness.evict();
  const range = await harness.client.reply('GETRANGE', 'k', '100', '-101');
  sourceOf(range);
  expect((await textOf(range)) === bulk(value.slice(100, -100))).toBe(true);
  const whole = await harness.client.reply('GETDEL', 'k');
  await harness.evict();
  expect((await textOf(whole)) === bulk(value)).toBe(true);
  expect(await harness.run('GET', 'k')).toBe('$-1\r\n');
});

test('holes are zero', async () => {
  await harness.run('SETRANGE', 'k', String(LENGTH), 'end');
  await harness.run('SETRANGE', 'k', String(2 * 1024 * 1024), 'middle');
  await harness.evict();
  const expected = Buffer.alloc(LENGTH + 3);
  expected.write('middle', 2 * 1024 * 1024);
  expected.write('end', LENGTH);
  const reply = await harness.client.reply('GET', 'k');
  sourceOf(reply);
  expect((await textOf(reply)) === bulk(expected.toString('latin1'))).toBe(true);
});

test('several values of one request share a snapshot', async () => {
  await harness.run('MSET', 'a', sample(LENGTH), 'b', sample(LENGTH));
  await harness.evict();
  const reply = await harness.client.reply('MGET', 'a', 'b', 'a');
  expect(held.size).toBe(1);
  const value = bulk(sample(LENGTH));
  expect((await textOf(reply)) === `*3\r\n${value}${value}${value}`).toBe(true);
});

test('a client that leaves in the middle lets the snapshot go', async () => {
  await harness.run('SET', 'k', sample(LENGTH));
  await harness.evict();
  const source = sourceOf(await harness.client.reply('GET', 'k'));
  await source.next();
  expect(held.size).toBe(1);
  const pending = source.next();
  await source.return?.();
  await source.return?.();
  await pending;
  expect(held.size).toBe(0);
});

test('a snapshot that is older than the checkpoint is not used', async () => {
  const value = sample(LENGTH);
  await harness.run('SET', 'k', value);
  await harness.evict();
  const { storage } = harness.keyspace;
  const take = storage.snapshot;
  let races = 2;
  storage.snapshot = async () => {
    const snapshot = await take();
    if (races-- > 0) {
      const other = harness.connect();
      await other.run('SETRANGE', 'k', String(races * CHUNK_BYTES), 'raced');
      await harness.evict();
    }
    return snapshot;
  };
  const expected = `raced${value.slice(5, CHUNK_BYTES)}raced${value.slice(CHUNK_BYTES + 5)}`;
  expect((await harness.run('GET', 'k')) === bulk(expected)).toBe(true);
  expect(races).toBeLessThan(1);
});
