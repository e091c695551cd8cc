/** Which syncs the thread that writes the log does itself. */

import { expect, test } from 'vitest';
import { BlockingSyncs } from '../../../src/storage/log/blocking-syncs.js';

/** How many of the syncs are done here, if one takes so long, in milliseconds. */
function blocking(syncs: BlockingSyncs, count: number, milliseconds: number): number {
  let blocked = 0;
  for (let i = 0; i < count; i++) {
    if (!syncs.shouldBlock()) continue;
    blocked++;
    syncs.note(milliseconds);
  }
  return blocked;
}

test('short ones are, though one in a while is long', () => {
  const syncs = new BlockingSyncs(0.5);
  for (let i = 0; i < 10; i++) {
    expect(blocking(syncs, 100, 0.2)).toBe(100);
    expect(blocking(syncs, 1, 1000)).toBe(1);
  }
});

test('where they are long, one in many is tried', () => {
  const syncs = new BlockingSyncs(0.5);
  expect(blocking(syncs, 1000, 5)).toBeLessThan(20);
});

test('when they have become short again, they are again', () => {
  const syncs = new BlockingSyncs(0.5);
  blocking(syncs, 1000, 5);
  blocking(syncs, 200, 0.2);
  expect(blocking(syncs, 100, 0.2)).toBe(100);
});

test('none is if none may', () => {
  expect(blocking(new BlockingSyncs(0), 100, 0)).toBe(0);
});
