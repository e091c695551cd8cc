/**
 * What OBJECT ENCODING says of a list: a short one is a listpack to Redis, a longer one a quicklist. DiskDB keeps
 * both alike, and counts the bytes that the listpack would take (redis.io: list-max-listpack-size).
 */

import { integer64 } from '../base/integer.js';

/** A listpack without elements. */
export const EMPTY_BYTES = 7;
/** Sizes that -1 to -5 stand for. */
const SIZES = [4096, 8192, 16_384, 32_768, 65_536] as const;
/** The most bytes where the option counts elements. */
const SAFE_BYTES = 8192;

/** Whether a list of so many bytes and elements is a quicklist. `fill` is `list-max-listpack-size`. */
export function exceeds(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > sizeOf(fill);
  return bytes > SAFE_BYTES || count > Math.max(fill, 1);
}

/** Whether a quicklist has become so small that it is a listpack again: half of what would make it one. */
export function fits(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes <= sizeOf(fill) / 2;
  return bytes <= SAFE_BYTES && count <= Math.max(fill, 1) / 2;
}

function sizeOf(fill: number): number {
  return SIZES[Math.min(-fill, SIZES.length) - 1] as number;
}

/** Bytes that the element takes in a listpack. */
export function elementBytes(element: string): number {
  const bytes = encodedBytes(element);
  if (bytes <= 127) return bytes + 1;
  if (bytes < 16_383) return bytes + 2;
  if (bytes < 2_097_151) return bytes + 3;
  return bytes + (bytes < 268_435_455 ? 4 : 5);
}

function encodedBytes(element: string): number {
  const { length } = element;
  const integer = integer64(element);
  if (integer !== undefined) return integerBytes(Number(integer));
  if (length < 64) return length + 1;
  return length + (length < 4096 ? 2 : 5);
}

function integerBytes(value: number): number {
  if (value >= 0 && value <= 127) return 1;
  const magnitude = value < 0 ? -value - 1 : value;
  if (magnitude < 0x1000) return 2;
  if (magnitude < 0x8000) return 3;
  if (magnitude < 0x80_0000) return 4;
  return magnitude < 0x8000_0000 ? 5 : 9;
}
