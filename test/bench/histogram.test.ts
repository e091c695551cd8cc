import { describe, expect, it } from 'vitest';
import { Histogram } from '../../native-free-bench/histogram.js';

describe('Histogram', () => {
  it('is exact for small values', () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 100; value++) histogram.record(value);
    expect([50, 95, 99, 100].map((percent) => histogram.percentile(percent))).toEqual([
      50, 95, 99, 100,
    ]);
  });

  it('is right within 0.8 % for values of any size', () => {
    for (const value of [255, 256, 257, 1000, 65_535, 65_536, 1_000_003, 2 ** 31, 2 ** 32 - 1]) {
      const histogram = new Histogram();
      histogram.record(value);
      histogram.record(2 ** 32 - 1);
      const found = histogram.percentile(50);
      expect(found).toBeGreaterThanOrEqual(value);
      expect(found).toBeLessThanOrEqual(value * 1.008);
    }
  });

  it('never reports more than the largest value', () => {
    const histogram = new Histogram();
    histogram.record(1_000_003, 10);
    expect(histogram.percentile(99.9)).toBe(1_000_003);
    expect(histogram.max).toBe(1_000_003);
  });

  it('counts repeated values and gives their mean', () => {
    const histogram = new Histogram();
    histogram.record(10, 3);
    histogram.record(50);
    expect(histogram.count).toBe(4);
    expect(histogram.mean).toBe(20);
    expect(histogram.percentile(75)).toBe(10);
    expect(histogram.percentile(76)).toBe(50);
  });

  it('merges', () => {
    const [first, second] = [new Histogram(), new Histogram()];
    first.record(1, 99);
    second.record(5000);
    first.merge(second);
    expect(first.count).toBe(100);
    expect(first.percentile(99)).toBe(1);
    expect(first.percentile(100)).toBe(5000);
  });

  it('gives 0 when empty and caps what is too large', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(50)).toBe(0);
    expect(histogram.mean).toBe(0);
    histogram.record(1e15);
    expect(histogram.max).toBe(2 ** 32 - 1);
  });
});
