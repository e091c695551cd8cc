/** Byte strings are sorted as Buffer.compare has it, whatever they have in common. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortByBytes, sortTexts, threeBytes } from '../../src/base/sort-by-bytes.js';

/** They lie behind each other: what stands behind one is none of it. */
async function sorted(strings: readonly Buffer[]): Promise<Buffer[]> {
  const bytes = Buffer.concat([...strings, Buffer.alloc(4, 0x55)]);
  const starts = [0];
  for (const { length } of strings) starts.push((starts.at(-1) as number) + length);
  const items = Int32Array.from(strings, (_, i) => i);
  await sortByBytes(items, (item, depth) =>
    threeBytes(bytes, (starts[item] as number) + depth, starts[item + 1] as number),
  );
  return Array.from(items, (item) => strings[item] as Buffer);
}

function expected(strings: readonly Buffer[]): Buffer[] {
  return [...strings].sort(Buffer.compare);
}

/** Few bytes, many alike: the ends, the smallest and the largest byte matter. */
const alike = fc
  .array(fc.constantFrom(0, 1, 127, 128, 254, 255), { maxLength: 12 })
  .map((bytes) => Buffer.from(bytes));
const any = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));

test('any strings, the same ones several times among them', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.oneof(alike, any), { maxLength: 200 }),
    async (strings) => {
      expect(await sorted(strings)).toEqual(expected(strings));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test('so many that they are sorted by digits: with and without something in common', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(3, 40, 256),
    fc.integer({ min: 1, max: 0x7fff_ffff }),
    async (prefixes, bytes, seed) => {
      let state = seed;
      const random = (below: number): number => {
        state = (Math.imul(state, 0x41c6_4e6d) + 0x3039) & 0x7fff_ffff;
        return (state >>> 8) % below;
      };
      const strings = Array.from({ length: 40_000 }, () => {
        const prefix = prefixes[random(prefixes.length)] as Uint8Array;
        const rest = Array.from({ length: random(9) }, () => 255 - random(bytes));
        return Buffer.from([...prefix, ...rest]);
      });
      const found = await sorted(strings);
      const wanted = expected(strings);
      expect(found.findIndex((each, i) => !each.equals(wanted[i] as Buffer))).toBe(-1);
    },
  );
  await fc.assert(property, { numRuns: 10 });
});

test('others run while many are sorted', async () => {
  const strings = Array.from({ length: 100_000 }, (_, i) =>
    Buffer.from(`string ${(i * 7919) % 100_000}`),
  );
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await sorted(strings);
  isDone = true;
  expect(turns).toBeGreaterThan(20);
});

test('texts in the order of their bytes', async () => {
  const text = fc.oneof(alike, any).map((bytes) => bytes.toString('latin1'));
  const property = fc.asyncProperty(fc.array(text, { maxLength: 200 }), async (texts) => {
    expect(await sortTexts(texts)).toEqual([...texts].sort());
  });
  await fc.assert(property, { numRuns: 300 });
});
