/** What Redis 7.2 and 7.4 do with streams and the oracle, 7.0, does not. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([streamCommands]);
});

afterEach(async () => {
  vi.useRealTimers();
  await harness.close();
});

async function run(line: string): Promise<unknown> {
  return decodeReply(Buffer.from(await harness.run(...line.split(' ')), 'latin1'));
}

async function facts(line: string): Promise<Record<string, unknown>> {
  const [flat] = (await run(line)) as unknown[][];
  const pairs = (flat as unknown[]).flatMap((name, i, all) =>
    i % 2 === 0 ? [[name, all[i + 1]]] : [],
  );
  return Object.fromEntries(pairs);
}

test('XREAD + returns the last entry, even after others were deleted', async () => {
  expect(await run('XREAD STREAMS s +')).toBeNull();
  await run('XADD s 1-0 f a');
  await run('XADD s 2-0 f b');
  await run('XADD s 3-0 f c');
  await run('XDEL s 3-0');
  expect(await run('XREAD STREAMS s +')).toEqual([['s', [['2-0', ['f', 'b']]]]]);
  await run('XDEL s 1-0 2-0');
  expect(await run('XREAD STREAMS s +')).toBeNull();
});

test('streams and ids that do not pair are refused under the name of the command', async () => {
  expect(await harness.run('XREAD', 'STREAMS', 'a', 'b', '0')).toBe(
    "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.\r\n",
  );
  const line = 'XREADGROUP GROUP g c STREAMS a b >';
  expect(await harness.run(...line.split(' '))).toBe(
    "-ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.\r\n",
  );
});

test('RESP3 has a map of streams', async () => {
  await run('XADD s 1-0 f v');
  harness.client.session.setProtocol(3);
  expect(await harness.run('XREAD', 'STREAMS', 's', '0')).toBe(
    '%1\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n',
  );
  expect(await harness.run('XREAD', 'STREAMS', 's', '1')).toBe('_\r\n');
});

test('a consumer is idle since its last attempt, and inactive since it last got something', async () => {
  await run('XGROUP CREATE s g $ MKSTREAM');
  await run('XREADGROUP GROUP g alice STREAMS s >');
  harness.clock.milliseconds += 100;
  expect(await facts('XINFO CONSUMERS s g')).toMatchObject({ idle: 100, inactive: -1 });
  await run('XADD s 1-0 f v');
  await run('XREADGROUP GROUP g alice STREAMS s >');
  harness.clock.milliseconds += 50;
  await run('XCLAIM s g alice 1000 1-0');
  harness.clock.milliseconds += 5;
  expect(await facts('XINFO CONSUMERS s g')).toMatchObject({ idle: 5, inactive: 55 });
  await run('XAUTOCLAIM s g bob 1000 0');
  expect(await run('XGROUP CREATECONSUMER s g bob')).toBe(0);
});

test('the lag is exact after trimming, and where XDEL removed something ahead it is not known', async () => {
  for (let i = 1; i <= 5; i++) await run(`XADD s ${i}-0 f v`);
  await run('XGROUP CREATE s g 0');
  await run('XREADGROUP GROUP g c COUNT 1 STREAMS s >');
  expect(await facts('XINFO GROUPS s')).toMatchObject({ 'entries-read': 1, lag: 4 });
  await run('XTRIM s MAXLEN 3');
  expect(await facts('XINFO GROUPS s')).toMatchObject({ 'entries-read': 1, lag: 3 });
  await run('XREADGROUP GROUP g c COUNT 1 STREAMS s >');
  expect(await facts('XINFO GROUPS s')).toMatchObject({ 'entries-read': 3, lag: 2 });
  await run('XDEL s 4-0');
  expect(await facts('XINFO GROUPS s')).toMatchObject({ 'entries-read': 3, lag: null });
  await run('XREADGROUP GROUP g c STREAMS s >');
  expect(await facts('XINFO GROUPS s')).toMatchObject({ 'entries-read': 5, lag: 0 });
  await run('XTRIM s MAXLEN 0');
  expect(await facts('XINFO GROUPS s')).toMatchObject({ lag: 0 });
});

test('approximate trimming removes whole nodes, of at most a hundred entries', async () => {
  for (let i = 1; i <= 1000; i++) await run(`XADD s MAXLEN ~ 555 ${i}-0 item ${i}`);
  expect(await run('XLEN s')).toBe(600);
  expect(await run('XTRIM s MAXLEN ~ 250')).toBe(300);
  expect(await run('XTRIM s MINID ~ 850')).toBe(100);
  expect(await run('XTRIM s MAXLEN = 10')).toBe(190);
});

/** The reply that a client of its own waits for. */
async function wait(line: string): Promise<{ reply: Promise<unknown> }> {
  const client = harness.connect();
  const reply = client.run(...line.split(' '));
  await settled();
  expect(client.session.isBlocked).toBe(true);
  return { reply: reply.then((text) => decodeReply(Buffer.from(text, 'latin1'))) };
}

