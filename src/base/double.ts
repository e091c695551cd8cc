/** Doubles as C's strtod reads them: decimal, hexadecimal, infinite. NaN is never accepted. */

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
/** A digit of the mantissa that is not 0. */
const NOT_ZERO = /^[+-]?(?:[0.]*[1-9]|0x[0.]*[1-9a-f])/i;

/** The number that the whole text is; undefined if it is none, or out of a double's range. */
export function parseDouble(text: string): number | undefined {
  const value = readDouble(text);
  if (value === undefined) return undefined;
  if (Math.abs(value) === Number.POSITIVE_INFINITY && !INFINITE.test(text)) return undefined;
  return value === 0 && NOT_ZERO.test(text) ? undefined : value;
}

/** The same, but what is too large is infinite, and what is too small 0. */
export function readDouble(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = hexadecimal;
  if (whole === '' && fraction === '') return undefined;
  const exponent = Number(power) - fraction.length * 4;
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** exponent;
  return sign === '-' ? -size : size;
}
