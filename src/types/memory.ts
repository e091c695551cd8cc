/** What a value would take in memory if all of it were resident, as estimated. */

import { dataBytes, tableRange } from '../keyspace/collection.js';
import type { Database } from '../keyspace/database.js';
import { type Entry, entryBytes } from '../keyspace/entry.js';
import { type Header, type TypeNumber, ValueType, versionOf } from '../keyspace/header.js';
import { isJson } from './json/json.js';
import { fragmentCount, fragmentName } from './string/fragments.js';
import { isString, lengthOf } from './string/string.js';

/** The tables that have a record for each element (docs/formats/records.md). */
const elementTables: Readonly<Record<TypeNumber, readonly number[]>> = {
  [ValueType.string]: [],
  [ValueType.list]: [6],
  [ValueType.set]: [3],
  [ValueType.zset]: [4, 5],
  [ValueType.hash]: [2],
  [ValueType.stream]: [7],
  [ValueType.json]: [],
};

/**
 * Bytes of the key and its value. Of a collection that is not resident, `samples` elements are read and stand for all;
 * 0 reads all. Strings and documents
 * are not read.
 */
export function memoryOf(db: Database, entry: Entry, samples: number): number {
  const own = entryBytes(entry);
  if (entry.record === undefined || versionOf(entry.record) === 0) return own;
  if (isString(entry.record)) return own + fragmentsBytes(lengthOf(entry.record));
  if (isJson(entry.record)) return own + fragmentsBytes((entry.record as Header).count);
  if (samples === 0) db.allData(entry);
  if (entry.data?.complete) return own + entry.data.bytes;
  return own + sampledBytes(db, entry, entry.record as Header, samples);
}

function fragmentsBytes(length: number): number {
  const overhead = dataBytes(fragmentName(0), '');
  return length + fragmentCount(length) * overhead;
}

function sampledBytes(db: Database, entry: Entry, header: Header, samples: number): number {
  const perElement = elementTables[header.type].map((table) => {
    const names = db.scanData(entry, { ...tableRange(table), limit: samples });
    const bytes = names.reduce((sum, name) => sum + dataBytes(name, db.readData(entry, name)), 0);
    return names.length === 0 ? 0 : bytes / names.length;
  });
  return Math.round(header.count * perElement.reduce((sum, bytes) => sum + bytes, 0));
}