test('XREAD BLOCK with + returns the last entry, or the next one of a stream that has none', async () => {
  await run('XADD empty 5-0 f v');
  await run('XDEL empty 5-0');
  const waiting = await wait('XREAD BLOCK 0 STREAMS empty missing + +');
  await run('XADD empty 6-0 f v');
  expect(await waiting.reply).toEqual([['empty', [['6-0', ['f', 'v']]]]]);
  await run('XADD empty 7-0 f v');
  expect(await run('XREAD COUNT 3 BLOCK 0 STREAMS empty +')).toEqual([
    ['empty', [['7-0', ['f', 'v']]]],
  ]);
});

test('a consumer that waits has been made already, and what it gets it has pending', async () => {
  await run('XGROUP CREATE s g $ MKSTREAM');
  const alice = await wait('XREADGROUP GROUP g alice BLOCK 0 STREAMS s >');
  const bob = await wait('XREADGROUP GROUP g bob BLOCK 0 NOACK STREAMS s >');
  expect(await facts('XINFO CONSUMERS s g')).toMatchObject({ name: 'alice', inactive: -1 });
  await run('XADD s 1-0 f v');
  await run('XADD s 2-0 f v');
  expect(await alice.reply).toEqual([['s', [['1-0', ['f', 'v']]]]]);
  expect(await bob.reply).toEqual([['s', [['2-0', ['f', 'v']]]]]);
  expect(await run('XPENDING s g')).toEqual([1, '1-0', '1-0', [['alice', '1']]]);
});

test('a wait that finds nothing again changes nothing', async () => {
  await run('XGROUP CREATE s g $ MKSTREAM');
  await wait('XREADGROUP GROUP g alice BLOCK 0 STREAMS s >');
  await wait('XREADGROUP GROUP g bob BLOCK 0 STREAMS s >');
  const before = harness.keyspace.storage.log.nextLsn;
  await run('XSETID s 5-0');
  expect(harness.keyspace.storage.log.nextLsn).toBe(before + 1);
});

test('a wait ends when its time is up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await run('XGROUP CREATE s g $ MKSTREAM');
  const alone = await wait('XREAD BLOCK 100 STREAMS s $');
  const inGroup = await wait('XREADGROUP GROUP g alice BLOCK 100 STREAMS s >');
  vi.advanceTimersByTime(100);
  expect([await alone.reply, await inGroup.reply]).toEqual([null, null]);
  await run('XADD s 1-0 f v');
  expect(await run('XPENDING s g')).toEqual([0, null, null, null]);
});

test.each([
  ['-1', 'ERR timeout is negative'],
  ['1.5', 'ERR timeout is not an integer or out of range'],
])('BLOCK %s is refused', async (timeout, error) => {
  expect(await harness.run('XREAD', 'BLOCK', timeout, 'STREAMS', 's', '$')).toBe(`-${error}\r\n`);
});

test('of many entries, pending or not, only those are loaded that are asked for', async () => {
  await run('XGROUP CREATE s g 0 MKSTREAM');
  for (let i = 1; i <= 3000; i++) await run(`XADD s ${i}-0 f v`);
  await run('XREADGROUP GROUP g alice STREAMS s >');
  harness.clock.milliseconds += 1000;
  for (const line of [
    'XPENDING s g IDLE 500 - + 3',
    'XPENDING s g IDLE 500 - + 3 alice',
    'XPENDING s g - + 3',
    'XAUTOCLAIM s g bob 500 0 COUNT 3',
    'XRANGE s - + COUNT 3',
    'XREVRANGE s + - COUNT 3',
    'XREAD COUNT 3 STREAMS s 0',
    'XREADGROUP GROUP g alice COUNT 3 STREAMS s 0',
    'XTRIM s MAXLEN 2997',
    'XINFO STREAM s',
  ]) {
    await harness.evict();
    const before = harness.keyspace.loader.loads;
    await run(line);
    expect([line, harness.keyspace.loader.loads - before < 300]).toEqual([line, true]);
  }
});

test('an entry that would not fit into one record is refused', async () => {
  const fields = new Array<string>(2 ** 15).fill('x'.repeat(2 ** 14));
  const error = '-ERR Elements are too large to be stored\r\n';
  expect(await harness.run('XADD', 's', '*', ...fields)).toBe(error);
});
