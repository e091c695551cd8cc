/** The registers of a HyperLogLog: the dense form, six bits each, and what they say of how many there were. */

import { DENSE, eachRun, FORM_AT, HEADER_BYTES, isSparse, REGISTERS } from './sparse.js';

export const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8;
/** Values that six bits can have. */
const VALUES = 64;
const MASK = VALUES - 1;
const LANES = 4;

/** The first of the two bytes that the register lies in. */
export function placeOf(index: number): number {
  return HEADER_BYTES + ((index * 6) >> 3);
}

export function readDense(bytes: Buffer, index: number): number {
  const at = placeOf(index);
  const shift = (index * 6) & 7;
  const word = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8);
  return (word >> shift) & 0x3f;
}

/** Raises the register to the value; false if it is as high already. */
export function raiseDense(bytes: Buffer, index: number, value: number): boolean {
  if (readDense(bytes, index) >= value) return false;
  const at = placeOf(index);
  const shift = (index * 6) & 7;
  const word = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8);
  const changed = (word & ~(0x3f << shift)) | (value << shift);
  bytes[at] = changed & 0xff;
  if (at + 1 < bytes.length) bytes[at + 1] = changed >> 8;
  return true;
}

/** The same registers in the dense form, the rest of the header as it is. @throws ValueError CORRUPT_HYPERLOGLOG */
export function toDense(sparse: Buffer): Buffer {
  const registers = new Uint8Array(REGISTERS);
  mergeInto(registers, sparse);
  return packDense(sparse, registers);
}

/** Raises each register to that of the value, if it is lower. @throws ValueError CORRUPT_HYPERLOGLOG */
export function mergeInto(registers: Uint8Array, bytes: Buffer): void {
  if (isSparse(bytes)) {
    eachRun(bytes, (first, length, value) => {
      for (let i = first; value > 0 && i < first + length; i++) raiseTo(registers, i, value);
    });
    return;
  }
  for (let i = 0; i < REGISTERS; i += 4) {
    const four = fourAt(bytes, i);
    raiseTo(registers, i, four & MASK);
    raiseTo(registers, i + 1, (four >> 6) & MASK);
    raiseTo(registers, i + 2, (four >> 12) & MASK);
    raiseTo(registers, i + 3, four >> 18);
  }
}

function raiseTo(registers: Uint8Array, index: number, value: number): void {
  if (value > (registers[index] as number)) registers[index] = value;
}

/** The registers in the dense form, under that header. */
export function packDense(header: Buffer, registers: Uint8Array): Buffer {
  const bytes = Buffer.alloc(DENSE_BYTES);
  header.copy(bytes, 0, 0, HEADER_BYTES);
  bytes[FORM_AT] = DENSE;
  const valueAt = (index: number): number => registers[index] as number;
  for (let i = 0, at = HEADER_BYTES; i < REGISTERS; i += 4, at += 3) {
    const four =
      valueAt(i) | (valueAt(i + 1) << 6) | (valueAt(i + 2) << 12) | (valueAt(i + 3) << 18);
    bytes[at] = four;
    bytes[at + 1] = four >> 8;
    bytes[at + 2] = four >> 16;
  }
  return bytes;
}

/** How many registers have each value. @throws ValueError CORRUPT_HYPERLOGLOG */
export function histogramOf(bytes: Buffer): Uint32Array {
  const lanes = new Uint32Array(LANES * VALUES);
  if (isSparse(bytes)) {
    eachRun(bytes, (_, length, value) => {
      lanes[value] = (lanes[value] as number) + length;
    });
  } else {
    for (let i = 0; i < REGISTERS; i += 4) {
      const four = fourAt(bytes, i);
      count(lanes, four & MASK, (four >> 6) & MASK, (four >> 12) & MASK, four >> 18);
    }
  }
  return sumOf(lanes);
}

export function histogramOfRegisters(registers: Uint8Array): Uint32Array {
  const lanes = new Uint32Array(LANES * VALUES);
  const valueAt = (index: number): number => registers[index] as number;
  for (let i = 0; i < REGISTERS; i += 4) {
    count(lanes, valueAt(i), valueAt(i + 1), valueAt(i + 2), valueAt(i + 3));
  }
  return sumOf(lanes);
}

/** Four counters side by side: of one, additions to the same value would have to wait for each other (half the speed). */
function count(lanes: Uint32Array, a: number, b: number, c: number, d: number): void {
  lanes[a] = (lanes[a] as number) + 1;
  lanes[VALUES + b] = (lanes[VALUES + b] as number) + 1;
  lanes[2 * VALUES + c] = (lanes[2 * VALUES + c] as number) + 1;
  lanes[3 * VALUES + d] = (lanes[3 * VALUES + d] as number) + 1;
}

function sumOf(lanes: Uint32Array): Uint32Array {
  const counts = lanes.slice(0, VALUES);
  for (let i = VALUES; i < lanes.length; i++) {
    counts[i % VALUES] = (counts[i % VALUES] as number) + (lanes[i] as number);
  }
  return counts;
}

/** Four registers of the dense form, the first of which is `index`: they stand in three bytes. */
function fourAt(bytes: Buffer, index: number): number {
  const at = HEADER_BYTES + (index >> 2) * 3;
  return (
    (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
  );
}
