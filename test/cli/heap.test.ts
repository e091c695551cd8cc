import { describe, expect, test } from 'vitest';
import { largerHeapFor } from '../../src/cli/heap.js';
import { automaticCacheSize, heapMegabytesFor } from '../../src/config/memory.js';

const MB = 1024 * 1024;
const GB = 1024 * MB;

describe('the heap', () => {
  test('is enough for the automatic cache on machines of 8 GB and more', () => {
    // V8's own limit is half of the memory, up to 4 GB (Node 20).
    for (const memory of [8 * GB, 16 * GB, 64 * GB, 512 * GB]) {
      const limit = Math.min(memory / 2, 4 * GB);
      expect(largerHeapFor(automaticCacheSize(memory), limit, [])).toBeUndefined();
    }
  });

  test('is made larger when the cache does not fit', () => {
    expect(largerHeapFor(4 * GB, 4 * GB, [])).toBe(heapMegabytesFor(4 * GB));
    expect(heapMegabytesFor(4 * GB)).toBeGreaterThan(4096);
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
