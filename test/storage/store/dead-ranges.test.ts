/** Which keys of a fold lie in ranges that have become garbage. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadRanges } from '../../../src/storage/store/dead-ranges.js';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 3 });
const range = fc.record({ from: key, to: key });

async function deadKeys(
  ranges: readonly { from: string; to: string }[],
  keys: readonly string[],
): Promise<string[]> {
  const dead = new DeadRanges();
  for (const { from, to } of ranges) dead.add({ from: Buffer.from(from), to: Buffer.from(to) });
  await dead.sort();
  return keys.filter((each) => dead.has(Buffer.from(each)));
}

test('keys that a range has, one that overlaps or lies in another included', async () => {
  const property = fc.asyncProperty(fc.array(range), fc.array(key), async (ranges, keys) => {
    const ascending = keys.sort();
    const expected = ascending.filter((each) =>
      ranges.some(({ from, to }) => from <= each && each < to),
    );
    expect(await deadKeys(ranges, ascending)).toEqual(expected);
  });
  await fc.assert(property);
});
