/** Blocking requests to another thread: each gets its own answer, whatever came late or woke the caller before. */

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BlockingPort } from '../../../src/storage/thread/blocking-port.js';

interface Request {
  readonly text: string;
  /** The other thread is busy for so long before it answers, in milliseconds. */
  readonly busyMs?: number;
  /** How often it wakes the caller before. */
  readonly nudges?: number;
}

const TIMEOUT_MS = 500;

/** Must do what `countAnswer` does, which a worker made of text cannot import; with what may come between. */
const OTHER_SIDE = `
const { workerData: { port, counter } } = require('node:worker_threads');
const pause = new Int32Array(new SharedArrayBuffer(4));
port.on('message', ({ id, body: { text, busyMs = 0, nudges = 0 } }) => {
  for (let i = 0; i < nudges; i++) {
    Atomics.wait(pause, 0, 0, 5);
    Atomics.notify(counter, 0);
  }
  if (busyMs > 0) Atomics.wait(pause, 0, 0, busyMs);
  port.postMessage({ id, body: text });
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
});
`;

let worker: Worker;
let blocking: BlockingPort<Request, string>;

beforeEach(async () => {
  const { port1, port2: port } = new MessageChannel();
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { port, counter };
  worker = new Worker(OTHER_SIDE, { eval: true, workerData, transferList: [port] });
  await once(worker, 'online');
  blocking = new BlockingPort(port1, counter, TIMEOUT_MS);
});

afterEach(async () => {
  blocking.close();
  await worker.terminate();
});

function ask(request: Request): string {
  return blocking.ask(request, []);
}

it('answers one after the other', () => {
  for (let i = 0; i < 2000; i++) expect(ask({ text: `${i}` })).toBe(`${i}`);
});

it('sleeps on if it is woken without an answer', () => {
  for (let i = 0; i < 10; i++) expect(ask({ text: `${i}`, nudges: 3 })).toBe(`${i}`);
});

it('fails if there is no answer in time, and passes over it when it comes', () => {
  for (let round = 0; round < 2; round++) {
    expect(() => ask({ text: 'late', busyMs: TIMEOUT_MS + 200 })).toThrow('did not answer');
    for (let i = 0; i < 20; i++) expect(ask({ text: `${i}` })).toBe(`${i}`);
  }
});

it('passes over a late answer that came between two requests', () => {
  expect(() => ask({ text: 'late', busyMs: TIMEOUT_MS + 50 })).toThrow('did not answer');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  expect(ask({ text: 'next' })).toBe('next');
});
