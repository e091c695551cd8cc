/** Requests that come one by one from several clients, in one turn of the event loop: what is served when. */

import { afterEach, expect, test, vi } from 'vitest';
import { Connection } from '../../src/network/connection.js';
import { encodeCommand } from '../support/resp-connection.js';
import { type RawClient, ServerWorld } from './network-world.js';

let world: ServerWorld;

afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

/** A client, and its connection, to which a test gives what "has come" itself: nothing else happens in between. */
interface Pair {
  readonly client: RawClient;
  readonly connection: Connection;
}

async function open(count: number): Promise<Pair[]> {
  world = await ServerWorld.open();
  const received = vi.spyOn(Connection.prototype, 'receive');
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    const client = await world.connect();
    await client.ask('\r\n', ['ECHO', 'there']);
    client.take();
    pairs.push({ client, connection: received.mock.contexts.at(-1) as Connection });
  }
  received.mockRestore();
  return pairs;
}

function give({ connection }: Pair, ...commands: readonly (readonly string[])[]): void {
  const bytes = Buffer.concat(commands.map((args) => encodeCommand(args)));
  connection.receive(bytes, bytes.length);
}

function storedAt(key: string): unknown {
  return world.context.keyspace.runner.run({
    run: () => world.context.keyspace.database(0).get(key),
  });
}

test('they are served together when the turn ends, in the order in which they came', async () => {
  const [one, two, three] = (await open(3)) as [Pair, Pair, Pair];
  const warm = vi.spyOn(world.context.keyspace.warmer, 'warm');
  give(one, ['SET', 'k', '1']);
  give(two, ['INCR', 'k']);
  give(three, ['GET', 'k']);
  expect(storedAt('k')).toBeUndefined();
  expect(await three.client.until('2\r\n')).toBe('$1\r\n2\r\n');
  expect(await one.client.until('\r\n')).toBe('+OK\r\n');
  expect(await two.client.until('\r\n')).toBe(':2\r\n');
  const requests = [
    ['SET', 'k', '1'],
    ['INCR', 'k'],
    ['GET', 'k'],
  ];
  expect(warm.mock.calls).toEqual([[0, requests]]);
});

test('a pipeline that comes after them is served after them', async () => {
  const [one, two] = (await open(2)) as [Pair, Pair];
  give(one, ['SET', 'k', '1']);
  give(two, ['GET', 'k'], ['INCR', 'k']);
  expect(storedAt('k')).toBe('2');
  expect(await two.client.until(':2\r\n')).toBe('$1\r\n1\r\n:2\r\n');
  expect(await one.client.until('\r\n')).toBe('+OK\r\n');
});

test('what follows from the same client is served after it, whole or in parts', async () => {
  const [pair] = (await open(1)) as [Pair];
  give(pair, ['SET', 'k', '1']);
  give(pair, ['INCR', 'k']);
  expect(storedAt('k')).toBe('2');
  give(pair, ['INCR', 'k']);
  const rest = encodeCommand(['INCR', 'k']);
  pair.connection.receive(rest.subarray(0, 10), 10);
  expect(storedAt('k')).toBe('3');
  pair.connection.receive(rest.subarray(10), rest.length - 10);
  expect(await pair.client.until(':4\r\n')).toBe('+OK\r\n:2\r\n:3\r\n:4\r\n');
});

test('a request with the beginning of another behind it is served at once', async () => {
  const [pair] = (await open(1)) as [Pair];
  const bytes = Buffer.concat([encodeCommand(['SET', 'k', '1']), Buffer.from('*2\r\n$3')]);
  pair.connection.receive(bytes, bytes.length);
  expect(storedAt('k')).toBe('1');
});

test('so is one with what is no request behind it', async () => {
  const [pair] = (await open(1)) as [Pair];
  const bytes = Buffer.concat([encodeCommand(['SET', 'k', '1']), Buffer.from('*1\r\n$-5\r\n')]);
  pair.connection.receive(bytes, bytes.length);
  expect(storedAt('k')).toBe('1');
  expect(await pair.client.untilEnd()).toMatch(/^\+OK\r\n-ERR Protocol error/);
});

