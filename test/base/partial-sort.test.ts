/** The beginning of what is sorted is that of the sorted whole, however many are equal. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortFirst } from '../../src/base/partial-sort.js';

test('the first items are those of the sorted whole', () => {
  const values = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }),
    fc.array(fc.double({ noNaN: true }), { maxLength: 200 }),
  );
  fc.assert(
    fc.property(values, fc.nat(220), (list, count) => {
      const items = [...list];
      sortFirst(items, count, (a, b) => Number(a > b) - Number(a < b));
      const sorted = list.toSorted((a, b) => a - b);
      expect(items.slice(0, count).map(Number)).toEqual(sorted.slice(0, count));
      expect(items.toSorted((a, b) => a - b)).toEqual(sorted);
    }),
    { numRuns: 1000 },
  );
});
