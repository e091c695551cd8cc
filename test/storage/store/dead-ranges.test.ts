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
  const dead = new DeadRanges();
  for (const { from, to } of ranges) dead.add({ from: Buffer.from(from), to: Buffer.from(to) });
  dead.begin();
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

test('of very many ranges some are looked at', () => {
  const ranges = Array.from({ length: 30_000 }, (_, i) => {
    const from = String(i).padStart(6, '0');
    return { from, to: `${from}x` };
  });
  expect(deadKeys(ranges, ['000000', '000001', '029999', '030000']).length).toBeGreaterThan(1);
});
