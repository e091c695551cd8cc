/** Requests for very many subscriptions: others are served in between, and it looks as if they had come in parts. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { bulk, eventually, type RawClient, ServerWorld } from './network-world.js';

const COUNT = 20_500;
const names = Array.from({ length: COUNT }, (_, i) => `channel:${i}`);

let world: ServerWorld;
let client: RawClient;

beforeEach(async () => {
  world = await ServerWorld.open();
  client = await world.connect();
});

afterEach(() => world.close());

function confirmation(word: string, name: string, count: number): string {
  return `*3\r\n${bulk(word)}${bulk(name)}:${count}\r\n`;
}

function confirmations(word: string, counts: readonly number[]): string {
  return counts.map((count, i) => confirmation(word, names[i] as string, count)).join('');
}

const upwards = names.map((_, i) => i + 1);
const downwards = names.map((_, i) => COUNT - 1 - i);
const subscribed = confirmations('subscribe', upwards);

function channels(): number {
  return world.context.pubsub.count('channel');
}

/** How many channels there were in each turn of the event loop, until the client has had `answer`. */
async function countsUntil(answer: Promise<string>): Promise<number[]> {
  const counts: number[] = [];
  let isOver = false;
  void answer.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    counts.push(channels());
    await new Promise((resolve) => setImmediate(resolve));
  }
  return counts;
}

function areBetween(counts: readonly number[]): boolean {
  return counts.some((count) => count > 0 && count < COUNT);
}

test('SUBSCRIBE and UNSUBSCRIBE confirm every name in order, and others are served meanwhile', async () => {
  const answer = client.ask(subscribed.slice(-40), ['SUBSCRIBE', ...names]);
  expect(areBetween(await countsUntil(answer))).toBe(true);
  expect(await answer).toBe(subscribed);

  const left = confirmations('unsubscribe', downwards);
  const end = client.ask(left.slice(-40), ['UNSUBSCRIBE', ...names]);
  expect(areBetween(await countsUntil(end))).toBe(true);
  expect(await end).toBe(left);
  expect(channels()).toBe(0);
});

test('what follows in the pipeline waits for all of it', async () => {
  const left = confirmations('unsubscribe', downwards);
  const requests = [['SUBSCRIBE', ...names], ['UNSUBSCRIBE'], ['PING']];
  expect(await client.ask('+PONG\r\n', ...requests)).toBe(`${subscribed}${left}+PONG\r\n`);
});

test('RESET ends them, and others are served meanwhile', async () => {
  await client.ask(subscribed.slice(-40), ['SUBSCRIBE', ...names]);
  const reset = client.ask('+RESET\r\n', ['RESET']);
  expect(areBetween(await countsUntil(reset))).toBe(true);
  expect(await reset).toBe('+RESET\r\n');
  expect(channels()).toBe(0);
});

test('in EXEC they are part of the transaction', async () => {
  const other = await world.connect();
  client.send(['MULTI'], ['SUBSCRIBE', ...names], ['PUBLISH', names[COUNT - 1] as string, 'x']);
  await client.until('+QUEUED\r\n');
  const answer = client.ask(bulk('x'), ['EXEC']);
  expect(areBetween(await countsUntil(answer))).toBe(false);
  expect(await answer).toContain(`${subscribed}:1\r\n`);
  expect(await other.ask(':1\r\n', ['PUBLISH', 'channel:0', 'y'])).toBe(':1\r\n');
});

test('RESET ends patterns and shard channels, too, inside MULTI as well', async () => {
  const some = names.slice(0, 1500);
  await client.ask(':1500\r\n', ['PSUBSCRIBE', ...some]);
  await client.ask(':1500\r\n', ['SSUBSCRIBE', ...some]);
  expect(await client.ask('+RESET\r\n', ['RESET'])).toBe('+RESET\r\n');
  const { pubsub } = world.context;
  expect([pubsub.count('pattern'), pubsub.count('shard')]).toEqual([0, 0]);

  await client.ask('+OK\r\n', ['HELLO', '3'], ['SUBSCRIBE', ...some], ['MULTI']);
  expect(await client.ask('+RESET\r\n', ['RESET'])).toContain('+RESET\r\n');
  expect(channels()).toBe(0);
  expect(await client.ask('\r\n', ['EXEC'])).toBe('-ERR EXEC without MULTI\r\n');
});

