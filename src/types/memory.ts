/** What a value would take in memory if all of it were resident, as estimated. */

import { dataBytes } from '../keyspace/collection.js';
import { type Entry, entryBytes } from '../keyspace/entry.js';
import { type KeyRecord, versionOf } from '../keyspace/header.js';
import { isString, lengthOf } from './string.js';
import { fragmentCount, fragmentName } from './string-fragments.js';

/** Bytes of the key and its value, without reading what is cold. */
export function memoryOf(entry: Entry): number {
  const record = entry.record as KeyRecord;
  if (versionOf(record) === 0) return entryBytes(entry);
  return entryBytes(entry) + (isString(record) ? fragmentsBytes(lengthOf(record)) : 0);
}

function fragmentsBytes(length: number): number {
  const overhead = dataBytes(fragmentName(0), { value: '', segment: 0 });
  return length + fragmentCount(length) * overhead;
}
