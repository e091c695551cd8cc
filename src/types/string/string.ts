/**
 * Strings: up to CHUNK_BYTES they stand in the key's record; longer ones in fragments, of which a change
 * writes only those it touches (docs/formats/records.md).
 */

import { integer64 } from '../../base/integer.js';
import { CHUNK_BYTES, LargeString } from '../../base/large-string.js';
import { overwrite } from '../../base/overwrite.js';
import { changedBy } from '../../keyspace/changed-bytes.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import {
  expireAtOf,
  Header,
  inlineString,
  type KeyRecord,
  NEVER,
  typeOf,
  ValueType,
  withCount,
} from '../../keyspace/header.js';
import { slotOf } from '../../keyspace/key-name.js';
import { failValue } from '../value-error.js';
import { readPieces, type Stretch, storedStretches, writeAt } from './fragments.js';
import { chunksOf, type StringValue, textOf } from './value.js';

/** The key's entry, or undefined if there is no such key. @throws ValueError WRONG_TYPE */
export function find(db: Database, key: string): Entry | undefined {
  const entry = db.entry(key);
  const record = entry?.record;
  if (record === undefined || typeof record === 'string') return entry;
  return record.type === ValueType.string ? entry : failValue('WRONG_TYPE');
}

/** The value, whole. @throws ValueError WRONG_TYPE */
export function get(db: Database, key: string): StringValue | undefined {
  const entry = find(db, key);
  return entry === undefined ? undefined : read(db, entry);
}

/** The value at an entry that `find` returned. */
export function read(db: Database, entry: Entry): StringValue {
  const record = entry.record as KeyRecord;
  if (typeof record === 'string') return record;
  if (record.version === 0) return record.value;
  return new LargeString(record.count, readPieces(db, entry, 0, record.count));
}

/** Bytes of the string in the record. */
export function lengthOf(record: KeyRecord): number {
  if (typeof record === 'string') return record.length;
  return record.version === 0 ? record.value.length : record.count;
}

/** When the entry's key expires; NEVER if there is none. */
export function expiryOf(entry: Entry | undefined): number {
  return entry?.record === undefined ? NEVER : expireAtOf(entry.record);
}

/** Bytes of the value; 0 without a key. @throws ValueError WRONG_TYPE */
export function length(db: Database, key: string): number {
  const entry = find(db, key);
  return entry === undefined ? 0 : lengthOf(entry.record as KeyRecord);
}

/** Puts the value at the key, whatever was there. `expireAt` in milliseconds since 1970, or NEVER. */
export function set(db: Database, key: string, value: StringValue, expireAt = NEVER): void {
  if (value.length <= CHUNK_BYTES) {
    db.put(key, inlineString(textOf(value), expireAt));
    return;
  }
  const entry = putFragmented(db, key, value.length, expireAt);
  writeAt(db, entry, 0, 0, typeof value === 'string' ? asLarge(value) : value);
}

function asLarge(value: string): LargeString {
  return new LargeString(value.length, chunksOf(value));
}

/** A new header of a fragmented string, which as yet is all zero. */
function putFragmented(db: Database, key: string, count: number, expireAt: number): Entry {
  const [type, version, dataSlot] = [ValueType.string, db.newVersion(), slotOf(key)];
  return db.put(key, new Header({ type, expireAt, version, count, dataSlot }));
}

/**
 * Adds the bytes at the end and returns the new length. `longest` is the most a string may have.
 * @throws ValueError WRONG_TYPE, TOO_LONG
 */
export function append(db: Database, key: string, bytes: StringValue, longest: number): number {
  const entry = find(db, key);
  if (entry === undefined) {
    set(db, key, bytes);
    return bytes.length;
  }
  const record = entry.record as KeyRecord;
  const oldLength = lengthOf(record);
  checkLength(oldLength + bytes.length, longest);
  if (bytes.length === 0 && oldLength > CHUNK_BYTES) return oldLength;
  return write(db, key, entry, oldLength, bytes);
}

/**
 * Writes the bytes over the value from `offset` on, zeros before them if it is shorter; returns the new length.
 * No bytes change nothing. `longest` is the most a string may have. @throws ValueError WRONG_TYPE, TOO_LONG
 */
export function setRange(
  db: Database,
  key: string,
  offset: number,
  bytes: StringValue,
  longest: number,
): number {
  const entry = find(db, key);
  const oldLength = entry === undefined ? 0 : lengthOf(entry.record as KeyRecord);
  if (bytes.length === 0) return oldLength;
  checkLength(offset + bytes.length, longest);
  return write(db, key, entry, offset, bytes);
}

function checkLength(total: number, longest: number): void {
  if (total > longest) failValue('TOO_LONG');
}

function write(
  db: Database,
  key: string,
  entry: Entry | undefined,
  offset: number,
  bytes: StringValue,
): number {
  const record = entry?.record ?? '';
  const oldLength = lengthOf(record);
  const newLength = Math.max(oldLength, offset + bytes.length);
  const expireAt = expireAtOf(record);
  if (newLength <= CHUNK_BYTES) {
    overwriteInline(db, key, entry, offset, textOf(bytes));
  } else if (entry !== undefined && oldLength > CHUNK_BYTES) {
    writeFragments(db, entry, offset, bytes, newLength);
  } else {
    const fresh = putFragmented(db, key, newLength, expireAt);
    const old = inlineText(record);
    if (old !== '') writeAt(db, fresh, 0, 0, old);
    writeAt(db, fresh, oldLength, offset, bytes);
  }
  return newLength;
}