test('it counts as one call, for as long as it took, and MONITOR shows it once', async () => {
  const monitor = await world.connect();
  await monitor.ask('+OK\r\n', ['MONITOR']);
  await client.ask('+OK\r\n', ['CONFIG', 'SET', 'slowlog-log-slower-than', '0']);
  await client.ask(subscribed.slice(-40), ['SUBSCRIBE', ...names]);
  await client.ask('+RESET\r\n', ['RESET']);
  await client.ask('+OK\r\n', ['CONFIG', 'SET', 'slowlog-log-slower-than', '-1']);
  const statistics = await client.ask('\r\n', ['INFO', 'commandstats']);
  const [, time] = /cmdstat_subscribe:calls=1,usec=(\d+),/.exec(statistics) ?? [];
  // A stretch takes a millisecond or two, and there are twenty-one.
  expect(Number(time)).toBeGreaterThan(4000);
  expect(statistics).toMatch(/cmdstat_reset:calls=1,/);
  const [slow] = [...world.context.requestLogs.slow.newest(10)].filter(
    ({ argv }) => argv[0] === 'SUBSCRIBE',
  );
  expect(Math.abs((slow?.value ?? 0) - Number(time))).toBeLessThan(2);
  await eventually(() => monitor.received.includes('"RESET"'));
  expect(monitor.take().match(/"SUBSCRIBE"/g)).toHaveLength(1);
});

test('a name that is denied denies all', async () => {
  const rules = ['on', 'nopass', '+@all', '&channel:*'];
  await client.ask('+OK\r\n', ['ACL', 'SETUSER', 'some', ...rules]);
  await client.ask('+OK\r\n', ['AUTH', 'some', 'any']);
  const refused = await client.ask('\r\n', ['SUBSCRIBE', ...names, 'other']);
  expect(refused).toMatch(/^-NOPERM .*channel/);
  expect(channels()).toBe(0);
  const allowed = await client.ask(subscribed.slice(-40), ['SUBSCRIBE', ...names]);
  expect(allowed).toBe(subscribed);
});

test('who goes meanwhile is a subscriber no more', async () => {
  const answer = client.ask('never', ['SUBSCRIBE', ...names]).catch(() => 'gone');
  await eventually(() => channels() > 0);
  client.destroy();
  await eventually(() => world.connections === 0);
  for (let turn = 0; turn < 80; turn++) {
    expect(channels()).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await answer).toBe('gone');
});

test('who has closed its side gets all confirmations', async () => {
  client.send(['SUBSCRIBE', ...names]);
  client.finish();
  expect(await client.untilEnd()).toBe(subscribed);
  expect(channels()).toBe(0);
});

test('a pause holds the rest of it', async () => {
  const { pause } = world.context;
  const answer = client.ask(subscribed.slice(-40), ['SUBSCRIBE', ...names]);
  await eventually(() => channels() > 0);
  pause.begin(100_000, 'all');
  const held = channels();
  expect(held).toBeLessThan(COUNT);
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(channels()).toBe(held);
  pause.end();
  expect(await answer).toBe(subscribed);
});

test('if a part is undone, for the log cannot be written, the client is told, and has what was confirmed', async () => {
  const { runner } = world.context.keyspace;
  const answer = client.ask('on.\r\n', ['SUBSCRIBE', ...names]);
  await eventually(() => channels() > 0);
  world.failNextWrite();
  runner.run({ run: () => world.context.keyspace.database(0).put('k', 'v') });
  const received = await answer;
  expect(received).toContain('MISCONF');
  const confirmed = received.split('subscribe\r\n').length - 1;
  expect(confirmed).toBeLessThan(COUNT);
  expect(channels()).toBe(confirmed);
});
