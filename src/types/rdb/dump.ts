/**
 * DUMP's payload, the same as Redis's: docs/formats/dump.md. A type takes part with a writer, and with a reader under
 * each number that Redis gives its values.
 */

import { ByteWriter } from '../../base/byte-writer.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import { type KeyRecord, NEVER } from '../../keyspace/header.js';
import { isJson } from '../json/json.js';
import { isString, read, set } from '../string/string.js';
import { failValue } from '../value-error.js';
import { openPayload, sealNow } from './frame.js';
import { hashReaders } from './hash.js';
import { jsonReaders, writeJson } from './json.js';
import { listReaders } from './list.js';
import { setReaders } from './set.js';
import { sortedSetReaders } from './sorted-set.js';
import { streamReaders } from './stream-reader.js';
import { readString, writeString } from './string.js';
import type { Readers, Target } from './target.js';

const RDB_STRING = 0;

const stringReaders: Readers = [
  [
    RDB_STRING,
    (reader, { db, key, options }) => set(db, key, readString(reader, options.longest), NEVER),
  ],
];

const readers = new Map([
  ...stringReaders,
  ...listReaders,
  ...setReaders,
  ...sortedSetReaders,
  ...hashReaders,
  ...streamReaders,
  ...jsonReaders,
]);

/** The payload of a string or JSON; undefined for a collection, whose is made by CollectionDump. */
export function dumpSingle(db: Database, entry: Entry, compresses: boolean): Buffer | undefined {
  const record = entry.record as KeyRecord;
  const out = new ByteWriter();
  if (isString(record)) {
    out.u8(RDB_STRING);
    writeString(out, read(db, entry), compresses);
  } else if (isJson(record)) {
    writeJson(out, db, entry, compresses);
  } else {
    return undefined;
  }
  return sealNow(out);
}

/**
 * Puts the value in the payload at the key, without an expiry, whatever was there. If it throws, the transaction is
 * to be undone. @throws ValueError BAD_CHECKSUM, BAD_FORMAT
 */
export function restore(payload: Buffer, target: Target): void {
  const reader = openPayload(payload);
  try {
    const read = readers.get(reader.u8());
    if (read === undefined) failValue('BAD_FORMAT');
    read(reader, target);
  } catch (error) {
    if (error instanceof RangeError) failValue('BAD_FORMAT');
    throw error;
  }
}
