/** CONFIG SET bind: addresses that exclude each other, and changes that fail. */

import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RespConnection } from '../support/resp-connection.js';
import { type Server, startServer } from '../support/server.js';

const LATER_MS = 100;

let server: Server;
let client: RespConnection;

beforeEach(async () => {
  server = await startServer('diskdb', { arguments: ['--bind', '127.0.0.1'] });
  client = await RespConnection.open(server.port);
});

afterEach(async () => {
  client.close();
  await server.stop();
});

async function set(...pairs: readonly string[]): Promise<string> {
  return (await client.send('CONFIG', 'SET', ...pairs)).toString();
}

async function answersAt(host: string): Promise<boolean> {
  try {
    const other = await RespConnection.open(server.port, host);
    const reply = await other.send('PING');
    other.close();
    return reply.toString() === '+PONG\r\n';
  } catch {
    return false;
  }
}

async function reached(): Promise<boolean[]> {
  return [await answersAt('127.0.0.1'), await answersAt('127.0.0.2')];
}

test('from one address to all, to another, and back', async () => {
  expect(await reached()).toEqual([true, false]);
  expect(await set('bind', '*')).toBe('+OK\r\n');
  expect(await reached()).toEqual([true, true]);
  expect(await set('bind', '127.0.0.2')).toBe('+OK\r\n');
  expect(await reached()).toEqual([false, true]);
  expect(await set('bind', '127.0.0.2 127.0.0.1')).toBe('+OK\r\n');
  expect(await reached()).toEqual([true, true]);
  expect(await set('bind', '*')).toBe('+OK\r\n');
  expect(await set('bind', '127.0.0.1')).toBe('+OK\r\n');
  expect(await reached()).toEqual([true, false]);
  expect((await client.send('PING')).toString()).toBe('+PONG\r\n');
});

test('one of which fails leaves all as it was', async () => {
  expect(await set('bind', '*')).toBe('+OK\r\n');
  expect(await set('bind', '127.0.0.1 192.0.2.1')).toMatch(
    /^-ERR CONFIG SET failed .*'bind'\) - Failed to bind to specified addresses/,
  );
  await sleep(LATER_MS);
  expect(await reached()).toEqual([true, true]);
  expect(await set('bind', '127.0.0.1', 'maxmemory', 'much')).toMatch(/^-ERR CONFIG SET failed/);
  await sleep(LATER_MS);
  expect(await reached()).toEqual([true, true]);
  expect((await client.send('CONFIG', 'GET', 'bind')).toString()).toContain('\r\n*\r\n');
});

test('that somebody else has is refused', async () => {
  const other = createServer().listen(server.port, '127.0.0.2');
  await new Promise((done) => other.on('listening', done));
  expect(await set('bind', '127.0.0.1 127.0.0.2')).toMatch(/^-ERR CONFIG SET failed .*EADDRINUSE/);
  expect(await set('bind', '*')).toMatch(/^-ERR CONFIG SET failed .*EADDRINUSE/);
  await sleep(LATER_MS);
  expect(await answersAt('127.0.0.1')).toBe(true);
  other.close();
});
