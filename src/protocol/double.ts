/** Doubles as text, as Redis 7.2 and later write them: scores, INCRBYFLOAT's kin, RESP3 doubles. */

/** Up to this a whole number is written with all its digits. */
const LARGEST_PLAIN = 2 ** 62;

/**
 * The shortest text that reads back as the same double: `3`, `1.5`, `1e+20`, `inf`, `-inf`, `nan`, `-0`.
 * Where the point or an exponent stands is Redis's choice, not JavaScript's: `123456.7890123` is
 * `1.234567890123e+5` there. Source: the behaviour of d2string and fpconv_dtoa in Redis 7.2.
 */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0' : String(value);
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e4) return String(value); // both write it without an exponent
  if (Number.isNaN(value)) return 'nan';
  if (size === Infinity) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && size <= LARGEST_PLAIN) return BigInt(value).toString();
  return (value < 0 ? '-' : '') + placePoint(size.toExponential());
}

/** @param scientific a positive number's shortest digits as JavaScript has them: `1.234e+5`. */
function placePoint(scientific: string): string {
  const mark = scientific.indexOf('e');
  const digits = scientific.slice(0, mark).replace('.', '');
  const exponent = Number(scientific.slice(mark + 1)); // of the first digit
  const lastExponent = exponent - digits.length + 1;
  const magnitude = Math.abs(exponent);
  if (lastExponent >= 0 && magnitude < digits.length + 7) {
    return digits + '0'.repeat(lastExponent);
  }
  if (lastExponent < 0 && (lastExponent > -7 || magnitude < 4)) {
    return pointed(digits, exponent + 1);
  }
  return scientific;
}

/** The digits with a point after the first `whole` of them; zeros stand before them if it is not positive. */
function pointed(digits: string, whole: number): string {
  if (whole <= 0) return `0.${'0'.repeat(-whole)}${digits}`;
  return `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}
