import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDouble } from '../../src/protocol/double.js';

test.each([
  [0, '0'],
  [-0, '-0'],
  [3, '3'],
  [-17, '-17'],
  [1.5, '1.5'],
  [-1.5, '-1.5'],
  [0.1, '0.1'],
  [0.1 + 0.2, '0.30000000000000004'],
  [3.15159265358979, '3.15159265358979'],
  [1234.5678, '1234.5678'],
  [123456.789, '123456.789'],
  [123456.7890123, '1.234567890123e+5'],
  [0.001, '0.001'],
  [0.00001, '0.00001'],
  [0.000001, '0.000001'],
  [0.0000001, '1e-7'],
  [-1.5e-7, '-1.5e-7'],
  [0.000123456789, '1.23456789e-4'],
  [1e15, '1000000000000000'],
  [2 ** 53 + 2, '9007199254740994'],
  [1e17, '100000000000000000'],
  [2 ** 60, '1152921504606846976'],
  [2 ** 62, '4611686018427387904'],
  [2 ** 63, '9223372036854776000'],
  [1e19, '1e+19'],
  [1.7e19, '1.7e+19'],
  [1e20, '1e+20'],
  [-1e21, '-1e+21'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
  [Number.MIN_VALUE, '5e-324'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
  [Number.NaN, 'nan'],
])('%d is %s', (value, text) => {
  expect(formatDouble(value)).toBe(text);
});

test('reads back as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(formatDouble(value))).toBe(value);
    }),
    { numRuns: 5000 },
  );
});
