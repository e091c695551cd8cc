/**
 * Distinct byte strings in order, with their ranks: sorted blocks, found by binary search over their first
 * keys. An insertion moves at most a block; the ranks of blocks are summed up when they are next asked for.
 */

import { lowerBound } from '../base/lower-bound.js';

/** Most keys of a block; a full one is split in two. */
const BLOCK_KEYS = 512;

export class OrderedKeys {
  /** None is empty. */
  #blocks: string[][] = [];
  /** How many keys stand before each block; right for the first `#summed` of them. */
  readonly #ranks: number[] = [];
  #summed = 0;
  #size = 0;

  /** The keys, distinct, in any order. */
  constructor(keys: string[] = []) {
    // The default order of strings is by code unit, which for latin1 is by byte.
    const sorted = keys.sort();
    this.#size = sorted.length;
    const half = BLOCK_KEYS / 2;
    for (let at = 0; at < sorted.length; at += half) {
      this.#blocks.push(sorted.slice(at, at + half));
    }
  }

  get size(): number {
    return this.#size;
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
    this.#size++;
    this.#summed = Math.min(this.#summed, index + 1);
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
    this.#size--;
    this.#summed = Math.min(this.#summed, index + 1);
    if (block.length > 0) return;
    this.#blocks.splice(index, 1);
    this.#summed = Math.min(this.#summed, index);
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

  /** The key of that rank. */
  at(rank: number): string | undefined {
    if (rank < 0 || rank >= this.#size) return undefined;
    const index = this.#blockAtRank(rank);
    return this.#blocks[index]?.[rank - this.#rankOfBlock(index)];
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
    this.#rankOfBlock(this.#blocks.length - 1);
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#ranks[middle] as number) <= rank) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #rankOfBlock(index: number): number {
    for (; this.#summed <= index; this.#summed++) {
      const before = this.#summed - 1;
      this.#ranks[this.#summed] =
        before < 0
          ? 0
          : (this.#ranks[before] as number) + (this.#blocks[before] as string[]).length;
    }
    return this.#ranks[index] as number;
  }

  #split(index: number, atEnd: boolean): void {
    const block = this.#blocks[index] as string[];
    const kept = atEnd ? BLOCK_KEYS : BLOCK_KEYS / 2;
    this.#blocks.splice(index + 1, 0, block.splice(kept));
  }
}
