import { expect, test } from 'vitest';
import { format17Digits, parseDouble, readDouble } from '../../src/base/double.js';

test.each([
  ['1', 1],
  ['+1.5e3', 1500],
  ['-0', -0],
  ['.5', 0.5],
  ['5.', 5],
  ['0x1.8p1', 3],
  ['-0X10', -16],
  ['inf', Infinity],
  ['-Infinity', -Infinity],
  ['4.9e-324', 5e-324],
  ['0e-999', 0],
  ['0x0.0p5', 0],
])('%s', (text, value) => {
  expect(parseDouble(text)).toBe(value);
});

test.each(['', ' 1', '1 ', '.', 'nan', '0x', '1e', '--1', 'infi', '1e400', '1e-400', '0x1p-2000'])(
  'no number: %j',
  (text) => {
    expect(parseDouble(text)).toBeUndefined();
  },
);

test('a number out of range may be read as what is nearest', () => {
  expect(readDouble('-1e400')).toBe(-Infinity);
  expect(readDouble('1e-400')).toBe(0);
});

test.each([
  [0.1, '0.10000000000000001'],
  [-0, '-0'],
  [3, '3'],
  [1e16, '10000000000000000'],
  [1e17, '1e+17'],
  [0.0001, '0.0001'],
  [0.00001, '1.0000000000000001e-05'],
  [-1.5e300, '-1.5000000000000001e+300'],
  [-Infinity, '-inf'],
  // Half-way between two texts: the even one.
  [8983326860106913 / 4, '2245831715026728.2'],
  [8983326860106915 / 4, '2245831715026728.8'],
])('%d with 17 digits', (value, text) => {
  expect(format17Digits(value)).toBe(text);
});
