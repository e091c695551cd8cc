/** Sockets that read into one buffer: no client keeps the others from being read. */

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.js';
import { withSharedBuffer } from '../../src/network/shared-buffer.js';
import { eventually } from './network-world.js';

const BUFFER_BYTES = 1000;
const SENT_BYTES = 10_500;

let directory: string;
let server: Server;
let client: Socket;
let accepted: Socket;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'diskdb-shared-buffer-'));
  const path = join(directory, 'socket');
  const connection = new Promise<Socket>((resolve) => {
    server = createServer({ pauseOnConnect: true }, resolve).listen(path, () => {
      client = connect(path).on('error', () => undefined);
    });
  });
  accepted = await connection;
});

afterEach(() => {
  client.destroy();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Each look at it takes two milliseconds. */
const clock: Clock = { now: () => 0, monotonic: () => (time += 2) };
let time = 0;

/** Sends all at once; in which turns of the event loop how much of it is read. */
async function readings(onRead: (socket: Socket) => void): Promise<Map<number, number[]>> {
  await new Promise<void>((resolve) => client.write(Buffer.alloc(SENT_BYTES), () => resolve()));
  let turn = 0;
  const lengths = new Map<number, number[]>();
  const socket = withSharedBuffer(accepted, Buffer.alloc(BUFFER_BYTES), clock, (length) => {
    lengths.set(turn, [...(lengths.get(turn) ?? []), length]);
    onRead(socket);
  });
  socket.resume();
  const next = (): void => {
    turn++;
    if (!socket.destroyed) setImmediate(next);
  };
  next();
  const read = (): number => [...lengths.values()].flat().reduce((sum, length) => sum + length, 0);
  await eventually(() => read() === SENT_BYTES);
  socket.destroy();
  return lengths;
}

test('who goes on filling the buffer is read for five milliseconds a turn', async () => {
  const lengths = await readings(() => undefined);
  const full = BUFFER_BYTES;
  expect([...lengths.values()]).toEqual([
    [full, full, full],
    [full, full, full],
    [full, full, full],
    [full, 500],
  ]);
});

test('a socket that is paused meanwhile is read when it is resumed', async () => {
  let isPaused = false;
  let reads = 0;
  const lengths = await readings((socket) => {
    expect(isPaused).toBe(false);
    reads++;
    if (reads % 2 === 0) return;
    isPaused = true;
    socket.pause();
    setTimeout(() => {
      isPaused = false;
      socket.resume();
    }, 5);
  });
  expect([...lengths.values()].flat()).toHaveLength(11);
});

test('nothing is thrown for a socket that is destroyed while it waits for its turn', async () => {
  let reads = 0;
  client.write(Buffer.alloc(SENT_BYTES));
  const socket = withSharedBuffer(accepted, Buffer.alloc(BUFFER_BYTES), clock, () => {
    reads++;
    time += 10;
    socket.destroy();
  });
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads).toBe(1);
});
