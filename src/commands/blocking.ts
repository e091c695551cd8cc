/** What the commands have in common that wait for keys. */

import { parseLongDouble } from '../base/long-double.js';
import { fail } from './command-error.js';
import type { ArgumentSpec } from './spec.js';

const OUT_OF_RANGE = 'ERR timeout is out of range';

/** A timeout in seconds, with a fraction, as milliseconds; 0 is for ever. @throws CommandError */
export function parseTimeout(text: string): number {
  const seconds = parseLongDouble(text);
  if (seconds === undefined) return fail('ERR timeout is not a float or out of range');
  const milliseconds = Math.ceil(Number(seconds.mantissa) * 2 ** seconds.exponent * 1000);
  if (milliseconds >= 2 ** 63) return fail(OUT_OF_RANGE);
  return milliseconds < 0 ? fail('ERR timeout is negative') : milliseconds;
}

export const timeoutArgument: ArgumentSpec = { name: 'timeout', type: 'double' };
