/**
 * DUMP's payload, the same as Redis's: docs/formats/dump.md. A type takes part with a writer under its number, and with
 * a reader under each number that Redis gives its values.
 */

import { ByteReader } from '../base/byte-reader.js';
import { ByteWriter } from '../base/byte-writer.js';
import { crc64 } from '../base/crc64.js';
import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { type KeyRecord, type TypeNumber, typeOf, ValueType } from '../keyspace/header.js';
import { readString, writeString } from './rdb-string.js';
import { read, set } from './string.js';
import { failValue } from './value-error.js';

/** Of Redis 7.0, so that it can read what DiskDB writes; and of 7.4, the newest that DiskDB reads. */
const VERSION_WRITTEN = 10;
const VERSION_MAX = 12;
const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 2 + CHECKSUM_BYTES;

/** What of the configuration matters to the layout. */
export interface DumpOptions {
  readonly compresses: boolean;
  /** Bytes of the longest string. */
  readonly longest: number;
}

/** Puts what was read at a key, whatever was there. `expireAt` in milliseconds since 1970, or NEVER. */
export type Restore = (db: Database, key: string, expireAt: number) => void;

/** Writes Redis's number for the value, and the value. */
type Writer = (out: ByteWriter, db: Database, entry: Entry, options: DumpOptions) => void;

/** Reads what follows the number. It sees no database: what it throws is about the payload. */
type Reader = (reader: ByteReader, options: DumpOptions) => Restore;

const RDB_STRING = 0;

const writers: Partial<Record<TypeNumber, Writer>> = {
  [ValueType.string]: (out, db, entry, { compresses }) => {
    out.u8(RDB_STRING);
    writeString(out, read(db, entry), compresses);
  },
};

const readers: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [
    RDB_STRING,
    (reader, { longest }) => {
      const value = readString(reader, longest);
      return (db, key, expireAt) => set(db, key, value, expireAt);
    },
  ],
]);

/** The payload of what is at the entry; undefined if its type has none. */
export function dump(db: Database, entry: Entry, options: DumpOptions): Buffer | undefined {
  const writer = writers[typeOf(entry.record as KeyRecord)];
  if (writer === undefined) return undefined;
  const out = new ByteWriter();
  writer(out, db, entry, options);
  out.u8(VERSION_WRITTEN);
  out.u8(0);
  out.bytes(crc64(out.view()));
  return out.view();
}

/** Reads the payload, whole, before anything is changed. @throws ValueError BAD_CHECKSUM, BAD_FORMAT */
export function readDump(payload: Buffer, options: DumpOptions): Restore {
  const end = payload.length - FOOTER_BYTES;
  if (end < 0 || payload.readUInt16LE(end) > VERSION_MAX || !isWhole(payload)) {
    failValue('BAD_CHECKSUM');
  }
  const reader = new ByteReader(payload, 0, end);
  try {
    const read = readers.get(reader.u8());
    return read === undefined ? failValue('BAD_FORMAT') : read(reader, options);
  } catch (error) {
    if (error instanceof RangeError) return failValue('BAD_FORMAT');
    throw error;
  }
}

function isWhole(payload: Buffer): boolean {
  const end = payload.length - CHECKSUM_BYTES;
  return crc64(payload.subarray(0, end)).equals(payload.subarray(end));
}
