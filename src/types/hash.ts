/** Hashes: each field is a record, found by its name, so a change writes what it touches and the header. */

import type { Database } from '../keyspace/database.js';
import { type Header, ValueType } from '../keyspace/header.js';
import {
  type CollectionEntry,
  findCollection,
  findOrCreateCollection,
  setCount,
} from './collection.js';
import { encodeField, fieldValue } from './hash-field.js';
import { memberName, memberNames, memberOf, memberValue, payloadOf } from './member-table.js';

/** The table of the fields (docs/formats/records.md). */
export const FIELDS = 2;

/** Up to which size Redis keeps a hash in one piece: what OBJECT ENCODING tells. */
export interface CompactLimits {
  readonly fields: number;
  /** Of a field or value. */
  readonly bytes: number;
}

/** What the header of a hash keeps once it was larger than CompactLimits: there is no way back. */
const WAS_LARGE = '\x01';

export type HashEncoding = 'listpack' | 'hashtable';

/** What OBJECT ENCODING says of the hash in the record. */
export function encodingOf(record: Header): HashEncoding {
  return record.value === WAS_LARGE ? 'hashtable' : 'listpack';
}

/** The key's entry, or undefined if there is no such key. @throws ValueError WRONG_TYPE */
export function find(db: Database, key: string): CollectionEntry | undefined {
  return findCollection(db, key, ValueType.hash);
}

/** How many fields there are. @throws ValueError WRONG_TYPE */
export function length(db: Database, key: string): number {
  return find(db, key)?.record.count ?? 0;
}

/** The field's value. @throws ValueError WRONG_TYPE */
export function get(db: Database, key: string, field: string): string | undefined {
  const entry = find(db, key);
  return entry === undefined ? undefined : read(db, entry, memberName(db, FIELDS, field));
}

/** The fields' values, undefined for those that are not there. @throws ValueError WRONG_TYPE */
export function getMany(
  db: Database,
  key: string,
  fields: readonly string[],
): (string | undefined)[] {
  const entry = find(db, key);
  if (entry === undefined) return fields.map(() => undefined);
  const names = fields.map((field) => memberName(db, FIELDS, field));
  db.needData(entry, names);
  return names.map((name) => read(db, entry, name));
}

/** The value of the field whose record has the name; undefined if there is none. */
function read(db: Database, entry: CollectionEntry, name: string): string | undefined {
  const record = db.readData(entry, name);
  return record === undefined ? undefined : fieldValue(payloadOf(name, record));
}

/** The names of the records of all fields, for `pairsOf`. */
export function allNames(db: Database, entry: CollectionEntry): string[] {
  return memberNames(db, entry, FIELDS);
}

/** A field and its value. */
export type Pair = readonly [field: string, value: string];

/** The fields whose records have the names, which must exist. */
export function pairsOf(db: Database, entry: CollectionEntry, names: readonly string[]): Pair[] {
  db.needData(entry, names);
  return names.map((name) => {
    const record = db.readData(entry, name) as string;
    return [memberOf(name, record), fieldValue(payloadOf(name, record))];
  });
}

/** All fields with their values. @throws ValueError WRONG_TYPE */
export function getAll(db: Database, key: string): Pair[] {
  const entry = find(db, key);
  return entry === undefined ? [] : pairsOf(db, entry, allNames(db, entry));
}

/** Sets the fields of the pairs to their values; returns how many are new. @throws ValueError WRONG_TYPE */
export function setMany(
  db: Database,
  key: string,
  pairs: readonly Pair[],
  limits: CompactLimits,
): number {
  const entry = findOrCreateCollection(db, key, ValueType.hash);
  const names = pairs.map(([field]) => memberName(db, FIELDS, field));
  db.needData(entry, names);
  let created = 0;
  pairs.forEach((pair, i) => {
    if (write(db, entry, names[i] as string, pair)) created++;
  });
  noteSize(db, entry, entry.record.count + created, pairs, limits);
  return created;
}

/** Writes the field's record, whose name is given; true if there was none. */
function write(db: Database, entry: CollectionEntry, name: string, [field, value]: Pair): boolean {
  const isNew = db.readData(entry, name) === undefined;
  db.writeData(entry, name, memberValue(field, encodeField(value)));
  return isNew;
}

/** The header after the pairs were written. */
function noteSize(
  db: Database,
  entry: CollectionEntry,
  count: number,
  pairs: readonly Pair[],
  { fields, bytes }: CompactLimits,
): void {
  const isLarge =
    count > fields || pairs.some(([field, value]) => field.length > bytes || value.length > bytes);
  setCount(db, entry, count, isLarge ? WAS_LARGE : entry.record.value);
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
  const names = fields.map((field) => memberName(db, FIELDS, field));
  db.needData(entry, names);
  let removed = 0;
  for (const name of names) {
    if (db.readData(entry, name) === undefined) continue;
    db.writeData(entry, name, undefined);
    removed++;
  }
  if (removed > 0) setCount(db, entry, entry.record.count - removed);
  return removed;
}
