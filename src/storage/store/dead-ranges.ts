/**
 * Ranges that became garbage in the log that is folded. What they held would be written to the store only to be cleared
 * from it: a list that was filled and emptied since the last fold, a result that was read and deleted.
 */

import type { GarbageRange } from './garbage.js';

export class DeadRanges {
  readonly #ranges: readonly GarbageRange[];
  /** Of those that begin before the last key that was asked for: the next one, and where the last of them ends. */
  #next = 0;
  #end: Buffer | undefined;

  constructor(ranges: readonly GarbageRange[]) {
    this.#ranges = [...ranges].sort((a, b) => a.from.compare(b.from));
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
