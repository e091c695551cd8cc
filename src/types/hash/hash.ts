/** Hashes: each field is a record, found by its name, so a change writes what it touches and the header. */

import { tableRange } from '../../keyspace/collection.js';
import type { Database } from '../../keyspace/database.js';
import {
  fieldExpiriesBefore,
  fieldExpiryOf,
  HASH_FIELDS,
  HashFlag,
  hashAbout,
  hashFlags,
} from '../../keyspace/field-expiry.js';
import { type Header, NEVER, ValueType } from '../../keyspace/header.js';
import {
  type CollectionEntry,
  findCollection,
  findOrCreateCollection,
  setCount,
} from '../collection.js';
import { memberNames } from '../member-table.js';
import type { RecordPart } from '../record-stream.js';
import { fieldName, fieldOf, putField, readField, removeField } from './field.js';

/** Up to which size Redis keeps a hash in one piece: what OBJECT ENCODING tells. */
export interface CompactLimits {
  readonly fields: number;
  /** Of a field or value. */
  readonly bytes: number;
}

export type HashEncoding = 'listpack' | 'listpackex' | 'hashtable';

/** What OBJECT ENCODING says of the hash in the record: there is no way back from what it once was. */
export function encodingOf(record: Header): HashEncoding {
  const flags = hashFlags(record.value);
  if (flags & HashFlag.large) return 'hashtable';
  return flags & HashFlag.hasExpired ? 'listpackex' : 'listpack';
}

/** The key's entry, or undefined if there is no such key. @throws ValueError WRONG_TYPE */
export function find(db: Database, key: string): CollectionEntry | undefined {
  return findCollection(db, key, ValueType.hash);
}

/** How many fields there are, with those that have expired and were not deleted yet. @throws ValueError WRONG_TYPE */
export function length(db: Database, key: string): number {
  return find(db, key)?.record.count ?? 0;
}

/** The field's value. @throws ValueError WRONG_TYPE */
export function get(db: Database, key: string, field: string): string | undefined {
  const entry = find(db, key);
  return entry === undefined ? undefined : readField(db, entry, fieldName(db, field))?.value;
}

/** The fields' values, undefined for those that are not there. @throws ValueError WRONG_TYPE */
export function getMany(
  db: Database,
  key: string,
  fields: readonly string[],
): (string | undefined)[] {
  const entry = find(db, key);
  if (entry === undefined) return fields.map(() => undefined);
  return needFields(db, entry, fields).map((name) => readField(db, entry, name)?.value);
}

/** What the records of the fields are called; those that exist are resident. */
export function needFields(
  db: Database,
  entry: CollectionEntry,
  fields: readonly string[],
): string[] {
  const names = fields.map((field) => fieldName(db, field));
  db.needData(entry, names);
  return names;
}

/** The names of the records of all fields, for `pairsOf`. */
export function allNames(db: Database, entry: CollectionEntry): string[] {
  return memberNames(db, entry, HASH_FIELDS);
}

/** All fields, for a stream of them: those that have expired are among the records, but not counted. */
export function allRecords(db: Database, entry: CollectionEntry): RecordPart {
  const { record } = entry;
  const mayHaveExpired = fieldExpiryOf(record) !== NEVER && fieldExpiryOf(record) <= db.now;
  const expired = mayHaveExpired ? db.scanData(entry, fieldExpiriesBefore(db.now + 1)).length : 0;
  return { range: tableRange(HASH_FIELDS), count: record.count - expired };
}

/** A field and its value. */
export type Pair = readonly [field: string, value: string];

/** The fields whose records have the names, which must exist; those that have expired are left out. */
export function pairsOf(db: Database, entry: CollectionEntry, names: readonly string[]): Pair[] {
  db.needData(entry, names);
  const pairs: Pair[] = [];
  for (const name of names) {
    const found = readField(db, entry, name);
    if (found !== undefined) pairs.push([fieldOf(db, entry, name), found.value]);
  }
  return pairs;
}

/** All fields with their values. @throws ValueError WRONG_TYPE */
export function getAll(db: Database, key: string): Pair[] {
  const entry = find(db, key);
  return entry === undefined ? [] : pairsOf(db, entry, allNames(db, entry));
}

/**
 * Sets the fields of the pairs to their values; returns how many are new. They expire at `expireAt`, or when they
 * did before. @throws ValueError WRONG_TYPE
 */
export function setMany(
  db: Database,
  key: string,
  pairs: readonly Pair[],
  limits: CompactLimits,
  expireAt: number | 'as before' = NEVER,
): number {
  const entry = findOrCreateCollection(db, key, ValueType.hash);
  const names = pairs.map(([field]) => fieldName(db, field));
  db.needData(entry, names);
  let created = 0;
  let added = 0;
  for (let i = 0; i < pairs.length; i++) {
    const [field, value] = pairs[i] as Pair;
    const name = names[i] as string;
    const before = readField(db, entry, name);
    const at = expireAt === 'as before' ? (before?.expireAt ?? NEVER) : expireAt;
    if (before === undefined) created++;
    if (putField(db, entry, name, field, { value, expireAt: at })) added++;
  }
  const count = entry.record.count + added;
  const flags = isLarge(count, pairs, limits) ? HashFlag.large : 0;
  noteChange(db, entry, count, flags, expireAt === 'as before' ? NEVER : expireAt);
  return created;
}

/** Whether a hash of so many fields, these among them, is more than a listpack to Redis. */
export function isLarge(
  count: number,
  pairs: readonly Pair[],
  { fields, bytes }: CompactLimits,
): boolean {
  if (count > fields) return true;
  return pairs.some(([field, value]) => field.length > bytes || value.length > bytes);
}

/** The header after a change: so many records, further flags, and a time at which a field expires, or NEVER. */
export function noteChange(
  db: Database,
  entry: CollectionEntry,
  count: number,
  flags: number,
  expireAt: number,
): void {
  const { value } = entry.record;
  const known = fieldExpiryOf(entry.record);
  const isFirst = expireAt !== NEVER && (known === NEVER || expireAt < known);
  const all = hashFlags(value) | flags;
  const about =
    isFirst || all !== hashFlags(value) ? hashAbout(all, isFirst ? expireAt : known) : value;
  setCount(db, entry, count, about);
}

/** Sets the field if there is none; false if there is. @throws ValueError WRONG_TYPE */
export function setIfAbsent(db: Database, key: string, pair: Pair, limits: CompactLimits): boolean {
  if (get(db, key, pair[0]) !== undefined) return false;
  setMany(db, key, [pair], limits);
  return true;
}

/** Removes the fields; returns how many there were. Without fields the key goes. @throws ValueError WRONG_TYPE */
export function remove(db: Database, key: string, fields: readonly string[]): number {
  const entry = find(db, key);
  if (entry === undefined) return 0;
  let found = 0;
  let removed = 0;
  for (const name of needFields(db, entry, fields)) {
    if (readField(db, entry, name) !== undefined) found++;
    if (removeField(db, entry, name)) removed++;
  }
  if (removed > 0) setCount(db, entry, entry.record.count - removed);
  return found;
}
