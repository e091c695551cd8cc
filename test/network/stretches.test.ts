/** A client that sends very much at once: it is served some milliseconds a turn of the event loop, and others between. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Dispatcher } from '../../src/dispatch/dispatcher.js';
import { makeCertificate } from '../support/certificates.js';
import { encodeCommand } from '../support/resp-connection.js';
import { freePort } from '../support/server.js';
import { eventually, RawClient, ServerWorld } from './network-world.js';

const MEGABYTE = 1024 * 1024;
const PONG = '+PONG\r\n';

let world: ServerWorld;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'diskdb-stretches-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  world = await ServerWorld.open({ environment });
}

/** A client of the port for TLS. */
async function connectTls(): Promise<RawClient> {
  const { cert, key } = makeCertificate('localhost');
  const files = [join(directory, 'cert.pem'), join(directory, 'key.pem')] as const;
  writeFileSync(files[0], cert);
  writeFileSync(files[1], key);
  const port = await freePort();
  await open({
    DISKDB_TLS_PORT: `${port}`,
    DISKDB_TLS_CERT_FILE: files[0],
    DISKDB_TLS_KEY_FILE: files[1],
    DISKDB_TLS_AUTH_CLIENTS: 'no',
  });
  return new RawClient(connect({ port, host: 'localhost', ca: cert }));
}

/** From now on each look at the clock takes a millisecond: there is one a request. */
function slowDown(): void {
  let time = world.context.clock.monotonic();
  vi.spyOn(world.context.clock, 'monotonic').mockImplementation(() => time++);
}

/** A client that is served already, and slowly from now on. */
async function slowClient(connectTo: () => Promise<RawClient>): Promise<RawClient> {
  const client = await connectTo();
  await client.ask(PONG, ['PING']);
  slowDown();
  return client;
}

/** How many requests come to be run, or to be looked at, in each turn of the event loop from now on. */
function requestsByTurn(step: 'execute' | 'resolve' = 'execute'): Map<number, number> {
  const counts = new Map<number, number>();
  let turn = 0;
  const original = Dispatcher.prototype[step] as (...args: unknown[]) => never;
  vi.spyOn(Dispatcher.prototype, step).mockImplementation(function (
    this: Dispatcher,
    ...args: unknown[]
  ) {
    counts.set(turn, (counts.get(turn) ?? 0) + 1);
    return original.apply(this, args);
  });
  const next = (): void => {
    turn++;
    if (Dispatcher.prototype[step] !== original) setImmediate(next);
  };
  setImmediate(next);
  return counts;
}

function pings(count: number): string[][] {
  return Array(count).fill(['PING']);
}

describe.each([
  ['plain', async () => open().then(() => world.connect())],
  ['TLS', connectTls],
])('over %s', (_, connectTo) => {
  test('requests are run for five milliseconds a turn, in order, and all are answered', async () => {
    const client = await slowClient(connectTo);
    const counts = requestsByTurn();
    const increments = Array.from({ length: 500 }, () => ['INCR', 'n']);
    const replies = increments.map((_, i) => `:${i + 1}\r\n`).join('');
    expect(await client.ask(':500\r\n', ...increments)).toBe(replies);
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(500);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(5);
    client.destroy();
  });

  test('those that are refused are, too', async () => {
    const client = await slowClient(connectTo);
    const counts = requestsByTurn('resolve');
    client.send(...Array.from({ length: 300 }, (_, i) => (i % 2 ? ['GET'] : ['NOSUCH'])), ['PING']);
    await client.until(PONG);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(5);
    client.destroy();
  });

  test('many reads of one turn are one stretch', async () => {
    const client = await slowClient(connectTo);
    const counts = requestsByTurn();
    const echo = ['ECHO', 'x'.repeat(16_000)];
    client.send(...Array(200).fill(echo), ['PING']);
    await client.until(PONG);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(5);
    client.destroy();
  });

  test('others are served between', async () => {
    const client = await connectTo();
    await client.ask(PONG, ['PING']);
    const other = await world.connect();
    slowDown();
    client.send(...Array.from({ length: 5000 }, () => ['INCR', 'n']));
    await client.untilBytes(1);
    const seen = await other.ask('\r\n', ['GET', 'n']);
    expect(Number(seen.split('\r\n')[1])).toBeLessThan(2500);
    client.destroy();
  });

  test('who waits for a key is read on for a while, and then fills its socket', async () => {
    const client = await slowClient(connectTo);
    const { statistics } = world.context;
    const before = statistics.bytesRead;
    const request = encodeCommand(['ECHO', 'x'.repeat(1000)]);
    const count = 20_000;
    client.send(...pings(100), ['BLPOP', 'list', '0']);
    client.socket.write(Buffer.concat(Array(count).fill(request)));
    await eventually(() => statistics.bytesRead - before > MEGABYTE);
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(statistics.bytesRead - before).toBeLessThan(1.5 * MEGABYTE);
    const other = await world.connect();
    await other.ask('\r\n', ['RPUSH', 'list', 'value']);
    await eventually(() => statistics.bytesRead - before > count * request.length);
    client.destroy();
  });

  test('who waits for a key and goes is seen to go', async () => {
    const client = await slowClient(connectTo);
    client.send(...pings(7), ['BLPOP', 'list', '0'], ...pings(7));
    await client.untilBytes(7 * PONG.length);
    client.destroy();
    await eventually(() => world.connections === 0);
  });

  test('who closes its side gets all replies', async () => {
    const client = await slowClient(connectTo);
    client.send(...pings(300));
    client.finish();
    expect(await client.untilEnd()).toBe(PONG.repeat(300));
  });
});

