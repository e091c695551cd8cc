/** HyperLogLogs, which are strings in the layout of Redis: what GET returns from one server, SET brings to another. */

import { CHUNK_BYTES } from '../../base/large-string.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import { inlineString, type KeyRecord } from '../../keyspace/header.js';
import {
  expiryOf,
  find,
  lengthOf,
  overwriteBytes,
  reach,
  read,
  readRange,
  set,
} from '../string/string.js';
import { textOf } from '../string/value.js';
import { failValue } from '../value-error.js';
import {
  CARDINALITY_AT,
  emptyHyperloglog,
  forgetCardinality,
  isHeader,
  keepCardinality,
  keptCardinality,
  raise,
  registerOf,
} from './bytes.js';
import { estimate } from './estimate.js';
import {
  DENSE_BYTES,
  histogramOf,
  histogramOfRegisters,
  mergeInto,
  packDense,
  placeOf,
  readDense,
  toDense,
} from './registers.js';
import { HEADER_BYTES, isSparse, REGISTERS, type Run, runsOf } from './sparse.js';

/** Reading one value after the other would make more garbage than all the rest. */
const scratch = Buffer.alloc(DENSE_BYTES);
const scratchRegisters = new Uint8Array(REGISTERS);

/**
 * Adds the elements and says whether the estimate may have changed. `mostSparse`: bytes of the sparse form, above
 * which the dense one takes its place. @throws ValueError WRONG_TYPE, NOT_HYPERLOGLOG, CORRUPT_HYPERLOGLOG
 */
export function add(
  db: Database,
  key: string,
  elements: readonly string[],
  mostSparse: number,
): boolean {
  const entry = findHyperloglog(db, key);
  let bytes = entry === undefined ? emptyHyperloglog() : bytesAt(db, entry);
  const isInPlace = entry !== undefined && !isSparse(bytes);
  const raised: number[] = [];
  for (const element of elements) {
    const { index, rank } = registerOf(element);
    const after = raise(bytes, index, rank, mostSparse);
    if (after === undefined) continue;
    bytes = after;
    raised.push(index);
  }
  if (entry !== undefined && raised.length === 0) {
    reach(db, key, 0);
    return false;
  }
  if (isInPlace) storeRegisters(db, entry, bytes, raised);
  else storeStale(db, key, entry, bytes);
  return true;
}

/** Writes what has changed of a dense form: from the first of the registers to the last, and that the estimate is none any more. */
function storeRegisters(
  db: Database,
  entry: Entry,
  bytes: Buffer,
  registers: readonly number[],
): void {
  if (keptCardinality(bytes) !== undefined) {
    forgetCardinality(bytes);
    storeCardinality(db, entry, bytes);
  }
  let [first, last] = [REGISTERS, 0];
  for (const register of registers) {
    first = Math.min(first, register);
    last = Math.max(last, register);
  }
  storeBytes(db, entry, bytes, placeOf(first), placeOf(last) + 2);
}

function storeCardinality(db: Database, entry: Entry, bytes: Buffer): void {
  storeBytes(db, entry, bytes, CARDINALITY_AT, HEADER_BYTES);
}

function storeBytes(db: Database, entry: Entry, bytes: Buffer, start: number, end: number): void {
  overwriteBytes(db, entry, start, bytes.latin1Slice(start, Math.min(end, bytes.length)));
}

/**
 * The estimate; with `keeps` it is kept with the value, so that it need not be made again.
 * @throws ValueError as `add` does
 */
export function count(db: Database, key: string, keeps: boolean): bigint {
  const entry = findHyperloglog(db, key);
  if (entry === undefined) return 0n;
  const known = keptCardinality(headerAt(db, entry));
  if (known !== undefined) {
    if (keeps) reach(db, key, 0);
    return known;
  }
  const bytes = bytesAt(db, entry);
  const cardinality = estimate(histogramOf(bytes));
  if (keeps) {
    keepCardinality(bytes, cardinality);
    storeCardinality(db, entry, bytes);
  }
  return cardinality;
}

/** The estimate of all together. @throws ValueError as `add` does */
export function countUnion(db: Database, keys: readonly string[]): bigint {
  return estimate(histogramOfRegisters(unionOf(db, keys).registers));
}

