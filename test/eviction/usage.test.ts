/** When, or how often, a key was used. */

import { expect, test } from 'vitest';
import { isVisited, Usage, unvisited } from '../../src/keyspace/usage.js';

function at(seconds: number, usage = new Usage()): Usage {
  usage.advance(seconds * 1000);
  return usage;
}

test('seconds since the last use', () => {
  const usage = at(100);
  const entry = { usage: usage.ofNew };
  expect(isVisited(entry.usage)).toBe(false);
  at(130, usage);
  expect(usage.idleSeconds(entry)).toBe(30);
  usage.touch(entry);
  expect(isVisited(entry.usage)).toBe(true);
  at(135, usage);
  entry.usage = unvisited(entry.usage);
  expect(usage.idleSeconds(entry)).toBe(5);
  usage.setIdle(entry, 1000);
  expect(usage.idleSeconds(entry)).toBe(1000);
});

test('uses are counted, more slowly the more there are, and forgotten with time', () => {
  const usage = at(6000);
  usage.count(true);
  const entry = { usage: usage.ofNew };
  expect(usage.frequency(entry)).toBe(5);
  for (let i = 0; i < 10_000; i++) usage.touch(entry);
  const count = usage.frequency(entry);
  expect(count).toBeGreaterThan(20);
  expect(count).toBeLessThan(120);
  at(6000 + 60 * 7, usage);
  expect(usage.frequency(entry)).toBe(count - 7);
  usage.setFrequency(entry, 255);
  usage.touch(entry);
  expect(usage.frequency(entry)).toBe(255);
});
