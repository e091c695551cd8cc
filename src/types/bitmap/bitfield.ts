/** Strings as arrays of integers of any width up to 64 bits, at any bit. */

import { INT64_MAX } from '../../base/integer.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import type { KeyRecord } from '../../keyspace/header.js';
import {
  find,
  length as lengthBefore,
  lengthOf,
  overwriteBytes,
  reach,
  readRange,
} from '../string/string.js';

export interface Field {
  readonly signed: boolean;
  /** 1 to 64; unsigned to 63. */
  readonly bits: number;
  /** In bits from the start of the string. */
  readonly offset: number;
}

/** What becomes of a number that the field cannot hold. */
export type Overflow = 'wrap' | 'sat' | 'fail';

export type FieldOperation =
  | { readonly kind: 'get'; readonly field: Field }
  | {
      readonly kind: 'set' | 'incrby';
      readonly field: Field;
      readonly value: bigint;
      readonly overflow: Overflow;
    };

/**
 * Runs the operations in turn and returns the old value for `set`, the new one for `incrby`, undefined for what
 * `fail` kept from happening. The string grows as the changes need. @throws ValueError WRONG_TYPE
 */
export function runFieldOperations(
  db: Database,
  key: string,
  operations: readonly FieldOperation[],
): readonly (bigint | undefined)[] {
  const ends = operations.map(({ kind, field }) => (kind === 'get' ? 0 : endOf(field)));
  const length = ends.reduce((most, end) => Math.max(most, end), 0);
  const grows = length > lengthBefore(db, key);
  const entry = length === 0 ? find(db, key) : reach(db, key, length);
  if (entry === undefined) return operations.map(() => 0n);
  let hasChanged = false;
  const results = operations.map((operation) => {
    if (operation.kind === 'get') return readField(db, entry, operation.field);
    const { result, changed } = changeField(db, entry, operation);
    hasChanged ||= changed || (grows && result !== undefined);
    return result;
  });
  if (hasChanged) db.notify('string', 'setbit', key);
  return results;
}

/** Bytes up to the field's end. */
function endOf({ offset, bits }: Field): number {
  return Math.floor((offset + bits - 1) / 8) + 1;
}

/** The bytes that the field lies in, as one number. What is beyond the end of the string is zero. */
function readBytes(db: Database, entry: Entry, field: Field): bigint {
  const start = Math.floor(field.offset / 8);
  const end = endOf(field);
  const length = lengthOf(entry.record as KeyRecord);
  const text = start < length ? readRange(db, entry, start, Math.min(end, length)).join('') : '';
  let value = 0n;
  for (let i = 0; i < end - start; i++) value = (value << 8n) | BigInt(text.charCodeAt(i) || 0);
  return value;
}

/** Bits between the field's end and that of its last byte. */
function bitsAfter({ offset, bits }: Field): bigint {
  return BigInt((8 - ((offset + bits) % 8)) % 8);
}

function readField(db: Database, entry: Entry, field: Field): bigint {
  const value = readBytes(db, entry, field) >> bitsAfter(field);
  return field.signed ? BigInt.asIntN(field.bits, value) : BigInt.asUintN(field.bits, value);
}

function writeField(db: Database, entry: Entry, field: Field, value: bigint): void {
  const start = Math.floor(field.offset / 8);
  const shift = bitsAfter(field);
  const mask = ((1n << BigInt(field.bits)) - 1n) << shift;
  const digits = (endOf(field) - start) * 2;
  const merged = (readBytes(db, entry, field) & ~mask) | ((value << shift) & mask);
  const bytes = Buffer.from(merged.toString(16).padStart(digits, '0'), 'hex');
  overwriteBytes(db, entry, start, bytes.toString('latin1'));
}

function changeField(
  db: Database,
  entry: Entry,
  { kind, field, value, overflow }: Exclude<FieldOperation, { kind: 'get' }>,
): { result: bigint | undefined; changed: boolean } {
  const old = readField(db, entry, field);
  const by = kind === 'set' ? 0n : value;
  const result = fitted(field, kind === 'set' ? value : old, by, overflow);
  if (result === undefined) return { result, changed: false };
  if (result !== old) writeField(db, entry, field, result);
  return { result: kind === 'set' ? old : result, changed: result !== old };
}

/** `value + by` as the field holds it; undefined if it cannot and the overflow is to fail. */
function fitted(field: Field, value: bigint, by: bigint, overflow: Overflow): bigint | undefined {
  const side = field.signed
    ? signedOverflow(field.bits, value, by)
    : unsignedOverflow(field.bits, value, by);
  if (side === undefined) return value + by;
  if (overflow === 'fail') return undefined;
  if (overflow === 'sat') return side;
  return field.signed
    ? BigInt.asIntN(field.bits, value + by)
    : BigInt.asUintN(field.bits, value + by);
}

/** The limit that the sum is beyond. A negative number is one of 64 bits without sign, as in Redis. */
function unsignedOverflow(bits: number, value: bigint, by: bigint): bigint | undefined {
  const most = (1n << BigInt(bits)) - 1n;
  const start = BigInt.asUintN(64, value);
  if (start > most || start + by > most) return most;
  return start + by < 0n ? 0n : undefined;
}

/** The limit that the sum is beyond. Distances wrap at 64 bits, as in Redis: the lowest numbers count as too high. */
function signedOverflow(bits: number, value: bigint, by: bigint): bigint | undefined {
  const most = bits === 64 ? INT64_MAX : (1n << BigInt(bits - 1)) - 1n;
  const least = -most - 1n;
  const sum = value + by;
  if (value > most || (bits !== 64 && by > BigInt.asIntN(64, most - value))) return most;
  if (sum > most) return most;
  return sum < least ? least : undefined;
}
