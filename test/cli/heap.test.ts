import { describe, expect, test } from 'vitest';
import { largerHeapFor } from '../../src/cli/heap.js';
import { automaticCacheSize, heapMegabytesFor } from '../../src/config/memory.js';

const MB = 1024 * 1024;
const GB = 1024 * MB;

describe('the heap', () => {
  test('is that of the process for a small cache', () => {
    expect(largerHeapFor(256 * MB, 2 * GB, [])).toBeUndefined();
  });

  test('has a young generation by the size of the cache, as far as that pays', () => {
    const young = [512 * MB, 1000 * MB, 1 * GB, 8 * GB].map(
      (cache) => largerHeapFor(cache, 4 * GB, [])?.maxYoungGenerationSizeMb,
    );
    expect(young).toEqual([96, 96, 192, 192]);
  });

  test('is made larger when the cache does not fit, never smaller', () => {
    const [needed, plenty] = [4, 64].map((limit) => largerHeapFor(4 * GB, limit * GB, []));
    expect(needed?.maxOldGenerationSizeMb).toBe(heapMegabytesFor(4 * GB));
    expect(heapMegabytesFor(4 * GB)).toBeGreaterThan(4096);
    expect(plenty?.maxOldGenerationSizeMb).toBe(64 * 1024);
  });

  test('has the young generation that was chosen by hand', () => {
    const limits = largerHeapFor(4 * GB, 4 * GB, ['--max-semi-space-size=8']);
    expect(limits).toEqual({ maxOldGenerationSizeMb: heapMegabytesFor(4 * GB) });
    expect(largerHeapFor(1 * GB, 4 * GB, ['--max_semi_space_size=8'])).toBeUndefined();
  });

  test.each(['--max-old-space-size=100', '--max_old_space_size=100'])(
    'is left alone with %s',
    (flag) => {
      expect(largerHeapFor(4 * GB, 100 * MB, [flag])).toBeUndefined();
    },
  );
});

test('the automatic cache is a quarter of the memory, from 16MB to 1GB', () => {
  const sizes = [1 * MB, 1 * GB, 64 * GB].map((memory) => automaticCacheSize(memory));
  expect(sizes).toEqual([16 * MB, 256 * MB, 1 * GB]);
});
