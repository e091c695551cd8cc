/** How many elements HRANDFIELD and ZRANDMEMBER are asked for. */

import { INT64_MAX } from '../base/integer.js';
import { parseInteger64 } from './arguments.js';
import { fail } from './command-error.js';

/** Negative: one element may come more than once. `inPairs`: each has a value with it. @throws CommandError */
export function parseRandomCount(text: string, inPairs: boolean): number {
  const count = BigInt(parseInteger64(text));
  if (count < -INT64_MAX) {
    fail(`ERR value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`);
  }
  const most = INT64_MAX / 2n;
  if (inPairs && (count > most || count < -most)) fail('ERR value is out of range');
  return Number(count);
}
