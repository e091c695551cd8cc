/** Patches over what the store has. */

import { expect, test } from 'vitest';
import { Gathered } from '../../src/storage/gathered.js';
import { StoredPatches } from '../../src/storage/stored-patches.js';
import { patchOf } from './harness.js';

function add(patches: StoredPatches, name: string, offset: number, bytes: string): void {
  const source = patchOf(name, offset, Buffer.from(bytes));
  patches.add(source, 0, name.length, source.length);
}

function apply(patches: StoredPatches, name: string, value: string | undefined): string {
  const stored = value === undefined ? undefined : Buffer.from(value);
  return patches.apply(Buffer.from(name), stored).toString();
}

test('go over the value in the order of the log, and may make it longer', () => {
  const patches = new StoredPatches();
  add(patches, 'b', 1, 'xyz');
  add(patches, 'a', 0, '1');
  add(patches, 'b', 3, '!');
  add(patches, 'b', 6, 'longer');
  add(patches, 'b', 12, 'still');
  expect(patches.keys().map(String)).toEqual(['a', 'b']);
  expect(apply(patches, 'b', 'abcdef')).toBe('axy!eflongerstill');
  expect(apply(patches, 'a', '2')).toBe('1');
});

test('must go over something', () => {
  const patches = new StoredPatches();
  add(patches, 'a', 3, 'b');
  expect(apply(patches, 'a', 'abc')).toBe('abcb');
  expect(() => apply(patches, 'a', 'ab')).toThrow('byte 3 of "a", which has 2 bytes');
  expect(() => apply(patches, 'a', undefined)).toThrow('byte 3 of "a", which has no value');
});

test('count as what a fold has gathered', () => {
  const gathered = new Gathered(1, false);
  const before = gathered.bytes;
  add(gathered.patches, 'name', 0, 'x'.repeat(1000));
  expect(gathered.bytes - before).toBeGreaterThan(1000);
});
