import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterScore, decodeScore, encodeScore } from '../../src/types/sorted-set/score.js';

const score = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE),
);

test('bytes of scores read back, and are in the order of the scores', () => {
  fc.assert(
    fc.property(score, score, (a, b) => {
      expect(decodeScore(`x${encodeScore(a)}y`, 1)).toBe(a);
      if (a < b) {
        expect(encodeScore(a) < encodeScore(b)).toBe(true);
        expect(afterScore(a) <= encodeScore(b)).toBe(true);
      }
      expect(afterScore(a) > encodeScore(a)).toBe(true);
    }),
  );
  expect(encodeScore(-0) < encodeScore(0)).toBe(true);
});
