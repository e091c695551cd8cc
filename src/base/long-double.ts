/**
 * The 80-bit numbers of x86's `long double`, in which Redis does INCRBYFLOAT and HINCRBYFLOAT: 64 bits of
 * mantissa, rounded to the nearest and to even. Written as C's `%.17Lf` without trailing zeros.
 */

/** mantissa × 2^exponent; the mantissa is signed and has at most 64 bits. An infinite one has exponent Infinity. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
/** Numbers from 2^16384 on are infinite; those up to 2^-16446 round to zero. */
const OVERFLOW_BITS = 16_384;
const UNDERFLOW_BITS = -16_446;
/** Decimal orders of magnitude beyond which there is nothing to compute. */
const DECIMAL_ORDER_MAX = 5000;
/** Redis's MAX_LONG_DOUBLE_CHARS. */
const LONGEST_TEXT = 5 * 1024;
const DECIMALS = 17;

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };
const INFINITE: LongDouble = { mantissa: 1n, exponent: Number.POSITIVE_INFINITY };

const DECIMAL = /^([+-]?)([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?$/i;
const INFINITY = /^[+-]?inf(?:inity)?$/i;

export function isFiniteLongDouble(value: LongDouble): boolean {
  return value.exponent !== Number.POSITIVE_INFINITY;
}

/** What C's strtold makes of the whole text; undefined if it is no number, NaN or out of range. */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length >= LONGEST_TEXT) return undefined;
  if (INFINITY.test(text)) return INFINITE;
  const decimal = DECIMAL.exec(text);
  const match = decimal ?? HEXADECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt((decimal === null ? '0x' : '') + whole + fraction);
  if (digits === 0n) return ZERO;
  const exponent = Number(power) - fraction.length * (decimal === null ? 4 : 1);
  const size = decimal === null ? hexadecimal(digits, exponent) : fromDecimal(digits, exponent);
  if (size === undefined) return undefined;
  return sign === '-' ? { mantissa: -size.mantissa, exponent: size.exponent } : size;
}

function hexadecimal(digits: bigint, exponent: number): LongDouble | undefined {
  return inRange(round(digits, exponent));
}

function fromDecimal(digits: bigint, exponent: number): LongDouble | undefined {
  const order = digits.toString().length + exponent;
  if (Math.abs(order) > DECIMAL_ORDER_MAX) return undefined;
  if (exponent >= 0) return inRange(round(digits * 10n ** BigInt(exponent), 0));
  return inRange(divide(digits, 10n ** BigInt(-exponent)));
}

/** The quotient with more bits than are kept, the last one telling whether there is a rest. */
function divide(dividend: bigint, divisor: bigint): LongDouble {
  const shift = Math.max(0, MANTISSA_BITS + 2 + bitLength(divisor) - bitLength(dividend));
  const shifted = dividend << BigInt(shift);
  const quotient = shifted / divisor;
  const rest = shifted % divisor === 0n ? 0n : 1n;
  return round((quotient << 1n) | rest, -shift - 1);
}

function inRange(value: LongDouble): LongDouble | undefined {
  const bits = bitLength(value.mantissa) + value.exponent;
  return isFiniteLongDouble(value) && bits > UNDERFLOW_BITS ? value : undefined;
}

/** The mantissa, not negative, cut to 64 bits. */
function round(mantissa: bigint, exponent: number): LongDouble {
  const excess = bitLength(mantissa) - MANTISSA_BITS;
  if (excess > 0) return round(shiftRight(mantissa, excess), exponent + excess);
  return bitLength(mantissa) + exponent > OVERFLOW_BITS ? INFINITE : { mantissa, exponent };
}

/** value / 2^bits to the nearest integer, halves to the even one. */
function shiftRight(value: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hex = (value < 0n ? -value : value).toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/** The sum; infinite (whatever its sign) if a term is, or if it is too large. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble {
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) return INFINITE;
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  const exponent = Math.min(a.exponent, b.exponent);
  const align = (value: LongDouble): bigint => value.mantissa << BigInt(value.exponent - exponent);
  const sum = align(a) + align(b);
  if (sum >= 0n) return round(sum, exponent);
  const size = round(-sum, exponent);
  return { mantissa: -size.mantissa, exponent: size.exponent };
}

/** `%.17Lf` without trailing zeros; the value must be finite. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const scaled = size * 10n ** BigInt(DECIMALS);
  const fixed = exponent >= 0 ? scaled << BigInt(exponent) : shiftRight(scaled, -exponent);
  const digits = fixed.toString().padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return mantissa < 0n && text !== '0' ? `-${text}` : text;
}
