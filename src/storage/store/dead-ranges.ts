/**
 * Ranges that became garbage in the log that is folded. What they held would be written to the store only to be cleared
 * from it: a list that was filled and emptied since the last fold, a result that was read and deleted.
 */

import type { GarbageRange } from './garbage.js';

/** More are not looked at: they take memory and time, and those of a fold that has so many are small. */
const RANGES_MAX = 4096;

export class DeadRanges {
  readonly #ranges: GarbageRange[] = [];
  /** Of those that begin before the last key that was asked for: the next one, and where the last of them ends. */
  #next = 0;
  #end: Buffer | undefined;

  add(range: GarbageRange): void {
    if (this.#ranges.length < RANGES_MAX) this.#ranges.push(range);
  }

  /** To be called before keys are asked for, in ascending order. */
  begin(): void {
    this.#ranges.sort((a, b) => a.from.compare(b.from));
    this.#next = 0;
    this.#end = undefined;
  }

  has(key: Buffer): boolean {
    for (; this.#next < this.#ranges.length; this.#next++) {
      const { from, to } = this.#ranges[this.#next] as GarbageRange;
      if (from.compare(key) > 0) break;
      if (this.#end === undefined || this.#end.compare(to) < 0) this.#end = to;
    }
    return this.#end !== undefined && key.compare(this.#end) < 0;
  }
}
