/** Strings as arrays of bits; the first is the highest of the first byte. What is not stored is zero. */

import { CHUNK_BYTES } from '../../base/large-string.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import type { KeyRecord } from '../../keyspace/header.js';
import {
  find,
  length,
  lengthOf,
  overwriteBytes,
  reach,
  readRange,
  readStretches,
} from '../string/string.js';
import { BitWords } from './words.js';

/** Bits from `start` to `end` (excluded). */
export interface BitRange {
  readonly start: number;
  readonly end: number;
}

const scratch = new BitWords();

/** The bit at the offset. @throws ValueError WRONG_TYPE */
export function getBit(db: Database, key: string, offset: number): number {
  const entry = find(db, key);
  return entry === undefined ? 0 : bitOf(byteAt(db, entry, Math.floor(offset / 8)), offset % 8);
}

/** Sets the bit and returns what it was; the string grows as it must. @throws ValueError WRONG_TYPE */
export function setBit(db: Database, key: string, offset: number, bit: number): number {
  const at = Math.floor(offset / 8);
  const grows = length(db, key) <= at;
  const entry = reach(db, key, at + 1);
  const byte = byteAt(db, entry, at);
  const old = bitOf(byte, offset % 8);
  const changed = byte ^ (0x80 >> (offset % 8));
  if (old !== bit) overwriteBytes(db, entry, at, String.fromCharCode(changed));
  if (grows || old !== bit) db.notify('string', 'setbit', key);
  return old;
}

function bitOf(byte: number, index: number): number {
  return (byte >> (7 - index)) & 1;
}

/** The byte at the offset; 0 beyond the end. */
function byteAt(db: Database, entry: Entry, offset: number): number {
  if (offset >= lengthOf(entry.record as KeyRecord)) return 0;
  return readRange(db, entry, offset, offset + 1)
    .join('')
    .charCodeAt(0);
}

/** Bits that are set in the range, which lies within the value. */
export function countBits(db: Database, entry: Entry, { start, end }: BitRange): number {
  if (start >= end) return 0;
  const first = Math.floor(start / 8);
  const last = Math.floor((end - 1) / 8);
  let count = 0;
  for (const { text } of readStretches(db, entry, first, last + 1)) {
    scratch.load(text);
    count += scratch.ones();
  }
  const before = byteAt(db, entry, first) >> (8 - (start % 8));
  const after = byteAt(db, entry, last) & (0xff >> (((end - 1) % 8) + 1));
  return count - onesIn(before) - onesIn(after);
}

function onesIn(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Bytes that a search looks at first; then twice as many, and so on. */
const SEARCHED_BYTES = 4 * CHUNK_BYTES;

/** Where the first such bit is in the range, which lies within the value; undefined if there is none. */
export function findBit(
  db: Database,
  entry: Entry,
  bit: number,
  { start, end }: BitRange,
): number | undefined {
  const byteEnd = Math.ceil(end / 8);
  const whole = Math.ceil(start / 8);
  const partial = byteAt(db, entry, Math.floor(start / 8));
  for (let at = start; at < Math.min(whole * 8, end); at++) {
    if (bitOf(partial, at % 8) === bit) return at;
  }
  for (let at = whole, size = SEARCHED_BYTES; at < byteEnd; size *= 2) {
    const next = Math.min(byteEnd, at + size - (at % CHUNK_BYTES));
    const found = findInBytes(db, entry, bit, at, next);
    if (found !== undefined) return found < end ? found : undefined;
    at = next;
  }
  return undefined;
}

function findInBytes(
  db: Database,
  entry: Entry,
  bit: number,
  start: number,
  end: number,
): number | undefined {
  let expected = start;
  for (const { at, text } of readStretches(db, entry, start, end)) {
    if (bit === 0 && at > expected) return expected * 8;
    const found = findInText(text, bit);
    if (found !== undefined) return at * 8 + found;
    expected = at + text.length;
  }
  return bit === 0 && expected < end ? expected * 8 : undefined;
}

function findInText(text: string, bit: number): number | undefined {
  const others = bit === 0 ? 0xff : 0;
  scratch.load(text);
  const at = scratch.indexOfOther(others, text.length);
  if (at === text.length) return undefined;
  return at * 8 + Math.clz32((scratch.byte(at) ^ others) << 24);
}
