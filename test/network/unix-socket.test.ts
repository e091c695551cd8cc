/** The unix socket: whose file it is, who may use it, and what clients that came through it are called. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServerWorld } from './network-world.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'diskdb-unix-'));
  path = join(directory, 'server.sock');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(): Promise<ServerWorld> {
  return ServerWorld.open({ environment: { DISKDB_UNIX_SOCKET: path } });
}

/** A process that dies without taking its socket's file along. */
function leaveSocketBehind(): void {
  const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program]);
}

test('is removed when the server closes', async () => {
  const world = await open();
  expect(statSync(path).isSocket()).toBe(true);
  await world.close();
  expect(existsSync(path)).toBe(false);
});

test('of a dead server is replaced', async () => {
  leaveSocketBehind();
  expect(statSync(path).isSocket()).toBe(true);
  const world = await open();
  expect(statSync(path).isSocket()).toBe(true);
  await world.close();
});

test('of a living server is refused, and stays', async () => {
  const world = await open();
  await expect(open()).rejects.toThrow(`${path} (unixsocket): another server listens there`);
  expect(existsSync(path)).toBe(true);
  await world.close();
});

test('is not put in the place of a file', async () => {
  writeFileSync(path, 'of somebody else');
  await expect(open()).rejects.toThrow('a file that is no socket is there');
  expect(existsSync(path)).toBe(true);
});

test('CLIENT LIST calls its clients by the path', async () => {
  const world = await ServerWorld.open();
  const client = await world.connect();
  const socket = join(world.directory, 'socket');
  const info = await client.ask('\r\n', ['CLIENT', 'INFO']);
  expect(info).toContain(` addr=${socket}:0 laddr=${socket}:0 `);
  expect(info).toContain(' flags=U ');
  const killed = await client.ask('\r\n', ['CLIENT', 'KILL', 'ADDR', `${socket}:0`]);
  expect(killed).toBe(':0\r\n'); // not oneself
  await world.close();
});
