/** What the commands have in common that wait for keys. */

import { parseLongDouble } from '../base/long-double.js';
import { parseInteger } from './arguments.js';
import { fail } from './command-error.js';
import type { ArgumentSpec } from './spec.js';

const OUT_OF_RANGE = 'ERR timeout is out of range';
const NEGATIVE = 'ERR timeout is negative';

/** A timeout in seconds, with a fraction, as milliseconds; 0 is for ever. @throws CommandError */
export function parseTimeout(text: string): number {
  const seconds = parseLongDouble(text);
  if (seconds === undefined) return fail('ERR timeout is not a float or out of range');
  const milliseconds = Math.ceil(Number(seconds.mantissa) * 2 ** seconds.exponent * 1000);
  if (milliseconds >= 2 ** 63) return fail(OUT_OF_RANGE);
  return milliseconds < 0 ? fail(NEGATIVE) : milliseconds;
}

/** A timeout in whole milliseconds; 0 is for ever. @throws CommandError */
export function parseMilliseconds(text: string): number {
  const milliseconds = parseInteger(text, 'ERR timeout is not an integer or out of range');
  return milliseconds < 0 ? fail(NEGATIVE) : milliseconds;
}

export const timeoutArgument: ArgumentSpec = { name: 'timeout', type: 'double' };
