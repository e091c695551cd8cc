/** Copies what stands at a key, of whatever type, to another key or database. */

import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import {
  expireAtOf,
  type KeyRecord,
  type TypeNumber,
  typeOf,
  ValueType,
  versionOf,
} from '../keyspace/header.js';
import { read, set } from './string.js';

/** Copies the collection at the entry, with its expiry, to a key whose old value is of no matter. */
type CopyCollection = (from: Database, source: Entry, to: Database, key: string) => void;

/** A type whose values may stand in `d` records says here how they are copied. */
const collections: Partial<Record<TypeNumber, CopyCollection>> = {
  [ValueType.string]: copyFragments,
};

/** Puts what the entry holds at the key, its expiry included, whatever was there. */
export function copy(from: Database, source: Entry, to: Database, key: string): void {
  const record = source.record as KeyRecord;
  if (versionOf(record) === 0) {
    to.put(key, record);
    return;
  }
  const copyCollection = collections[typeOf(record)];
  if (copyCollection === undefined) throw new Error(`bug: type ${typeOf(record)} has no copy`);
  copyCollection(from, source, to, key);
}

function copyFragments(from: Database, source: Entry, to: Database, key: string): void {
  set(to, key, read(from, source), expireAtOf(source.record as KeyRecord));
}
