/** Requests that are parsed and wait: in which order they come, what they hold, and how often they are looked at. */

import { expect, test } from 'vitest';
import type { KeyWarmer } from '../../src/keyspace/key-warmer.js';
import { RequestQueue } from '../../src/network/request-queue.js';
import { RequestParser } from '../../src/protocol/request-parser.js';

function queueOf(text: string): { queue: RequestQueue; warmed: number[] } {
  const parser = new RequestParser();
  parser.authenticated = true;
  const warmed: number[] = [];
  const warmer = {
    warm: (_index: number, requests: readonly unknown[]) => warmed.push(requests.length),
  };
  const queue = new RequestQueue(parser, warmer as unknown as KeyWarmer);
  parser.push(Buffer.from(text), 0, text.length);
  return { queue, warmed };
}

function gets(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `GET k${from + i}\r\n`).join('');
}

test('they come in order, sixteen at a time; what is served holds nothing', () => {
  const { queue, warmed } = queueOf(gets(0, 33));
  for (let i = 0; i < 33; i++) {
    expect(queue.next(0)).toEqual(['GET', `k${i}`]);
    const before = queue.bytes;
    queue.served();
    expect(queue.bytes).toBe(before - `GETk${i}`.length);
  }
  expect(queue.next(0)).toBeUndefined();
  expect(queue.bytes).toBe(0);
  expect(warmed).toEqual([16, 16]);
});

test('behind one that waits each is looked at twice, however many waited before', () => {
  const { queue } = queueOf(gets(0, 700));
  const looks = new Map<unknown, number>();
  for (let i = 0; i < 700; i++) {
    expect(queue.next(0)).toEqual(['GET', `k${i}`]);
    if (i % 3 === 0) queue.lookAhead(([, key]) => looks.set(key, (looks.get(key) ?? 0) + 1));
    queue.served();
  }
  expect(queue.next(0)).toBeUndefined();
  expect(looks.get('k0')).toBeUndefined();
  expect(looks.get('k1')).toBe(1);
  for (let i = 4; i < 700; i++) expect([i, looks.get(`k${i}`)]).toEqual([i, 2]);
});

test('an error comes in its turn, and nothing after it', () => {
  const { queue } = queueOf(`${gets(0, 2)}*1\r\n$-5\r\n${gets(2, 4)}`);
  expect(queue.next(0)).toEqual(['GET', 'k0']);
  queue.served();
  expect(queue.next(0)).toEqual(['GET', 'k1']);
  queue.served();
  for (let i = 0; i < 2; i++) expect(() => queue.next(0)).toThrow('invalid bulk length');
});

test('a single one is told from what has more behind it, whole or not', () => {
  expect(queueOf(gets(0, 1)).queue.single()).toEqual(['GET', 'k0']);
  for (const behind of [gets(1, 2), '*', 'PI', '*1\r\n$-5\r\n']) {
    const { queue, warmed } = queueOf(gets(0, 1) + behind);
    expect(queue.single()).toBeUndefined();
    expect(warmed).toEqual([]);
    expect(queue.next(0)).toEqual(['GET', 'k0']);
    expect(warmed).toEqual(behind === gets(1, 2) ? [2] : []);
  }
  expect(queueOf('').queue.single()).toBeUndefined();
  expect(queueOf('*1\r\n').queue.single()).toBeUndefined();
});
