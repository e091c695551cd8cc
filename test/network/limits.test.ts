/** Limits of clients over real sockets: each can be set while the server runs, and is told in INFO. */

import { afterEach, expect, test } from 'vitest';
import { eventually, type RawClient, ServerWorld } from './network-world.js';

let world: ServerWorld;

afterEach(() => world.close());

async function open(): Promise<RawClient> {
  world = await ServerWorld.open({});
  return world.connect();
}

async function set(client: RawClient, ...pairs: readonly string[]): Promise<void> {
  await client.ask('+OK\r\n', ['CONFIG', 'SET', ...pairs]);
}

const clients = (): readonly { readonly name: string }[] => [...world.context.clients()];

function names(): readonly string[] {
  return clients().map(({ name }) => name);
}

async function named(name: string): Promise<RawClient> {
  const client = await world.connect();
  await client.ask('+OK\r\n', ['CLIENT', 'SETNAME', name]);
  return client;
}

test('maxclients', async () => {
  const client = await open();
  await world.connect();
  await set(client, 'maxclients', '2');
  expect(await (await world.connect()).untilEnd()).toBe('-ERR max number of clients reached\r\n');
  await set(client, 'maxclients', '3');
  const third = await world.connect();
  expect(await third.ask('+PONG\r\n', ['PING'])).toBe('+PONG\r\n');
});

test('timeout: who says nothing goes, but not who waits or watches', async () => {
  const client = await open();
  const idle = await named('idle');
  for (const [name, ...request] of [
    ['blocked', 'BLPOP', 'list', '0'],
    ['subscribed', 'SUBSCRIBE', 'channel'],
    ['monitor', 'MONITOR'],
  ]) {
    (await named(name as string)).send(request);
  }
  await set(client, 'timeout', '1');
  const alive = setInterval(() => client.send(['PING']), 200);
  await idle.untilEnd();
  await eventually(() => names().length === 4);
  clearInterval(alive);
  expect(names().slice(1)).toEqual(['blocked', 'subscribed', 'monitor']);
});

test('client-query-buffer-limit', async () => {
  const client = await open();
  await set(client, 'client-query-buffer-limit', '1mb');
  const other = await world.connect();
  other.socket.write(`*2\r\n$3\r\nGET\r\n$3000000\r\n${'x'.repeat(2_000_000)}`);
  await other.untilEnd();
  expect(world.context.statistics.queryLimitDisconnections).toBe(1);
});

test('maxmemory-clients: the largest goes, and nobody who said NO-EVICT', async () => {
  const client = await open();
  const [small, large, spared] = [
    await named('small'),
    await named('large'),
    await named('spared'),
  ];
  await spared.ask('+OK\r\n', ['CLIENT', 'NO-EVICT', 'on']);
  await set(client, 'maxmemory-clients', '3mb');
  const unfinished = (bytes: number) => `*2\r\n$3\r\nGET\r\n$9000000\r\n${'x'.repeat(bytes)}`;
  spared.socket.write(unfinished(1_500_000));
  large.socket.write(unfinished(1_200_000));
  small.socket.write(unfinished(200_000));
  await eventually(() => bytesIn() > 2_900_000);
  expect(names()).toHaveLength(4);
  small.socket.write('x'.repeat(400_000));
  await large.untilEnd();
  await eventually(() => names().length === 3);
  expect(names()).toEqual(['', 'small', 'spared']);
  expect(world.context.statistics.evictedClients).toBe(1);
});

function bytesIn(): number {
  return world.context.statistics.bytesRead;
}

test('maxmemory-clients as a share of maxmemory; transactions and replies count', async () => {
  const client = await open();
  const queuing = await named('queuing');
  await set(client, 'maxmemory-clients', '10%', 'maxmemory', '10mb');
  await queuing.ask('+OK\r\n', ['MULTI']);
  for (let i = 0; i < 4; i++) queuing.send(['SET', 'k', 'v'.repeat(300_000)]);
  await queuing.untilEnd();
  expect(names()).toEqual(['']);
  await set(client, 'maxmemory', '0');
});

test('maxmemory-clients: the arguments of a request count before it runs, and so do subscriptions', async () => {
  const client = await open();
  const [writer, reader] = [await named('writer'), await named('reader')];
  await set(client, 'maxmemory-clients', '1mb');
  writer.send(['SET', 'k', 'v'.repeat(1_100_000)]);
  await writer.untilEnd();
  await client.ask(':0\r\n', ['EXISTS', 'k']);
  for (let i = 0; i < 12_000; i++) reader.send(['SUBSCRIBE', `channel${i}`]);
  await reader.untilEnd();
  expect(names()).toEqual(['']);
});

test('who disconnects while it waits for a key watches nothing any more', async () => {
  await open();
  const watcher = await world.connect();
  await watcher.ask('+OK\r\n', ['WATCH', 'k']);
  watcher.send(['BLPOP', 'list', '0']);
  await eventually(() => clients().some((each) => (each as { isBlocked?: boolean }).isBlocked));
  expect(world.context.keyspace.watches.count).toBe(1);
  watcher.socket.destroy();
  await eventually(() => world.context.keyspace.watches.count === 0);
});

test('CLIENT PAUSE over sockets: a pipeline goes on in order when it is over', async () => {
  const client = await open();
  const other = await world.connect();
  await client.ask('+OK\r\n', ['CLIENT', 'PAUSE', '60000', 'WRITE']);
  other.send(['PING'], ['SET', 'k', '1'], ['INCR', 'k'], ['GET', 'k']);
  await other.until('+PONG\r\n');
  await client.ask('+OK\r\n', ['CLIENT', 'UNPAUSE']);
  expect(await other.until('$1\r\n2\r\n')).toBe('+OK\r\n:2\r\n$1\r\n2\r\n');
});

test('MONITOR over sockets', async () => {
  const client = await open();
  const watcher = await world.connect();
  await watcher.ask('+OK\r\n', ['MONITOR']);
  client.send(['SET', 'k', 'v'], ['GET', 'k']);
  const text = await watcher.until('"GET" "k"\r\n');
  expect(text.split('\r\n').map((line) => line.replace(/^.*\] /, ''))).toEqual([
    '"SET" "k" "v"',
    '"GET" "k"',
    '',
  ]);
  watcher.send(['QUIT']);
  await watcher.untilEnd();
  await eventually(() => !world.context.monitors.isOn);
});
