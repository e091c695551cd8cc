/** Integers as Redis reads them: one canonical form, no blanks, `+`, leading zeros or `-0`. */

export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
export const INT64_MIN = -INT64_MAX - 1n;

/** Digits of a decimal number that a double holds without loss, whatever they are. */
const SAFE_DIGITS = 15;
const LONGEST_INT64 = 20;
const MINUS = 0x2d;
const ZERO = 0x30;

/** The integer that the text is, if it has at most 15 digits; undefined otherwise. Allocates nothing. */
export function smallInteger(text: string): number | undefined {
  const negative = text.charCodeAt(0) === MINUS;
  const start = negative ? 1 : 0;
  const digits = text.length - start;
  if (digits < 1 || digits > SAFE_DIGITS) return undefined;
  let value = 0;
  for (let i = start; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (text.charCodeAt(start) === ZERO && (digits > 1 || negative)) return undefined;
  return negative ? -value : value;
}

/** The signed 64-bit integer that the text is: a number if it is small, else a bigint. */
export function integer64(text: string): number | bigint | undefined {
  const small = smallInteger(text);
  if (small !== undefined) return small;
  if (text.length > LONGEST_INT64 || !/^-?[1-9][0-9]*$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}
