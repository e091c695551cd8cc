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

const DIGITS = 17;
/** Half-way between an even last digit and the next: C rounds down there, JavaScript up. */
const TIE = /^(-?[0-9]\.[0-9]{15}[02468])50*e(.*)$/;
const MANY_DIGITS = 60;

/** The number as C's `%.17g` writes it. */
export function format17Digits(value: number): string {
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  const tie = TIE.exec(size.toExponential(MANY_DIGITS));
  const [mantissa = '', power = '0'] = tie?.slice(1) ?? size.toExponential(DIGITS - 1).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < DIGITS) return sign + withPoint(mantissa, exponent);
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${withoutZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${digits}`;
}

function withPoint(mantissa: string, exponent: number): string {
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return withoutZeros(`0.${'0'.repeat(-exponent - 1)}${digits}`);
  return withoutZeros(`${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`);
}

function withoutZeros(text: string): string {
  return text.replace(/\.?0*$/, '');
}
