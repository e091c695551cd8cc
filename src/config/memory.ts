/** How much memory there is, and how much of it V8 must be allowed for a cache of a given size. */

import { totalmem } from 'node:os';

const MB = 1024 * 1024;
const CACHE_SHARE = 0.25;
const CACHE_MAX = 1024 * MB; // what V8's default heap holds on an ordinary machine, so no second process
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
