/**
 * JSON's numbers. Integers of 64 bits and doubles are kept apart, because 1 and 1.0 are different text, and a
 * double holds no integer beyond 2^53.
 */

/** A double whose value is whole (or -0): as a plain number it would pass for an integer. */
export class WholeDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A number that is whole is an integer, another one a double; a bigint is an integer beyond 2^53. */
export type JsonNumber = number | bigint | WholeDouble;

/** What Rust's integers of 64 bits hold, signed or unsigned; beyond is a double. */
const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 64n - 1n;
/** Digits that a double holds whatever they are. */
const SAFE_DIGITS = 15;
/** No integer of 64 bits has more characters. */
const INTEGER_LENGTH_MAX = 20;

export function isInteger(value: JsonNumber): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** The nearest double. */
export function toDouble(value: JsonNumber): number {
  return value instanceof WholeDouble ? value.value : Number(value);
}

function fromDouble(value: number): JsonNumber {
  return Number.isInteger(value) ? new WholeDouble(value) : value;
}

function fromInteger(value: bigint): JsonNumber {
  if (value < INTEGER_MIN || value > INTEGER_MAX) return fromDouble(Number(value));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The number that the text is, which has JSON's form; undefined if it is out of a double's range. */
export function parseNumber(text: string): JsonNumber | undefined {
  const { length } = text;
  const isWhole = length <= INTEGER_LENGTH_MAX && !/[.eE]/.test(text) && text !== '-0';
  if (isWhole) return length <= SAFE_DIGITS ? Number(text) : fromInteger(BigInt(text));
  const value = Number(text);
  return Number.isFinite(value) ? fromDouble(value) : undefined;
}

/** Sum or product: an integer of two integers if it fits. undefined: no number, or none that is finite. */
export function combine(
  operation: '+' | '*',
  left: JsonNumber,
  right: JsonNumber,
): JsonNumber | undefined {
  if (isInteger(left) && isInteger(right)) {
    const [a, b] = [BigInt(left), BigInt(right)];
    return fromInteger(operation === '+' ? a + b : a * b);
  }
  const [a, b] = [toDouble(left), toDouble(right)];
  const value = operation === '+' ? a + b : a * b;
  return Number.isFinite(value) ? fromDouble(value) : undefined;
}

/** Negative, 0 or positive: by value, whatever the kinds are. */
export function compareNumbers(left: JsonNumber, right: JsonNumber): number {
  const a = left instanceof WholeDouble ? left.value : left;
  const b = right instanceof WholeDouble ? right.value : right;
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** The same value of the same kind. */
export function sameNumber(left: JsonNumber, right: JsonNumber): boolean {
  return isInteger(left) === isInteger(right) && compareNumbers(left, right) === 0;
}

export function numberText(value: JsonNumber): string {
  return isInteger(value) ? String(value) : doubleText(toDouble(value));
}

/** Doubles from here to there are written without an exponent. */
const PLAIN_MIN = 1e-5;
const PLAIN_MAX = 1e16;

/** The shortest digits that are the double, with a point or an exponent: 1.0, 0.25, 1e16, 1.5e-7. */
function doubleText(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (size >= PLAIN_MAX || size < PLAIN_MIN) return value.toExponential().replace('e+', 'e');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
