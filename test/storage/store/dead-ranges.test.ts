/** Which keys of a fold lie in ranges that have become garbage. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadRanges } from '../../../src/storage/store/dead-ranges.js';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 3 });
const range = fc.record({ from: key, to: key });

function deadKeys(
  ranges: readonly { from: string; to: string }[],
  keys: readonly string[],
): string[] {
  const dead = new DeadRanges(
    ranges.map(({ from, to }) => ({ from: Buffer.from(from), to: Buffer.from(to) })),
  );
  return keys.filter((each) => dead.has(Buffer.from(each)));
}

test('keys that a range has, one that overlaps or lies in another included', () => {
  const property = fc.property(fc.array(range), fc.array(key), (ranges, keys) => {
    const ascending = keys.sort();
    const expected = ascending.filter((each) =>
      ranges.some(({ from, to }) => from <= each && each < to),
    );
    expect(deadKeys(ranges, ascending)).toEqual(expected);
  });
  fc.assert(property);
});