test('of many that send much one is served a turn', async () => {
  await open();
  const clients = await Promise.all(Array.from({ length: 10 }, () => world.connect()));
  for (const client of clients) await client.ask(PONG, ['PING']);
  slowDown();
  const counts = requestsByTurn();
  for (const client of clients) client.send(...pings(100));
  await Promise.all(clients.map((client) => client.untilBytes(100 * PONG.length)));
  // All begin when it has come.
  expect([...counts.values()].filter((count) => count > 10).length).toBeLessThanOrEqual(2);
});

test('who rests is not idle', async () => {
  await open();
  const client = await world.connect();
  await client.ask(PONG, ['PING']);
  slowDown();
  const start = world.context.clock.now();
  let now = start;
  vi.spyOn(world.context.clock, 'now').mockImplementation(() => (now += 1000));
  client.send(...pings(300));
  await client.untilBytes(300 * PONG.length);
  const [connected] = [...world.context.clients()];
  expect((connected?.lastActiveAt ?? 0) - start).toBeGreaterThan(30_000);
});

test('a request that comes in many pieces is read to its end', async () => {
  await open();
  const client = await world.connect();
  await client.ask(PONG, ['PING']);
  slowDown();
  expect(await client.ask('\r\n', ['SET', 'large', 'x'.repeat(MEGABYTE)])).toBe('+OK\r\n');
});

test('what needs no reply is run on, too', async () => {
  await open();
  const client = await world.connect();
  await client.ask('\r\n', ['ECHO', 'there']);
  slowDown();
  const gets = Array.from({ length: 100 }, () => ['GET', 'n']);
  client.send(['CLIENT', 'REPLY', 'OFF'], ...gets, ['CLIENT', 'REPLY', 'ON']);
  expect(await client.until('+OK\r\n')).toBe('+OK\r\n');
});

test('nothing is run any more for a client that is killed while it rests', async () => {
  await open();
  const client = await world.connect();
  const id = (await client.ask('\r\n', ['CLIENT', 'ID'])).slice(1, -2);
  const other = await world.connect();
  await other.ask(PONG, ['PING']);
  slowDown();
  client.send(...Array.from({ length: 1000 }, () => ['INCR', 'n']));
  await client.untilBytes(1);
  expect(await other.ask('\r\n', ['CLIENT', 'KILL', 'ID', id])).toBe(':1\r\n');
  const seen = await other.ask('\r\n', ['GET', 'n']);
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(await other.ask('\r\n', ['GET', 'n'])).toBe(seen);
  expect(Number(seen.split('\r\n')[1])).toBeLessThan(1000);
});

test('the server closes when all that had come is answered', async () => {
  await open();
  const client = await world.connect();
  await client.ask(PONG, ['PING']);
  slowDown();
  client.send(...pings(300));
  const first = await client.untilBytes(1);
  await world.server.close({ save: false });
  expect(first + (await client.untilEnd())).toBe(PONG.repeat(300));
});
