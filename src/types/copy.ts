/** Copies what stands at a key, of whatever type, to another key or database. */

import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { expireAtOf, type KeyRecord, versionOf } from '../keyspace/header.js';
import { type CollectionEntry, createCollection, updateHeader } from './collection.js';
import { isString, read, set } from './string/string.js';

/** Puts what the entry holds at the key, its expiry included, whatever was there. */
export function copy(from: Database, source: Entry, to: Database, key: string): void {
  const record = source.record as KeyRecord;
  if (versionOf(record) === 0) {
    to.put(key, record);
    return;
  }
  if (isString(record)) set(to, key, read(from, source), expireAtOf(record));
  else copyCollection(from, source as CollectionEntry, to, key);
}

/** Names of records hold nothing of their key: what stands under one version may stand under another. */
function copyCollection(from: Database, source: CollectionEntry, to: Database, key: string): void {
  const { type, count, value, expireAt } = source.record;
  from.needRoom(count);
  const names = from.allData(source);
  const target = createCollection(to, key, type, value, expireAt);
  for (const name of names) to.writeData(target, name, from.readData(source, name));
  updateHeader(to, target, count, value);
}
