import { expect, test } from 'vitest';
import { parseDouble, readDouble } from '../../src/base/double.js';

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
