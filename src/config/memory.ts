/** How much memory there is, and how much of it V8 must be allowed for a cache of a given size. */

import { totalmem } from 'node:os';

const MB = 1024 * 1024;
const CACHE_SHARE = 0.25;
const CACHE_MAX = 1024 * MB;
/** Half-spaces of V8's young generation: of 16 MB unless told otherwise, and of no more than pays (measured). */
const SEMI_SPACE_DEFAULT = 16 * MB;
const SEMI_SPACE_MAX = 64 * MB;
const SEMI_SPACE_SHARE = 1 / 16;
/** V8 counts three of them, one being for what is large. */
const SEMI_SPACES = 3;
export const CACHE_MIN = 16 * MB;

/** Bytes this process may use: the machine's memory, or its container's limit if that is lower. */
export function availableMemory(): number {
  const total = totalmem();
  const limit = process.constrainedMemory(); // 0, or beyond all memory, when there is none
  return limit > 0 && limit < total ? limit : total;
}

/** `cache_size: auto`: a quarter of the memory, from 16MB to 1GB, in whole megabytes. */
export function automaticCacheSize(memory = availableMemory()): number {
  const share = Math.floor((memory * CACHE_SHARE) / MB) * MB;
  return Math.min(Math.max(share, CACHE_MIN), CACHE_MAX);
}

/**
 * The heap limit, in MB, that a server with this cache needs: the cache counts the bytes of what it holds,
 * V8 needs room to move them about, and replies and transactions come on top.
 */
export function heapMegabytesFor(cacheBytes: number): number {
  return Math.ceil((cacheBytes / MB) * 1.75) + 512;
}

/**
 * The limit of V8's young generation, in MB, or undefined for V8's own. In a larger one fewer of the values that clients
 * replace live until it is collected: SET in pipelines was 15 to 25 % faster with 64 MB in place of 16, LPUSH 25 %.
 */
export function youngMegabytesFor(cacheBytes: number): number | undefined {
  const share = 2 ** Math.floor(Math.log2(cacheBytes * SEMI_SPACE_SHARE)); // V8 takes powers of two
  const semiSpace = Math.min(share, SEMI_SPACE_MAX);
  return semiSpace > SEMI_SPACE_DEFAULT ? (SEMI_SPACES * semiSpace) / MB : undefined;
}
