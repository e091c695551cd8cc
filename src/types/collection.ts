/** What the types that are made of elements share: to find, begin, count and end a collection. */

import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { Header, NEVER, type TypeNumber, typeOf, withCount } from '../keyspace/header.js';
import { slotOf } from '../keyspace/key-name.js';
import { failValue } from './value-error.js';

/** An entry whose record is the header of a collection. */
export interface CollectionEntry extends Entry {
  record: Header;
}

/** The key's entry, or undefined if there is no such key. @throws ValueError WRONG_TYPE */
export function findCollection(
  db: Database,
  key: string,
  type: TypeNumber,
): CollectionEntry | undefined {
  const entry = db.entry(key);
  if (entry?.record === undefined) return undefined;
  if (typeOf(entry.record) !== type) failValue('WRONG_TYPE');
  return entry as CollectionEntry;
}

/**
 * Puts an empty collection at the key, whatever was there; elements and their count must follow in the same
 * transaction. `about` is what the type keeps in the header.
 */
export function createCollection(
  db: Database,
  key: string,
  type: TypeNumber,
  about = '',
  expireAt = NEVER,
): CollectionEntry {
  const [version, dataSlot] = [db.newVersion(), slotOf(key)];
  const header = new Header({ type, expireAt, version, value: about, dataSlot });
  return db.put(key, header) as CollectionEntry;
}

/** The key's collection, made if there is none. @throws ValueError WRONG_TYPE */
export function findOrCreateCollection(
  db: Database,
  key: string,
  type: TypeNumber,
  about = '',
): CollectionEntry {
  return findCollection(db, key, type) ?? createCollection(db, key, type, about);
}

/** Notes how many elements there are now, and what the type keeps in the header. Without elements the key goes. */
export function setCount(
  db: Database,
  entry: CollectionEntry,
  count: number,
  about: string = entry.record.value,
): void {
  if (count === 0) db.deleteEntry(entry);
  else updateHeader(db, entry, count, about);
}

/** The same for types whose keys stay when they are empty, as streams do. */
export function updateHeader(
  db: Database,
  entry: CollectionEntry,
  count: number,
  about: string,
): void {
  const { record } = entry;
  if (record.count === count && record.value === about) return;
  db.replace(entry, withCount(record, count, about));
}

/**
 * Leaves the collection these records, and makes garbage of all others, whatever their number: what is left is written
 * anew. The count is the caller's to note.
 */
export function keepOnly(db: Database, entry: CollectionEntry, names: readonly string[]): void {
  db.needData(entry, names);
  const records = names.map((name) => [name, db.readData(entry, name)] as const);
  const [version, dataSlot] = [db.newVersion(), slotOf(entry.key)];
  db.replace(entry, new Header({ ...entry.record, version, dataSlot }));
  for (const [name, data] of records) db.writeData(entry, name, data);
}
