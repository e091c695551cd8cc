import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overwrite } from '../../src/base/overwrite.js';

/** Around the bytes that a buffer is kept for. */
const text = fc
  .tuple(fc.string({ unit: 'binary-ascii', maxLength: 20 }), fc.constantFrom(0, 16_370, 20_000))
  .map(([bytes, more]) => 'x'.repeat(more) + bytes);

test('bytes go over others, zeros between them and a shorter text', () => {
  fc.assert(
    fc.property(text, fc.nat(16_400), text, (before, offset, piece) => {
      const start = before.slice(0, offset).padEnd(offset, '\0');
      const expected = start + piece + before.slice(offset + piece.length);
      expect(overwrite(before, offset, piece)).toBe(expected);
    }),
  );
});

test('bytes above 127 stay as they are', () => {
  expect(overwrite('\xff\x80', 3, '\xfe')).toBe('\xff\x80\0\xfe');
});
