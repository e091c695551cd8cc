/** Numbers as C's %.<n>g writes them. */

/** @param precision significant digits, from 1 on */
export function formatNumber(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const isShort = Number.isInteger(value) && Math.abs(value) < 10 ** Math.min(precision, 15);
  if (isShort) return String(value);
  const scientific = value.toExponential(precision - 1);
  const mark = scientific.indexOf('e');
  const exponent = Number(scientific.slice(mark + 1));
  if (exponent >= -4 && exponent < precision) {
    return withoutZeros(value.toFixed(precision - 1 - exponent));
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${withoutZeros(scientific.slice(0, mark))}e${exponent < 0 ? '-' : '+'}${size}`;
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
