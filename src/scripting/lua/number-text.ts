/** Numbers as C's %.<n>g writes them. */

/** More than the digits of any number that lies in the middle between two of 17 digits; JavaScript has no more. */
const DECIMALS_MAX = 100;

/** @param precision significant digits, from 1 on */
export function formatNumber(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const isShort = Number.isInteger(value) && Math.abs(value) < 10 ** Math.min(precision, 15);
  if (isShort) return String(value);
  const scientific = toExponential(value, precision - 1);
  const mark = scientific.indexOf('e');
  const mantissa = scientific.slice(0, mark);
  const exponent = Number(scientific.slice(mark + 1));
  if (exponent >= -4 && exponent < precision) return withoutZeros(inPlace(mantissa, exponent));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${withoutZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** As JavaScript's, but a tie goes to the even digit, as in C, not to the larger one. */
function toExponential(value: number, decimals: number): string {
  const parts = new RegExp(`^(-?\\d\\.\\d{${decimals}})(\\d*)(e.*)$`);
  const [, kept = '', rest = '', exponent = ''] =
    parts.exec(value.toExponential(DECIMALS_MAX)) ?? [];
  const mantissa = kept.replace(/\.$/, '');
  const isTieToEven = /^50*$/.test(rest) && /[02468]$/.test(mantissa);
  return isTieToEven ? mantissa + exponent : value.toExponential(decimals);
}

/** The digits with the point where the exponent puts it; there are more of them than the exponent. */
function inPlace(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0*$/, '') : digits;
}
