/**
 * The bytes of a HyperLogLog, as Redis lays them out (in hyperloglog.c):
 *
 *     "HYLL" form(1) 0 0 0 cardinality(8, little-endian) registers
 *
 * The cardinality is the last estimate; its highest bit says that the registers have changed since.
 */

import { murmurHash64 } from '../../base/murmur-hash.js';
import { RANK_BITS } from './estimate.js';
import { DENSE_BYTES, raiseDense, toDense } from './registers.js';
import {
  DENSE,
  EMPTY_RUNS,
  FORM_AT,
  HEADER_BYTES,
  isSparse,
  REGISTERS,
  raiseSparse,
  SPARSE,
} from './sparse.js';

const MAGIC = 'HYLL';
export const CARDINALITY_AT = 8;
const STALE_AT = 15;
const STALE = 0x80;

/** Redis's: another would give other registers. */
const SEED = 0xadc8_3b19;

/** Whether a string of that length, which starts with the header, can be a HyperLogLog. */
export function isHeader(header: Buffer, length: number): boolean {
  if (header.latin1Slice(0, MAGIC.length) !== MAGIC) return false;
  const form = header[FORM_AT];
  return form === SPARSE || (form === DENSE && length === DENSE_BYTES);
}

/** The estimate in the header; undefined if the registers have changed since. */
export function keptCardinality(header: Buffer): bigint | undefined {
  const isStale = ((header[STALE_AT] as number) & STALE) !== 0;
  return isStale ? undefined : header.readBigInt64LE(CARDINALITY_AT);
}

export function keepCardinality(bytes: Buffer, cardinality: bigint): void {
  bytes.writeBigInt64LE(cardinality, CARDINALITY_AT);
}

export function forgetCardinality(bytes: Buffer): void {
  bytes[STALE_AT] = (bytes[STALE_AT] as number) | STALE;
}

/** The register that an element counts in, and how high. */
export function registerOf(element: string): { readonly index: number; readonly rank: number } {
  const { high, low } = murmurHash64(element, SEED);
  const index = low & (REGISTERS - 1);
  const lowRank = (low >>> 14) | (high << 18);
  const highRank = (high >>> 14) | (1 << (RANK_BITS - 32));
  return {
    index,
    rank: 1 + (lowRank === 0 ? 32 + trailingZeros(highRank) : trailingZeros(lowRank)),
  };
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The bytes with the register raised, in place if they are dense; undefined if it is as high already. */
export function raise(
  bytes: Buffer,
  index: number,
  value: number,
  mostSparse: number,
): Buffer | undefined {
  if (!isSparse(bytes)) return raiseDense(bytes, index, value) ? bytes : undefined;
  const raised = raiseSparse(bytes, index, value, mostSparse);
  if (raised !== undefined) return raised === bytes ? undefined : raised;
  const dense = toDense(bytes);
  raiseDense(dense, index, value);
  return dense;
}

/** Sparse, with an estimate of 0. */
export function emptyHyperloglog(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header[FORM_AT] = SPARSE;
  return Buffer.concat([header, Buffer.from(EMPTY_RUNS)]);
}
