/** 80-bit arithmetic: known sums, limits, and texts that are no numbers. */

import { expect, test } from 'vitest';
import {
  addLongDoubles,
  formatLongDouble,
  isFiniteLongDouble,
  parseLongDouble,
} from '../../src/base/long-double.js';

function parse(text: string) {
  const value = parseLongDouble(text);
  if (value === undefined) throw new Error(`${text} is no number`);
  return value;
}

function sum(a: string, b: string): string {
  return formatLongDouble(addLongDoubles(parse(a), parse(b)));
}

test.each([
  ['0.1', '0.2', '0.3'],
  ['3.0e3', '200', '3200'],
  ['10.5', '0.1', '10.6'],
  ['-1.5', '1.5', '0'],
  ['1', '-1.1', '-0.1'],
  ['17', '1e-20', '17'],
  ['9223372036854775807', '1', '9223372036854775808'],
  ['0x1.8p1', '1', '4'],
  ['.5', '5.', '5.5'],
])('%s + %s is %s', (a, b, expected) => {
  expect(sum(a, b)).toBe(expected);
});

test('what is too large for 80 bits is infinite, and a text of it no number', () => {
  expect(isFiniteLongDouble(addLongDoubles(parse('1e4932'), parse('1.1e4932')))).toBe(false);
  expect(isFiniteLongDouble(parse('-inf'))).toBe(false);
  for (const text of ['1e4933', '1e999999999', '1e-5000', '1e-99999999999']) {
    expect(parseLongDouble(text)).toBeUndefined();
  }
});

test('only whole numbers are numbers', () => {
  for (const text of ['', ' 1', '1 ', 'nan', 'NAN', '0x', '1e', '.', '+-1', '1\0', 'abc', '1,5']) {
    expect(parseLongDouble(text)).toBeUndefined();
  }
});
