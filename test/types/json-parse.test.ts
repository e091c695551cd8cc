/** JSON text to values and back: nothing is lost on the way. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combine, numberText } from '../../src/types/json/number.js';
import { JsonError, parseJson, parseJsonNumber } from '../../src/types/json/parse.js';
import { jsonText } from '../../src/types/json/text.js';
import { isNumber, type Json } from '../../src/types/json/value.js';

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('what JSON.stringify writes is read, and written as it was read', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 5, noUnicodeString: false }),
      fc.integer({ min: 0, max: 3 }),
      (json, indent) => {
        const text = latin1(JSON.stringify(JSON.parse(json), undefined, indent));
        const compact = jsonText(parseJson(text));
        expect(JSON.parse(utf8(compact))).toEqual(JSON.parse(utf8(text)));
        expect(jsonText(parseJson(compact))).toBe(compact);
      },
    ),
    { numRuns: 300 },
  );
});

test('what JSON.parse refuses is refused, and nothing else', () => {
  const token = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '1',
      '-',
      '.5',
      'e1',
      '0',
      'true',
      'nul',
      'l',
      ' ',
      '\t',
      '"\\u12',
      '"\\n"',
    ],
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), (tokens) => {
      const text = tokens.join('');
      if (isJson(text)) parseJson(text);
      else expect(() => parseJson(text)).toThrow(JsonError);
    }),
    { numRuns: 2000 },
  );
});

/** As toExponential, which knows no -0. */
function exponential(value: number): string {
  return Object.is(value, -0) ? '-0e0' : value.toExponential();
}

test.each(['\\n', '\\u0001', 'long \\" text', '\\\\'])('very many of %s in one string', (piece) => {
  const text = `"${piece.repeat(100_003)}"`;
  const value = parseJson(text);
  expect(value).toBe(JSON.parse(text));
  expect(jsonText(value)).toBe(text);
});

describe('numbers', () => {
  test('a double is written in the fewest digits that are it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = numberText(parseJsonNumber(exponential(value)) as number);
        expect(Object.is(Number(text), value)).toBe(true);
        expect(text).toMatch(/[.e]/);
        expect(jsonText(parseJson(text))).toBe(text);
      }),
    );
  });

  test('integers of 64 bits stay what they are', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        expect(jsonText(parseJson(String(value)))).toBe(String(value));
      }),
    );
  });

  test.each([309, 400, 10_000])('%i digits are no number that can be stored', (digits) => {
    for (const text of ['9'.repeat(digits), `-${'9'.repeat(digits)}`]) {
      expect(() => parseJson(text)).toThrow(
        new JsonError(`number out of range at line 1 column ${text.length}`),
      );
    }
  });

  test('an integer beyond 64 bits is the nearest double', () => {
    expect(jsonText(parseJson('9'.repeat(300)))).toBe('1e300');
    expect(jsonText(parseJson('100000000000000000000'))).toBe('1e20');
  });

  test.each([
    ['1', '2', '3', '2'],
    ['1', '2.0', '3.0', '2.0'],
    ['9223372036854775807', '1', '9223372036854775808', '9223372036854775807'],
    ['18446744073709551615', '1', '1.8446744073709552e19', '18446744073709551615'],
    ['-9223372036854775808', '-1', '-9.223372036854776e18', '9223372036854775808'],
    ['9007199254740992', '1', '9007199254740993', '9007199254740992'],
    ['1e308', '1e308', 'none', 'none'],
    ['0.1', '0.2', '0.30000000000000004', '0.020000000000000004'],
  ])('%s and %s', (left, right, sum, product) => {
    const [a, b] = [left, right].map((text) => parseJson(text)) as [Json, Json];
    if (!isNumber(a) || !isNumber(b)) throw new Error('no numbers');
    const text = (result: ReturnType<typeof combine>) =>
      result === undefined ? 'none' : numberText(result);
    expect([text(combine('+', a, b)), text(combine('*', a, b))]).toEqual([sum, product]);
  });
});
