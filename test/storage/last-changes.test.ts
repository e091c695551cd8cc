/** The last change of each record, beside a plain map. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LastChanges } from '../../src/storage/last-changes.js';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const length = fc.oneof(
  fc.nat(20),
  fc.nat(300),
  fc.constantFrom(127, 128, 129, 200_000, 262_136, 262_137, 300_000, 1_048_576, 3_000_000),
);
const change = fc.record({ name, length: fc.option(length, { freq: 6 }), skip: fc.nat(9) });

function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 97) bytes[at] = (seed + at) % 251;
  return bytes;
}

test('is a map from names to the last value, or to nothing', () => {
  const property = fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
    const last = new LastChanges();
    const model = new Map<string, Buffer | undefined>();
    changes.forEach(({ name, length, skip }, index) => {
      const source = bytesOf(skip + (length ?? 0) + 5, index);
      const end = skip + (length ?? 0);
      if (length === null) last.delete(name);
      else last.put(name, source, skip, end);
      model.set(name, length === null ? undefined : source.subarray(skip, end));
    });
    expect([...last.names].sort()).toEqual([...model.keys()].sort());
    for (const [name, value] of model) {
      const found = last.valueOf(name);
      expect(found === undefined).toBe(value === undefined);
      if (value !== undefined) expect(found?.equals(value)).toBe(true);
    }
  });
  fc.assert(property, { numRuns: 100 });
});

test('a value in the place of one before it takes no further memory', () => {
  const last = new LastChanges();
  const put = (bytes: number): void => last.put('a', Buffer.alloc(bytes), 0, bytes);
  put(100);
  const { bytes } = last;
  for (const each of [100, 0, 100, 50]) put(each);
  expect(last.bytes).toBe(bytes);
  put(101);
  expect(last.bytes).toBeGreaterThan(bytes);
});

test('many small values share their buffers', () => {
  const last = new LastChanges();
  const value = Buffer.from('0123456789');
  for (let i = 0; i < 200_000; i++) last.put(`name ${i}`, value, 0, 10);
  expect(last.bytes).toBeLessThan(200_000 * 100);
  for (let i = 0; i < 200_000; i += 999)
    expect(last.valueOf(`name ${i}`)?.equals(value)).toBe(true);
});
