/** Hash fields as numbers. */

import { INT64_MAX, INT64_MIN, integer64 } from '../../base/integer.js';
import {
  addLongDoubles,
  formatLongDouble,
  isFiniteLongDouble,
  type LongDouble,
  parseLongDouble,
} from '../../base/long-double.js';
import type { Database } from '../../keyspace/database.js';
import { failValue } from '../value-error.js';
import { type CompactLimits, get, setMany } from './hash.js';

/**
 * Adds to the integer in the field (0 without one), which expires when it did before, and returns the sum.
 * @throws ValueError WRONG_TYPE, FIELD_NOT_INTEGER, OVERFLOW
 */
export function increment(
  db: Database,
  key: string,
  field: string,
  by: number | bigint,
  limits: CompactLimits,
): bigint {
  const old = integer64(get(db, key, field) ?? '0') ?? failValue('FIELD_NOT_INTEGER');
  const sum = BigInt(old) + BigInt(by);
  if (sum > INT64_MAX || sum < INT64_MIN) failValue('OVERFLOW');
  setMany(db, key, [[field, String(sum)]], limits, 'as before');
  return sum;
}

/**
 * Adds to the number in the field (0 without one) in the 80-bit arithmetic of Redis on x86, and returns the sum
 * as Redis writes it. @throws ValueError WRONG_TYPE, FIELD_NOT_FLOAT, NOT_FINITE
 */
export function incrementFloat(
  db: Database,
  key: string,
  field: string,
  by: LongDouble,
  limits: CompactLimits,
): string {
  const old = parseLongDouble(get(db, key, field) ?? '0') ?? failValue('FIELD_NOT_FLOAT');
  const sum = addLongDoubles(old, by);
  if (!isFiniteLongDouble(sum)) failValue('NOT_FINITE');
  const text = formatLongDouble(sum);
  setMany(db, key, [[field, text]], limits, 'as before');
  return text;
}
