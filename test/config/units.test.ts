import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/config/units.js';

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['100', 100],
    ['100b', 100],
    ['1k', 1000],
    ['1kb', 1024],
    ['1KiB', 1024],
    ['5m', 5_000_000],
    ['100MB', 100 * 1024 * 1024],
    ['1g', 1_000_000_000],
    ['2GB', 2 * 1024 ** 3],
    ['1TB', 1024 ** 4],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each([
    '',
    '1.5GB',
    '-1',
    '1 MB',
    'MB',
    '1zb',
    '1e3',
    '0x10',
    '99999999999999999',
    '1constructor',
  ])('%j is none', (text) => expect(parseSize(text)).toBeUndefined());

  test('are printed in the largest exact unit', () => {
    expect([0, 1000, 1024, 100 * 1024 ** 2, 1024 ** 4].map(formatSize)).toEqual([
      '0',
      '1000',
      '1KB',
      '100MB',
      '1TB',
    ]);
  });

  test('survive printing and reading', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
  });
});

describe('durations', () => {
  test.each([
    ['0', 0],
    ['1000ms', 1000],
    ['60s', 60_000],
    ['5m', 300_000],
    ['2H', 7_200_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '1000', '1.5s', '-1s', '1 s', '1d', 's'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  test('survive printing and reading', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
