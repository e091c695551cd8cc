/** Arguments as commands read them: numbers with Redis's strictness and errors. */

import { errors, fail } from './command-error.js';

export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
export const INT64_MIN = -INT64_MAX - 1n;

/** Digits of a decimal number that a double holds without loss, whatever they are. */
const SAFE_DIGITS = 15;
const LONGEST_INT64 = 20;
const MINUS = 0x2d;

/**
 * The integer that the text is in its one canonical form (no blanks, `+`, leading zeros or `-0`), if it has at
 * most 15 digits; undefined otherwise, also for longer integers. Allocates nothing.
 */
export function smallInteger(text: string): number | undefined {
  const negative = text.charCodeAt(0) === MINUS;
  const start = negative ? 1 : 0;
  const digits = text.length - start;
  if (digits < 1 || digits > SAFE_DIGITS) return undefined;
  let value = 0;
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (text.charCodeAt(start) === 0x30 && (digits > 1 || negative)) return undefined;
  return negative ? -value : value;
}

/** The signed 64-bit integer that the text is in canonical form: a number if it is small, else a bigint. */
export function integer64(text: string): number | bigint | undefined {
  const small = smallInteger(text);
  if (small !== undefined) return small;
  if (text.length > LONGEST_INT64 || !/^-?[1-9][0-9]*$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/** A signed 64-bit integer argument. @throws CommandError with `error` */
export function parseInteger64(text: string, error: string = errors.notInteger): number | bigint {
  const value = integer64(text);
  return value === undefined ? fail(error) : value;
}

/**
 * A signed 64-bit integer argument as a number: exact up to 2^53, the nearest double beyond (for counts and
 * offsets, whose effect is the same for every number that large).
 */
export function parseInteger(text: string, error: string = errors.notInteger): number {
  return Number(parseInteger64(text, error));
}

/** An integer argument between two bounds, both allowed. @throws CommandError with `error` */
export function parseIntegerWithin(
  text: string,
  least: number,
  most: number,
  error: string = errors.notInteger,
): number {
  const value = parseInteger(text, error);
  return value < least || value > most ? fail(error) : value;
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?$/i;

/**
 * The double that C's strtod makes of the whole text, as Redis reads scores and increments: decimal,
 * hexadecimal or infinite; undefined for anything else, for NaN, and for numbers out of a double's range.
 */
export function double(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) return undefined;
    return value === 0 && /[1-9]/.test(mantissa(text)) ? undefined : value;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  return hexadecimal(text);
}

function mantissa(text: string): string {
  return text.replace(/[eE].*$/, '');
}

function hexadecimal(text: string): number | undefined {
  const match = HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const scale = Number(exponent) - 4 * fraction.length;
  const value = Number(`0x${whole}${fraction}`) * 2 ** scale;
  return Number.isFinite(value) ? (sign === '-' ? -value : value) : undefined;
}

/** A double argument. @throws CommandError with `error` */
export function parseDouble(text: string, error: string = errors.notFloat): number {
  const value = double(text);
  return value === undefined ? fail(error) : value;
}

/** True if the text is the word, whatever its case. `word` is in lower case. */
export function isWord(text: string, word: string): boolean {
  return text.length === word.length && text.toLowerCase() === word;
}
