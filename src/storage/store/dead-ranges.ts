/**
 * Ranges that became garbage in the log that is folded. What they held would be written to the store only to be cleared
 * from it: a list that was filled and emptied since the last fold, a result that was read and deleted.
 */

import { sortByBytes, threeBytes } from '../../base/sort-by-bytes.js';
import type { GarbageRange } from './garbage.js';

/** What a range takes: 280 bytes of heap, 470 of the process (measured). */
const RANGE_BYTES = 400;

export class DeadRanges {
  #ranges: GarbageRange[] = [];
  /** Of those that begin before the last key that was asked for: the next one, and where the last of them ends. */
  #next = 0;
  #end: Buffer | undefined;

  /** About the memory that they take. */
  get bytes(): number {
    return this.#ranges.length * RANGE_BYTES;
  }

  add(range: GarbageRange): void {
    this.#ranges.push(range);
  }

  /** To be called once all are there. The event loop is served in between. */
  async sort(): Promise<void> {
    const ranges = this.#ranges;
    const order = new Int32Array(ranges.length).map((_, i) => i);
    await sortByBytes(order, (i, depth) => {
      const { from } = ranges[i] as GarbageRange;
      return threeBytes(from, depth, from.length);
    });
    this.#ranges = Array.from(order, (i) => ranges[i] as GarbageRange);
  }

  /** Whether one of them has the key. Keys are to be asked for in ascending order. */
  has(key: Buffer): boolean {
    for (; this.#next < this.#ranges.length; this.#next++) {
      const { from, to } = this.#ranges[this.#next] as GarbageRange;
      if (from.compare(key) > 0) break;
      if (this.#end === undefined || this.#end.compare(to) < 0) this.#end = to;
    }
    return this.#end !== undefined && key.compare(this.#end) < 0;
  }
}
