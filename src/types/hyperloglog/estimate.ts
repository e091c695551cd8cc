/**
 * How many different elements a HyperLogLog has seen: Otmar Ertl, "New cardinality estimation algorithms for
 * HyperLogLog sketches", arXiv:1702.01284, algorithm 6, as Redis has it since version 5.
 */

import { INT64_MIN } from '../../base/integer.js';
import { REGISTERS } from './sparse.js';

/** Bits of a hash that are looked at for leading zeros: registers go to one more. */
export const RANK_BITS = 50;

/** 1 / (2 ln 2) */
const ALPHA = 0.721_347_520_444_481_7;

/** @param histogram how many registers have each value */
export function estimate(histogram: Uint32Array): bigint {
  const share = (value: number): number => (histogram[value] as number) / REGISTERS;
  let z = REGISTERS * tau(1 - share(RANK_BITS + 1));
  for (let value = RANK_BITS; value >= 1; value--) z = (z + (histogram[value] as number)) * 0.5;
  z += REGISTERS * sigma(share(0));
  const count = Math.round((ALPHA * REGISTERS * REGISTERS) / z);
  // What C makes of a number that 64 bits cannot hold.
  return count < 2 ** 63 ? BigInt(count) : INT64_MIN;
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = share;
  for (let before = Number.NaN; before !== z; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  for (let before = Number.NaN; before !== z; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}