/**
 * Makes the value at the key at least so long, with zeros, and notes that it is changed in place. In a string of
 * fragments the zeros cost nothing. @throws ValueError WRONG_TYPE
 */
export function reach(db: Database, key: string, length: number): Entry {
  const entry = find(db, key);
  const record = entry?.record ?? '';
  const oldLength = lengthOf(record);
  const newLength = Math.max(oldLength, length);
  if (entry !== undefined && isFragmented(record)) {
    if (newLength > oldLength) setLength(db, entry, newLength);
    return entry;
  }
  if (newLength > CHUNK_BYTES) {
    const fresh = putFragmented(db, key, newLength, expireAtOf(record));
    const text = inlineText(record);
    if (text !== '') writeAt(db, fresh, 0, 0, text);
    return fresh;
  }
  if (entry !== undefined && newLength === oldLength && encodingOf(record) === 'raw') return entry;
  return overwriteInline(db, key, entry, newLength, '');
}

/** Writes over bytes that the value at the entry has. */
export function overwriteBytes(db: Database, entry: Entry, offset: number, bytes: string): void {
  const record = entry.record as KeyRecord;
  if (isFragmented(record)) {
    writeAt(db, entry, record.count, offset, bytes);
  } else {
    overwriteInline(db, entry.key, entry, offset, bytes);
  }
}

/** The value becomes longer if it must; without an entry the key is new. */
function overwriteInline(
  db: Database,
  key: string,
  entry: Entry | undefined,
  offset: number,
  bytes: string,
): Entry {
  const text = inlineText(entry?.record ?? '');
  const record = inlineString(overwrite(text, offset, bytes), expiryOf(entry), true);
  if (entry === undefined) return db.put(key, record);
  db.replace(entry, record, changedBy(text.length, offset, bytes.length));
  return entry;
}

function inlineText(record: KeyRecord): string {
  return typeof record === 'string' ? record : record.value;
}

function writeFragments(
  db: Database,
  entry: Entry,
  offset: number,
  bytes: StringValue,
  newLength: number,
): void {
  writeAt(db, entry, lengthOf(entry.record as Header), offset, bytes);
  setLength(db, entry, newLength);
}

function setLength(db: Database, entry: Entry, length: number): void {
  db.replace(entry, withCount(entry.record as Header, length));
}

/** What GETRANGE means by two offsets (from the end if negative, both included): start and end, or none. */
export function rangeWithin(
  length: number,
  first: number,
  last: number,
): readonly [start: number, end: number] | undefined {
  if (first < 0 && last < 0 && first > last) return undefined;
  const start = Math.max(0, first < 0 ? length + first : first);
  const end = Math.min(length, Math.max(0, last < 0 ? length + last : last) + 1);
  return start < end ? [start, end] : undefined;
}

/** The bytes from `start` to `end`, which lie within the value, in pieces; reads only their fragments. */
export function readRange(
  db: Database,
  entry: Entry,
  start: number,
  end: number,
): readonly string[] {
  const record = entry.record as KeyRecord;
  if (isFragmented(record)) return readPieces(db, entry, start, end);
  return [inlineText(record).slice(start, end)];
}

/**
 * What is stored of the bytes from `start` to `end`, which lie within the value, in pieces of at most CHUNK_BYTES,
 * none across the border of a fragment. Bytes that are in none of them are zero.
 */
export function readStretches(
  db: Database,
  entry: Entry,
  start: number,
  end: number,
): readonly Stretch[] {
  const record = entry.record as KeyRecord;
  if (isFragmented(record)) return storedStretches(db, entry, start, end);
  return [{ at: start, text: inlineText(record).slice(start, end) }];
}

/** True if the value stands in `d` records, of which some may not be resident. */
function isFragmented(record: KeyRecord): record is Header {
  return typeof record !== 'string' && record.version !== 0;
}

/** Puts the value at the key; the expiry of the entry, if `find` found one, stays. */
export function replaceValue(
  db: Database,
  key: string,
  entry: Entry | undefined,
  value: string,
): void {
  if (entry?.record === undefined) db.put(key, value);
  else db.replace(entry, inlineString(value, expireAtOf(entry.record)));
}

export type StringEncoding = 'int' | 'embstr' | 'raw';

/** Longest string that Redis keeps in one allocation with its object. */
const EMBEDDED_BYTES = 44;

/** What OBJECT ENCODING says of the string in the record. */
export function encodingOf(record: KeyRecord): StringEncoding {
  if (typeof record !== 'string' && record.isRaw) return 'raw';
  if (lengthOf(record) > EMBEDDED_BYTES) return 'raw';
  return integer64(inlineText(record)) === undefined ? 'embstr' : 'int';
}

/** True if the record holds a string. */
export function isString(record: KeyRecord): boolean {
  return typeOf(record) === ValueType.string;
}