/** Merges the sources into what is at the key. @throws ValueError as `add` does */
export function merge(
  db: Database,
  key: string,
  sources: readonly string[],
  mostSparse: number,
): void {
  const { registers, hasDense } = unionOf(db, [key, ...sources]);
  const entry = findHyperloglog(db, key);
  const old = entry === undefined ? emptyHyperloglog() : bytesAt(db, entry);
  const bytes = hasDense ? packDense(old, registers) : raiseAll(old, registers, mostSparse);
  storeStale(db, key, entry, bytes);
}

/** One register after the other, since the bytes of the sparse form depend on how they came about. */
function raiseAll(sparse: Buffer, registers: Uint8Array, mostSparse: number): Buffer {
  let bytes = sparse;
  for (let i = 0; i < REGISTERS && isSparse(bytes); i++) {
    const value = registers[i] as number;
    if (value > 0) bytes = raise(bytes, i, value, mostSparse) ?? bytes;
  }
  return isSparse(bytes) ? bytes : packDense(bytes, registers);
}

/** The registers are good until the next call. */
function unionOf(
  db: Database,
  keys: readonly string[],
): { readonly registers: Uint8Array; readonly hasDense: boolean } {
  const registers = scratchRegisters.fill(0);
  let hasDense = false;
  for (const key of keys) {
    const entry = findHyperloglog(db, key);
    if (entry === undefined) continue;
    const bytes = bytesAt(db, entry);
    hasDense ||= !isSparse(bytes);
    mergeInto(registers, bytes);
  }
  return { registers, hasDense };
}

export type HyperloglogForm = 'dense' | 'sparse';

/** Undefined without a key. @throws ValueError as `add` does */
export function formOf(db: Database, key: string): HyperloglogForm | undefined {
  const bytes = valueAt(db, key);
  if (bytes === undefined) return undefined;
  return isSparse(bytes) ? 'sparse' : 'dense';
}

/** The runs of the sparse form; undefined if it is dense. The key must be there. */
export function decode(db: Database, key: string): readonly Run[] | undefined {
  const bytes = valueAt(db, key);
  return bytes === undefined || !isSparse(bytes) ? undefined : [...runsOf(bytes)];
}

/** Makes the form dense, for good; false if it was. @throws ValueError as `add` does */
export function convertToDense(db: Database, key: string): boolean {
  const bytes = valueAt(db, key);
  if (bytes === undefined || !isSparse(bytes)) return false;
  store(db, key, find(db, key), toDense(bytes));
  return true;
}

/** All registers, of a value in the dense form. */
export function registersOf(db: Database, key: string): readonly number[] {
  const bytes = valueAt(db, key) ?? emptyHyperloglog();
  return Array.from({ length: REGISTERS }, (_, i) => readDense(bytes, i));
}

/** Also notes that the value is used in place, as Redis does. */
function valueAt(db: Database, key: string): Buffer | undefined {
  if (findHyperloglog(db, key) === undefined) return undefined;
  return bytesAt(db, reach(db, key, 0));
}

/** The entry of a string that looks like a HyperLogLog, or undefined without a key. */
function findHyperloglog(db: Database, key: string): Entry | undefined {
  const entry = find(db, key);
  if (entry === undefined) return undefined;
  const length = lengthOf(entry.record as KeyRecord);
  if (length < HEADER_BYTES) failValue('NOT_HYPERLOGLOG');
  return isHeader(headerAt(db, entry), length) ? entry : failValue('NOT_HYPERLOGLOG');
}

function headerAt(db: Database, entry: Entry): Buffer {
  return Buffer.from(readRange(db, entry, 0, HEADER_BYTES).join(''), 'latin1');
}

/** The value, in memory that is used again: it is good until the next one is read. */
function bytesAt(db: Database, entry: Entry): Buffer {
  const text = textOf(read(db, entry));
  if (text.length > scratch.length) return Buffer.from(text, 'latin1');
  return scratch.subarray(0, scratch.latin1Write(text, 0, text.length));
}

function storeStale(db: Database, key: string, entry: Entry | undefined, bytes: Buffer): void {
  forgetCardinality(bytes);
  store(db, key, entry, bytes);
}

function store(db: Database, key: string, entry: Entry | undefined, bytes: Buffer): void {
  const text = bytes.toString('latin1');
  if (text.length > CHUNK_BYTES) set(db, key, text, expiryOf(entry));
  else db.put(key, inlineString(text, expiryOf(entry), true));
}