test('after thirty-two they are served before more come', async () => {
  const pairs = await open(33);
  for (const pair of pairs.slice(0, 31)) give(pair, ['INCR', 'k']);
  expect(storedAt('k')).toBeUndefined();
  for (const pair of pairs.slice(31)) give(pair, ['INCR', 'k']);
  expect(storedAt('k')).toBe('32');
  expect(await pairs[32]?.client.until('\r\n')).toBe(':33\r\n');
});

test('of a client that is gone by then nothing is run, and the others are served', async () => {
  const [one, two, three] = (await open(3)) as [Pair, Pair, Pair];
  give(one, ['INCR', 'k']);
  give(two, ['INCR', 'k']);
  give(three, ['INCR', 'k']);
  two.connection.kill();
  expect(await three.client.until('\r\n')).toBe(':2\r\n');
  expect(await two.client.untilEnd()).toBe('');
});

test('a client that closes its side behind its request gets the reply', async () => {
  const [one, two] = (await open(2)) as [Pair, Pair];
  give(one, ['INCR', 'k']);
  give(two, ['INCR', 'k']);
  two.connection.finish();
  expect(await two.client.untilEnd()).toBe(':2\r\n');
  expect(await one.client.until('\r\n')).toBe(':1\r\n');
});

test('what follows AUTH is read when it was served', async () => {
  const [pair] = (await open(1)) as [Pair];
  await pair.client.ask('+OK\r\n', ['CONFIG', 'SET', 'requirepass', 'secret']);
  const stranger = await world.connect();
  const received = vi.spyOn(Connection.prototype, 'receive');
  await stranger.ask('\r\n', ['PING']);
  const connection = received.mock.contexts.at(-1) as Connection;
  received.mockRestore();
  give({ client: stranger, connection }, ['AUTH', 'secret']);
  give({ client: stranger, connection }, ['DEL', ...Array.from({ length: 20 }, (_, i) => `k${i}`)]);
  expect(await stranger.until(':0\r\n')).toBe('+OK\r\n:0\r\n');
});

test('if the turn cannot be logged, all are told', async () => {
  const [one, two] = (await open(2)) as [Pair, Pair];
  world.failNextWrite();
  give(one, ['SET', 'k', '1']);
  give(two, ['GET', 'k']);
  expect(await one.client.until('on.\r\n')).toContain('MISCONF');
  expect(await two.client.until('on.\r\n')).toContain('MISCONF');
  expect(storedAt('k')).toBeUndefined();
});

test('CLIENT INFO shows the bytes of its own request', async () => {
  const [{ client }] = (await open(1)) as [Pair];
  const { length } = encodeCommand(['CLIENT', 'INFO']);
  expect(await client.ask('\r\n', ['CLIENT', 'INFO'])).toContain(` qbuf=${length} `);
});

test('keys of the first one’s database are looked at, and a cold one keeps only its own client waiting', async () => {
  const [one, two, three] = (await open(3)) as [Pair, Pair, Pair];
  await one.client.ask('+OK\r\n', ['SET', 'cold', 'x']);
  await three.client.ask('+OK\r\n', ['SELECT', '1']);
  await world.chill();
  const { release } = world.holdLoads();
  const warm = vi.spyOn(world.context.keyspace.warmer, 'warm');
  give(one, ['GET', 'cold']);
  give(two, ['SET', 'k', '1']);
  give(three, ['GET', 'k']);
  expect(await two.client.until('\r\n')).toBe('+OK\r\n');
  expect(await three.client.until('\r\n')).toBe('$-1\r\n');
  expect(warm.mock.calls).toEqual([
    [
      0,
      [
        ['GET', 'cold'],
        ['SET', 'k', '1'],
      ],
    ],
  ]);
  give(one, ['GET', 'k']);
  give(two, ['INCR', 'k']);
  expect(await two.client.until('\r\n')).toBe(':2\r\n');
  expect(one.client.take()).toBe('');
  release();
  expect(await one.client.until('2\r\n')).toBe('$1\r\nx\r\n$1\r\n2\r\n');
});
