/**
 * The sparse form of a HyperLogLog: runs of registers after the header, each in a byte or two.
 *
 *     00nnnnnn            n+1 registers are zero
 *     01nnnnnn nnnnnnnn   n+1 registers are zero
 *     1vvvvvnn            n+1 registers are v+1
 *
 * Changes give the same bytes as Redis's, so that values compare equal wherever they were made.
 */

import { failValue } from '../value-error.js';

export const HEADER_BYTES = 16;
export const REGISTERS = 16_384;

/** Where the header names the form of the registers, and the names. */
export const FORM_AT = 4;
export const DENSE = 0;
export const SPARSE = 1;

export function isSparse(bytes: Buffer): boolean {
  return bytes[FORM_AT] === SPARSE;
}

/** The highest value of a run, and the most registers of one by its kind. */
const HIGHEST_VALUE = 32;
const VALUE_RUN = 4;
const ZERO_RUN = 64;

/** Runs that are looked at after a change, to join them. */
const JOINED_RUNS = 5;

/** A run of all registers, which are zero. */
export const EMPTY_RUNS: readonly number[] = zeroRun(REGISTERS);

/** What PFDEBUG DECODE sees of it. */
export interface Run {
  readonly length: number;
  /** 0 for zeros. */
  readonly value: number;
  /** True for the form of two bytes. */
  readonly isLong: boolean;
}

/** The runs one after the other, as they stand there, whether or not they come to all registers. */
export function* runsOf(bytes: Buffer): Generator<Run> {
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const isLong = isLongAt(bytes, at);
    yield { length: lengthAt(bytes, at), value: valueAt(bytes, at), isLong };
    at += isLong ? 2 : 1;
  }
}

/** Calls back for each run, which together are all registers. @throws ValueError CORRUPT_HYPERLOGLOG */
export function eachRun(
  bytes: Buffer,
  take: (first: number, length: number, value: number) => void,
): void {
  let first = 0;
  for (let at = HEADER_BYTES; at < bytes.length; at += isLongAt(bytes, at) ? 2 : 1) {
    const length = lengthAt(bytes, at);
    if (first + length > REGISTERS) failValue('CORRUPT_HYPERLOGLOG');
    take(first, length, valueAt(bytes, at));
    first += length;
  }
  if (first !== REGISTERS) failValue('CORRUPT_HYPERLOGLOG');
}

/**
 * The bytes with the register raised to the value: the same object if it is as high already, undefined if the
 * sparse form cannot hold it, or not in `mostBytes`. @throws ValueError CORRUPT_HYPERLOGLOG
 */
export function raiseSparse(
  bytes: Buffer,
  index: number,
  value: number,
  mostBytes: number,
): Buffer | undefined {
  if (value > HIGHEST_VALUE) return undefined;
  const { at, before, first } = find(bytes, index);
  const old = valueAt(bytes, at);
  if (old >= value) return bytes;
  const last = first + lengthAt(bytes, at) - 1;
  const runs = [...run(old, index - first), ...run(value, 1), ...run(old, last - index)];
  const end = at + (isLongAt(bytes, at) ? 2 : 1);
  const growth = runs.length - (end - at);
  if (growth > 0 && bytes.length + growth > mostBytes) return undefined;
  const changed = Buffer.allocUnsafe(bytes.length + growth);
  bytes.copy(changed, 0, 0, at);
  // Of a damaged value the last run may be cut short, and then the new ones are.
  for (let i = 0; i < runs.length && at + i < changed.length; i++)
    changed[at + i] = runs[i] as number;
  bytes.copy(changed, at + runs.length, Math.min(end, bytes.length));
  return join(changed, before);
}

interface Place {
  readonly at: number;
  /** Where the run before it is, or it itself if it is the first. */
  readonly before: number;
  /** The run's first register. */
  readonly first: number;
}

/** Nearly all of the time of PFADD goes by here: a table tells how long a run is, where a branch would be a guess. */
function find(bytes: Buffer, index: number): Place {
  const end = bytes.length;
  let before = HEADER_BYTES;
  let left = index;
  let at = HEADER_BYTES;
  while (at < end) {
    const start = at;
    let length = SHORT_LENGTHS[bytes[at++] as number] as number;
    if (length === LONG) length = lengthAt(bytes, at++ - 1);
    if (left < length) return { at: start, before, first: index - left };
    left -= length;
    before = start;
  }
  return failValue('CORRUPT_HYPERLOGLOG');
}

/** Joins neighbours of one value from `start` on, in place. */
function join(bytes: Buffer, start: number): Buffer {
  let end = bytes.length;
  let at = start;
  for (let left = JOINED_RUNS; at < end && left > 0; left--) {
    const length = at + 1 < end ? lengthAt(bytes, at) + lengthAt(bytes, at + 1) : 0;
    const value = valueAt(bytes, at);
    const joins = length > 0 && length <= VALUE_RUN && value === valueAt(bytes, at + 1);
    if (value > 0 && joins) {
      bytes[at + 1] = valueRun(value, length);
      bytes.copyWithin(at, at + 1, end);
      end--;
    } else {
      at += isLongAt(bytes, at) ? 2 : 1;
    }
  }
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

function run(value: number, length: number): readonly number[] {
  if (length === 0) return [];
  return value === 0 ? zeroRun(length) : [valueRun(value, length)];
}

function zeroRun(length: number): readonly number[] {
  const stored = length - 1;
  return length > ZERO_RUN ? [0x40 | (stored >> 8), stored & 0xff] : [stored];
}

function valueRun(value: number, length: number): number {
  return 0x80 | ((value - 1) << 2) | (length - 1);
}

function isLongAt(bytes: Buffer, at: number): boolean {
  return ((bytes[at] as number) & 0xc0) === 0x40;
}

function valueAt(bytes: Buffer, at: number): number {
  const byte = bytes[at] as number;
  return byte & 0x80 ? ((byte >> 2) & 0x1f) + 1 : 0;
}

/** Stands in SHORT_LENGTHS for the runs of two bytes. */
const LONG = 0;
/** Registers of each run of one byte, by that byte. */
const SHORT_LENGTHS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte & 0x80) return (byte & 0x03) + 1;
  return byte & 0x40 ? LONG : byte + 1;
});

function lengthAt(bytes: Buffer, at: number): number {
  const byte = bytes[at] as number;
  const length = SHORT_LENGTHS[byte] as number;
  return length === LONG ? (((byte & 0x3f) << 8) | (bytes[at + 1] ?? 0)) + 1 : length;
}
