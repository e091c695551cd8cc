/**
 * Distinct byte strings in order, with their ranks: sorted blocks, found by binary search over their first
 * keys. An insertion moves at most a block. A Fenwick tree over the sizes of the blocks has their ranks; it is made
 * anew, when it is next asked for, after blocks have come or gone. (With plain sums a key by its rank and its removal
 * cost half the number of blocks: a sixth of SPOP at 400,000 members, when it drew by rank.)
 */

import { lowerBound } from '../base/lower-bound.js';

/** Most keys of a block; a full one is split in two. */
const BLOCK_KEYS = 512;
/** One with fewer is joined with a neighbour that has room: what removals leave takes few blocks. */
const SPARSE_KEYS = BLOCK_KEYS / 8;

export class OrderedKeys {
  /** None is empty. */
  #blocks: string[][] = [];
  /** At i the keys of the blocks from i - (i & -i) to i - 1; undefined: to be made anew. */
  #sums: Int32Array | undefined;
  #size = 0;

  /** The keys, distinct and in order. */
  constructor(sorted: readonly string[] = []) {
    this.#size = sorted.length;
    const half = BLOCK_KEYS / 2;
    for (let at = 0; at < sorted.length; at += half) {
      this.#blocks.push(sorted.slice(at, at + half));
    }
  }

  get size(): number {
    return this.#size;
  }

  /** How many blocks there are: for tests. */
  get blocks(): number {
    return this.#blocks.length;
  }

  /** Adds a key; nothing happens if it is there. */
  add(key: string): void {
    if (this.#blocks.length === 0) this.#blocks.push([]);
    const index = this.#blockOf(key);
    const block = this.#blocks[index] as string[];
    const at = lowerBound(block, key);
    if (block[at] === key) return;
    if (at === block.length) block.push(key);
    else block.splice(at, 0, key);
    this.#resize(index, 1);
    // The last block keeps all but its end, so that ascending keys fill their blocks.
    if (block.length > BLOCK_KEYS) this.#split(index, at === block.length - 1);
  }

  /** Removes a key; nothing happens if it is not there. */
  delete(key: string): void {
    if (this.#blocks.length === 0) return;
    const index = this.#blockOf(key);
    const block = this.#blocks[index] as string[];
    const at = lowerBound(block, key);
    if (block[at] !== key) return;
    block.splice(at, 1);
    this.#resize(index, -1);
    if (block.length < SPARSE_KEYS) this.#merge(index);
  }

  /** Joins the block with the smaller one of its neighbours, if that makes no more than half a block, or it is empty. */
  #merge(index: number): void {
    const first = this.#sizeOf(index - 1) < this.#sizeOf(index + 1) ? index - 1 : index;
    const size = this.#sizeOf(first) + this.#sizeOf(first + 1);
    if (size > BLOCK_KEYS / 2 && this.#sizeOf(index) > 0) return;
    const joined = this.#blocks.slice(first, first + 2).flat();
    this.#blocks.splice(first, 2, ...(joined.length > 0 ? [joined] : []));
    this.#sums = undefined;
  }

  /** Keys of the block; more than any has if there is no such block. */
  #sizeOf(index: number): number {
    return this.#blocks[index]?.length ?? BLOCK_KEYS + 1;
  }

  /** The block has so many keys more. */
  #resize(index: number, by: number): void {
    this.#size += by;
    const sums = this.#sums;
    if (sums === undefined) return;
    for (let i = index + 1; i < sums.length; i += i & -i) sums[i] = (sums[i] as number) + by;
  }

  /** How many keys are less than this one, which need not be there. */
  rank(key: string): number {
    if (this.#blocks.length === 0) return 0;
    const index = this.#blockOf(key);
    return this.#rankOfBlock(index) + lowerBound(this.#blocks[index] as string[], key);
  }

  /** The keys of the ranks from `start` to `end` (excluded), in order. */
  slice(start: number, end: number): string[] {
    const found: string[] = [];
    const last = Math.min(end, this.#size);
    if (start >= last) return found;
    let index = this.#blockAtRank(start);
    let at = start - this.#rankOfBlock(index);
    while (found.length < last - start) {
      const block = this.#blocks[index++] as string[];
      const stop = Math.min(block.length, at + (last - start) - found.length);
      for (; at < stop; at++) found.push(block[at] as string);
      at = 0;
    }
    return found;
  }

  /** The block that holds the key if any does. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (((this.#blocks[middle] as string[])[0] as string) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #blockAtRank(rank: number): number {
    const sums = this.#tree();
    let index = 0;
    let left = rank;
    for (let step = 1 << (31 - Math.clz32(this.#blocks.length)); step > 0; step >>>= 1) {
      const size = sums[index + step];
      if (size === undefined || size > left) continue;
      index += step;
      left -= size;
    }
    return index;
  }

  /** How many keys stand before the block. */
  #rankOfBlock(index: number): number {
    const sums = this.#tree();
    let rank = 0;
    for (let i = index; i > 0; i &= i - 1) rank += sums[i] as number;
    return rank;
  }

  #tree(): Int32Array {
    if (this.#sums !== undefined) return this.#sums;
    const sums = new Int32Array(this.#blocks.length + 1);
    for (let i = 1; i < sums.length; i++) {
      const size = (sums[i] as number) + (this.#blocks[i - 1] as string[]).length;
      const above = i + (i & -i);
      sums[i] = size;
      if (above < sums.length) sums[above] = (sums[above] as number) + size;
    }
    this.#sums = sums;
    return sums;
  }

  #split(index: number, atEnd: boolean): void {
    const block = this.#blocks[index] as string[];
    const kept = atEnd ? BLOCK_KEYS : BLOCK_KEYS / 2;
    this.#blocks.splice(index + 1, 0, block.splice(kept));
    this.#sums = undefined;
  }
}
