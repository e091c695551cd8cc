/** Buckets of times: what redis-server 7.0.15 printed for the same times, and their precision. */

import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/base/latency-histogram.js';

function of(...microseconds: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const time of microseconds) histogram.record(time);
  return histogram;
}

describe('percentiles', () => {
  test.each([
    [8, 8.031],
    [3, 3.007],
    [4, 4.015],
    [9, 9.023],
    [32, 32.127],
    [43, 43.007],
    [10, 10.047],
    [1, 1.003],
  ])('of %d µs alone', (time, printed) => {
    for (const percent of [50, 99, 100]) expect(of(time).percentile(percent)).toBe(printed);
  });

  test('are of the whole', () => {
    const histogram = of(...Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(histogram.percentile(0)).toBe(1);
    for (const percent of [1, 10, 50, 90, 99, 99.9, 100]) {
      const exact = percent * 10;
      expect(histogram.percentile(percent)).toBeGreaterThanOrEqual(exact);
      expect(histogram.percentile(percent)).toBeLessThan(exact * 1.01);
    }
  });

  test('of nothing, of less than a nanosecond, and of more than a second', () => {
    expect(of().percentile(50)).toBe(0);
    expect(of(0).percentile(50)).toBe(0.001);
    expect(of(5_000_000).percentile(50)).toBeCloseTo(1_003_487.231, -4);
    expect(of(1e12).percentile(50)).toBe(of(1_000_000).percentile(50));
  });
});

describe('steps', () => {
  test('are powers of two, with how many took no longer; those without any are left out', () => {
    expect([...of(8).steps()]).toEqual([[8, 1]]);
    expect([...of(0, 1, 2, 3, 100, 100).steps()]).toEqual([
      [1, 2],
      [2, 3],
      [4, 4],
      [132, 6],
    ]);
    expect([...of().steps()]).toEqual([]);
  });

  test('reach to a second, and count all', () => {
    expect([...of(1e9).steps()]).toEqual([[1_082_130, 1]]);
    const times = Array.from({ length: 500 }, (_, i) => 1.07 ** i);
    expect([...of(...times).steps()].at(-1)?.[1]).toBe(500);
  });
});
