/**
 * Which tables belong to a store: what its MANIFEST says. Others may lie beside them, half written when a process was
 * killed; LevelDB removes them when it opens. The formats: leveldb/doc/log_format.md and impl.md.
 */

import { ByteReader } from '../../base/byte-reader.js';
import type { Files } from '../../base/files.js';

const LOG_BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
/** A whole edit, or its first, a middle and its last part. */
const FULL = 1;
const LAST = 4;

type Field = (reader: ByteReader, tables: Set<number>) => void;

/** By tag. Never renumbered by LevelDB. */
const FIELDS: Readonly<Record<number, Field>> = {
  1: skipText, // comparator
  2: skipNumber, // log number
  3: skipNumber, // next file number
  4: skipNumber, // last sequence
  // compaction pointer: level, key
  5: (reader) => {
    skipNumber(reader);
    skipText(reader);
  },
  // deleted table: level, number
  6: (reader, tables) => {
    skipNumber(reader);
    tables.delete(reader.varint());
  },
  // new table: level, number, size, first key, last key
  7: (reader, tables) => {
    skipNumber(reader);
    tables.add(reader.varint());
    skipNumber(reader);
    skipText(reader);
    skipText(reader);
  },
  9: skipNumber, // previous log number
};

/** The numbers of the tables; undefined if that cannot be read, of which LevelDB itself complains. */
export function tablesInUse(files: Files, store: string): ReadonlySet<number> | undefined {
  try {
    const name = readAll(files, `${store}/CURRENT`).toString('latin1').trimEnd();
    const tables = new Set<number>();
    for (const edit of editsIn(readAll(files, `${store}/${name}`))) applyEdit(edit, tables);
    return tables;
  } catch {
    return undefined;
  }
}

function readAll(files: Files, path: string): Buffer {
  const file = files.openSync(path, 'read');
  try {
    const bytes = Buffer.alloc(file.sizeSync());
    file.readSync(bytes, 0);
    return bytes;
  } finally {
    file.closeSync();
  }
}

/** A torn last one is left out, as LevelDB does. */
function* editsIn(bytes: Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const room = LOG_BLOCK_BYTES - (at % LOG_BLOCK_BYTES);
    const length = bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6] as number;
    if (room < HEADER_BYTES || type === 0) {
      at += room; // the rest of a block
      continue;
    }
    parts.push(bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length));
    at += HEADER_BYTES + length;
    if (type !== FULL && type !== LAST) continue;
    if (at <= bytes.length) yield Buffer.concat(parts);
    parts = [];
  }
}

function applyEdit(edit: Buffer, tables: Set<number>): void {
  const reader = new ByteReader(edit);
  while (reader.remaining > 0) {
    const field = FIELDS[reader.varint()];
    if (field === undefined) throw new Error('a field that LevelDB 1.20 does not write');
    field(reader, tables);
  }
}

/** Of up to 64 bits. */
function skipNumber(reader: ByteReader): void {
  while (reader.u8() >= 0x80);
}

function skipText(reader: ByteReader): void {
  reader.bytes(reader.varint());
}
