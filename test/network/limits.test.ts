/** Limits of clients over real sockets: each can be set while the server runs, and is told in INFO. */

import { afterEach, expect, test } from 'vitest';
import { bytesOfClient, clientLine } from '../../src/commands/connection/client-info.js';
import type { Client } from '../../src/commands/context.js';
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

test('maxmemory-clients: prefixes that a client tracks count', async () => {
  const client = await open();
  const tracker = await named('tracker');
  await set(client, 'maxmemory-clients', '100kb');
  for (let i = 0; i < 2000; i++) {
    tracker.send(['CLIENT', 'TRACKING', 'on', 'BCAST', 'PREFIX', `prefix${i}.`]);
  }
  await tracker.untilEnd();
  expect(names()).toEqual(['']);
});

test('maxmemory-clients: short requests take nothing, whose bytes are in a buffer that all share', async () => {
  const client = await open();
  const others = await Promise.all(Array.from({ length: 4 }, (_, i) => named(`${i}`)));
  await set(client, 'maxmemory-clients', String(bytesOfAll() + 100));
  for (const other of others) other.send(['SET', 'k', 'v'.repeat(10_000)], ['PING']);
  for (const other of others) await other.until('+PONG\r\n');
  expect(names()).toHaveLength(5);
  await set(client, 'maxmemory-clients', String(bytesOfAll() - 100));
  await eventually(() => names().length === 4);
});

function bytesOfAll(): number {
  return [...world.context.clients()].reduce((sum, each) => sum + bytesOfClient(each), 0);
}

test('CLIENT LIST shows what requests take, from the first byte until they are done', async () => {
  await open();
  const other = await named('other');
  const shown = () => {
    const [, found] = [...world.context.clients()];
    const line = clientLine(found as Client, world.context);
    return ['qbuf', 'qbuf-free', 'argv-mem', 'tot-mem'].map((field) =>
      Number(new RegExp(` ${field}=(\\d+)`).exec(line)?.[1]),
    );
  };
  const [, , , idle] = shown() as [number, number, number, number];
  const key = 'k'.repeat(1000);
  const request = `*3\r\n$5\r\nBLPOP\r\n$1000\r\n${key}\r\n$1\r\n0\r\n`;
  other.socket.write(request.slice(0, -4));
  await eventually(() => shown()[2] === 1005);
  const [rest, free] = shown() as [number, number];
  expect(rest).toBeLessThan(5);
  expect(shown()[3]).toBe(idle + rest + free + 1005);
  other.socket.write(request.slice(-4));
  await eventually(() => shown()[0] === 0 && shown()[2] === 1006);
  expect(shown()).toEqual([0, 0, 1006, idle + 1006]);
  await (await world.connect()).ask(':1\r\n', ['RPUSH', key, 'x']);
  await other.until('x\r\n');
  await eventually(() => shown()[2] === 0);
  expect(shown()).toEqual([0, 0, 0, idle]);
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
