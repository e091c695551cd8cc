/** Numbers as C's %.<n>g writes them. */

/** More than the digits of any number that lies in the middle between two of 17 digits; JavaScript has no more. */
const MOST_DECIMALS = 100;

/** @param precision significant digits, from 1 on */
export function formatNumber(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const isShort = Number.isInteger(value) && Math.abs(value) < 10 ** Math.min(precision, 15);
  if (isShort) return String(value);
  const scientific = toExponential(value, precision - 1);
  const mark = scientific.indexOf('e');
  const exponent = Number(scientific.slice(mark + 1));
  // It has no more digits than that: now they are the same in both forms.
  if (exponent >= -4 && exponent < precision) {
    return withoutZeros(Number(scientific).toFixed(precision - 1 - exponent));
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${withoutZeros(scientific.slice(0, mark))}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** JavaScript's, but what lies in the middle between two goes to the even one, as in C; there it goes to the larger one. */
function toExponential(value: number, decimals: number): string {
  const exact = value.toExponential(MOST_DECIMALS);
  const mark = exact.indexOf('e');
  const end = exact.indexOf('.') + decimals + 1;
  const isEven = Number(exact.slice(0, end).at(decimals === 0 ? -2 : -1)) % 2 === 0;
  if (!isEven || !/^50*$/.test(exact.slice(end, mark))) return value.toExponential(decimals);
  return exact.slice(0, decimals === 0 ? end - 1 : end) + exact.slice(mark);
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
