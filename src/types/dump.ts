/**
 * DUMP's payload, the same as Redis's: docs/formats/dump.md. A type takes part with a writer, and with a reader under
 * each number that Redis gives its values.
 */

import { ByteReader } from '../base/byte-reader.js';
import { ByteWriter } from '../base/byte-writer.js';
import { crc64 } from '../base/crc64.js';
import { tableRange } from '../keyspace/collection.js';
import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import {
  type Header,
  type KeyRecord,
  NEVER,
  type TypeNumber,
  typeOf,
  ValueType,
} from '../keyspace/header.js';
import type { CollectionEntry } from './collection.js';
import { isJson } from './json.js';
import { hashReaders, hashWriter } from './rdb/hash.js';
import { jsonReaders, writeJson } from './rdb/json.js';
import { listReaders, listWriter } from './rdb/list.js';
import { setReaders, setWriter } from './rdb/set.js';
import { sortedSetReaders, sortedSetWriter } from './rdb/sorted-set.js';
import { streamReaders } from './rdb/stream-reader.js';
import { streamWriter } from './rdb/stream-writer.js';
import { readString, reserveLength, writeString } from './rdb/string.js';
import type { CollectionWriter, DumpOptions, MakeWriter, Readers, Target } from './rdb/target.js';
import { isString, read, set } from './string.js';
import { failValue } from './value-error.js';

/** Of Redis 7.0, so that it can read what DiskDB writes; and of 7.4, the newest that DiskDB reads. */
const VERSION_WRITTEN = 10;
const VERSION_MAX = 12;
/** From this number on 7.4 is needed. */
const FIRST_OF_NEWER = 22;
const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 2 + CHECKSUM_BYTES;

const RDB_STRING = 0;

type CollectionType = Exclude<TypeNumber, typeof ValueType.string | typeof ValueType.json>;

const writers: Record<CollectionType, MakeWriter> = {
  [ValueType.list]: listWriter,
  [ValueType.set]: setWriter,
  [ValueType.zset]: sortedSetWriter,
  [ValueType.hash]: hashWriter,
  [ValueType.stream]: streamWriter,
};

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

/**
 * The payload of what is at the entry; undefined if all of it has expired. A collection becomes resident for it.
 * @throws ValueError DUMP_TOO_LONG
 */
export function dump(db: Database, entry: Entry, options: DumpOptions): Buffer | undefined {
  const record = entry.record as KeyRecord;
  const out = new ByteWriter();
  if (isString(record)) {
    out.u8(RDB_STRING);
    writeString(out, read(db, entry), options.compresses);
  } else if (isJson(record)) {
    writeJson(out, db, entry, options.compresses);
  } else {
    const makeWriter = writers[typeOf(record) as CollectionType];
    const writer = makeWriter(db, entry as CollectionEntry, options.compresses);
    const count = writeElements(out, db, entry, writer, options.longest);
    if (count === 0 && (record as Header).count > 0) return undefined;
  }
  return sealed(out, options.longest);
}

/** Returns what the payload counts: elements that have not expired, nodes of a stream. */
function writeElements(
  out: ByteWriter,
  db: Database,
  entry: Entry,
  writer: CollectionWriter,
  longest: number,
): number {
  writer.begin(out);
  const place = reserveLength(out);
  let count = 0;
  for (const name of db.scanData(entry, tableRange(writer.table))) {
    count += writer.element(out, name, db.readData(entry, name) as string);
    if (out.length > longest) failValue('DUMP_TOO_LONG');
  }
  count += writer.end(out);
  out.setU32(place, count);
  return count;
}

function sealed(out: ByteWriter, longest: number): Buffer {
  const isNewer = (out.buffer[0] as number) >= FIRST_OF_NEWER;
  out.u8(isNewer ? VERSION_MAX : VERSION_WRITTEN);
  out.u8(0);
  out.bytes(crc64(out.view()));
  return out.length > longest ? failValue('DUMP_TOO_LONG') : out.view();
}

/**
 * Puts the value in the payload at the key, without an expiry, whatever was there. If it throws, the transaction is
 * to be undone. @throws ValueError BAD_CHECKSUM, BAD_FORMAT
 */
export function restore(payload: Buffer, target: Target): void {
  const end = payload.length - FOOTER_BYTES;
  if (end < 0 || payload.readUInt16LE(end) > VERSION_MAX || !isWhole(payload)) {
    failValue('BAD_CHECKSUM');
  }
  const reader = new ByteReader(payload, 0, end);
  try {
    const read = readers.get(reader.u8());
    if (read === undefined) failValue('BAD_FORMAT');
    read(reader, target);
  } catch (error) {
    if (error instanceof RangeError) failValue('BAD_FORMAT');
    throw error;
  }
}

function isWhole(payload: Buffer): boolean {
  const end = payload.length - CHECKSUM_BYTES;
  return crc64(payload.subarray(0, end)).equals(payload.subarray(end));
}
