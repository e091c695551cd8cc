/** Strings as numbers: INCR and its relatives. */

import { INT64_MAX, INT64_MIN, integer64, smallInteger } from '../../base/integer.js';
import { CHUNK_BYTES } from '../../base/large-string.js';
import {
  addLongDoubles,
  formatLongDouble,
  isFiniteLongDouble,
  parseLongDouble,
} from '../../base/long-double.js';
import type { Database } from '../../keyspace/database.js';
import type { KeyRecord } from '../../keyspace/header.js';
import { failValue } from '../value-error.js';
import { find, lengthOf, replaceValue } from './string.js';

/** Sums of smaller numbers are exact in a double. */
const SAFE_SUM = Number.MAX_SAFE_INTEGER / 2;

/**
 * Adds to the integer at the key (0 without one), keeps its expiry, and returns the sum.
 * @throws ValueError WRONG_TYPE, NOT_INTEGER, OVERFLOW
 */
export function increment(db: Database, key: string, by: number | bigint): number | bigint {
  const entry = find(db, key);
  const text = entry === undefined ? '0' : shortText(entry.record as KeyRecord);
  const old = smallInteger(text);
  const sum =
    old !== undefined && typeof by === 'number' && by < SAFE_SUM && by > -SAFE_SUM
      ? old + by
      : sumOfLarge(text, by);
  replaceValue(db, key, entry, String(sum));
  return sum;
}

function sumOfLarge(text: string, by: number | bigint): bigint {
  const old = integer64(text);
  if (old === undefined) return failValue('NOT_INTEGER');
  const sum = BigInt(old) + BigInt(by);
  return sum > INT64_MAX || sum < INT64_MIN ? failValue('OVERFLOW') : sum;
}

/** The value if it is kept inline, otherwise a text that is no number. */
function shortText(record: KeyRecord): string {
  if (typeof record === 'string') return record;
  return lengthOf(record) > CHUNK_BYTES ? '' : record.value;
}

/**
 * Adds to the number at the key in the 80-bit arithmetic of Redis on x86, keeps its expiry, and returns the
 * sum as Redis writes it. @throws ValueError WRONG_TYPE, NOT_FLOAT, NOT_FINITE
 */
export function incrementFloat(db: Database, key: string, by: string): string {
  const entry = find(db, key);
  const text = entry === undefined ? '0' : shortText(entry.record as KeyRecord);
  const old = parseLongDouble(text) ?? failValue('NOT_FLOAT');
  const sum = addLongDoubles(old, parseLongDouble(by) ?? failValue('NOT_FLOAT'));
  if (!isFiniteLongDouble(sum)) return failValue('NOT_FINITE');
  const result = formatLongDouble(sum);
  replaceValue(db, key, entry, result);
  return result;
}
