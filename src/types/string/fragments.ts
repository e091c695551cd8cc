/** The fragments of a long string: which there are, how a range of bytes is read and written through them. */

import { CHUNK_BYTES } from '../../base/large-string.js';
import { overwrite } from '../../base/overwrite.js';
import { changedBy } from '../../keyspace/changed-bytes.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import type { Header } from '../../keyspace/header.js';
import { type StringValue, sliceValue } from './value.js';

/** The table of string fragments (docs/formats/records.md). Written to disk: never renumber. */
const TABLE = 1;

/** The name of a fragment among the records of its key. */
export function fragmentName(index: number): string {
  return String.fromCharCode(
    TABLE,
    index >>> 24,
    (index >>> 16) & 0xff,
    (index >>> 8) & 0xff,
    index & 0xff,
  );
}

export function fragmentCount(length: number): number {
  return Math.ceil(length / CHUNK_BYTES);
}

/** The inverse of fragmentName. */
export function fragmentIndex(name: string): number {
  let index = 0;
  for (let i = 1; i < name.length; i++) index = index * 256 + name.charCodeAt(i);
  return index;
}

/** Bytes of the fragment of a string of that length. */
export function fragmentLength(index: number, length: number): number {
  return Math.min(CHUNK_BYTES, length - index * CHUNK_BYTES);
}

/** Shared, so that the holes of a sparse string take no memory. */
const ZEROS = '\0'.repeat(CHUNK_BYTES);

/** A stored fragment, or none, as the bytes it stands for: what it lacks is zero. */
export function fragmentBytes(stored: string | undefined, length: number): string {
  if (stored === undefined && length === CHUNK_BYTES) return ZEROS;
  return (stored ?? '').padEnd(length, '\0');
}

/** The bytes from `start` to `end` (not empty, within the string), one piece for each fragment. */
export function readPieces(
  db: Database,
  entry: Entry,
  start: number,
  end: number,
): readonly string[] {
  const first = Math.floor(start / CHUNK_BYTES);
  const last = Math.floor((end - 1) / CHUNK_BYTES);
  db.needData(entry, fragmentNames(first, last));
  const { count } = entry.record as Header;
  const pieces: string[] = [];
  for (let i = first; i <= last; i++) {
    const at = i * CHUNK_BYTES;
    const length = fragmentLength(i, count);
    const stored = db.readData(entry, fragmentName(i));
    const from = Math.max(0, start - at);
    const to = Math.min(length, end - at);
    if (from === 0 && to === length) pieces.push(fragmentBytes(stored, length));
    else pieces.push((stored ?? '').slice(from, to).padEnd(to - from, '\0'));
  }
  return pieces;
}

/** Bytes that are stored of a string, and where in it they stand. */
export interface Stretch {
  readonly at: number;
  readonly text: string;
}

/** What is stored of the bytes from `start` to `end`, a stretch for each fragment there is. */
export function storedStretches(
  db: Database,
  entry: Entry,
  start: number,
  end: number,
): readonly Stretch[] {
  if (start >= end) return [];
  const from = fragmentName(Math.floor(start / CHUNK_BYTES));
  const to = fragmentName(fragmentCount(end));
  const stretches: Stretch[] = [];
  for (const name of db.scanData(entry, { from, to })) {
    const first = fragmentIndex(name) * CHUNK_BYTES;
    const bytes = db.readData(entry, name) ?? '';
    const at = Math.max(start, first);
    if (at < first + bytes.length)
      stretches.push({ at, text: bytes.slice(at - first, end - first) });
  }
  return stretches;
}

function fragmentNames(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => fragmentName(first + i));
}

/**
 * Writes the value over the bytes from `offset` on. Reads only the fragments at its two ends, and only if they
 * hold bytes that stay. The header is the caller's business; `length` is the string's before this write.
 */
export function writeAt(
  db: Database,
  entry: Entry,
  length: number,
  offset: number,
  value: StringValue,
): void {
  const end = offset + value.length;
  const first = Math.floor(offset / CHUNK_BYTES);
  const last = Math.floor((end - 1) / CHUNK_BYTES);
  const keeps = (index: number): boolean => keepsBytes(index, length, offset, end);
  const ends = first === last ? [first] : [first, last];
  db.needData(entry, ends.filter(keeps).map(fragmentName));
  for (let i = first; i <= last; i++) {
    const at = i * CHUNK_BYTES;
    const from = Math.max(offset, at);
    const piece = sliceValue(value, from - offset, Math.min(end, at + CHUNK_BYTES) - offset);
    const name = fragmentName(i);
    const old = keeps(i) ? (db.readData(entry, name) ?? '') : '';
    const changed = changedBy(old.length, from - at, piece.length);
    db.writeData(entry, name, overwrite(old, from - at, piece), changed);
  }
}

/** Whether the fragment holds bytes of the old string that the range from `offset` to `end` does not cover. */
function keepsBytes(index: number, length: number, offset: number, end: number): boolean {
  const at = index * CHUNK_BYTES;
  const oldEnd = Math.min(length, at + CHUNK_BYTES);
  return oldEnd > at && (offset > at || end < oldEnd);
}
