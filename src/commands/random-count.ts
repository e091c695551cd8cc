/** How many elements HRANDFIELD, SRANDMEMBER and ZRANDMEMBER are asked for. */

import { INT64_MAX } from '../base/integer.js';
import { parseInteger64 } from './arguments.js';
import { fail } from './command-error.js';

/** A negative count makes a reply of that many, however small the key: more would hold up everybody, and fill the memory. */
const MOST_DRAWN = 1_000_000;

/** @param count below zero: one element may come more than once. @throws CommandError */
export function checkDrawn(count: number): void {
  if (-count > MOST_DRAWN) {
    fail(`ERR value is out of range, value must between -${MOST_DRAWN} and ${INT64_MAX}`);
  }
}

/** Negative: one element may come more than once, and `checkDrawn` is to see it. `inPairs`: each has a value with it. @throws CommandError */
export function parseRandomCount(text: string, inPairs: boolean): number {
  const count = BigInt(parseInteger64(text));
  if (count < -INT64_MAX) {
    fail(`ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`);
  }
  const most = INT64_MAX / 2n;
  if (inPairs && (count > most || count < -most)) fail('ERR value is out of range');
  return Number(count);
}
