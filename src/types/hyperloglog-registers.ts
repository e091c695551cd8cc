/** The registers of a HyperLogLog: the dense form, six bits each, and what they say of how many there were. */

import {
  DENSE,
  eachRun,
  FORM_AT,
  HEADER_BYTES,
  isSparse,
  REGISTERS,
} from './hyperloglog-sparse.js';

export const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8;

export function readDense(bytes: Buffer, index: number): number {
  const at = HEADER_BYTES + ((index * 6) >> 3);
  const shift = (index * 6) & 7;
  const word = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8);
  return (word >> shift) & 0x3f;
}

/** Raises the register to the value; false if it is as high already. */
export function raiseDense(bytes: Buffer, index: number, value: number): boolean {
  if (readDense(bytes, index) >= value) return false;
  const at = HEADER_BYTES + ((index * 6) >> 3);
  const shift = (index * 6) & 7;
  const word = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8);
  const changed = (word & ~(0x3f << shift)) | (value << shift);
  bytes[at] = changed & 0xff;
  if (at + 1 < bytes.length) bytes[at + 1] = changed >> 8;
  return true;
}

/** The same registers in the dense form, the rest of the header as it is. @throws ValueError CORRUPT_HYPERLOGLOG */
export function toDense(sparse: Buffer): Buffer {
  const dense = Buffer.alloc(DENSE_BYTES);
  sparse.copy(dense, 0, 0, HEADER_BYTES);
  dense[FORM_AT] = DENSE;
  eachRun(sparse, (first, length, value) => {
    if (value === 0) return;
    for (let i = first; i < first + length; i++) raiseDense(dense, i, value);
  });
  return dense;
}

/** Raises each register to that of the value, if it is lower. @throws ValueError CORRUPT_HYPERLOGLOG */
export function mergeInto(registers: Uint8Array, bytes: Buffer): void {
  const raise = (index: number, value: number): void => {
    if (value > (registers[index] as number)) registers[index] = value;
  };
  if (isSparse(bytes)) {
    eachRun(bytes, (first, length, value) => {
      for (let i = first; value > 0 && i < first + length; i++) raise(i, value);
    });
  } else {
    for (let i = 0; i < REGISTERS; i++) raise(i, readDense(bytes, i));
  }
}

/** How many registers have each value. @throws ValueError CORRUPT_HYPERLOGLOG */
export function histogramOf(bytes: Buffer): Uint32Array {
  const counts = new Uint32Array(64);
  const add = (value: number, count: number): void => {
    counts[value] = (counts[value] as number) + count;
  };
  if (isSparse(bytes)) eachRun(bytes, (_, length, value) => add(value, length));
  else for (let i = 0; i < REGISTERS; i++) add(readDense(bytes, i), 1);
  return counts;
}

export function histogramOfRegisters(registers: Uint8Array): Uint32Array {
  const counts = new Uint32Array(64);
  for (const value of registers) counts[value] = (counts[value] as number) + 1;
  return counts;
}
