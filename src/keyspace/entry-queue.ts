/** Entries in the order in which they came, linked through themselves, and a hand that goes round from the oldest. */

import type { Entry } from './entry.js';

export class EntryQueue {
  size = 0;
  #newest: Entry | undefined;
  #oldest: Entry | undefined;
  /** undefined: the next is the oldest. */
  #hand: Entry | undefined;

  add(entry: Entry): void {
    this.size++;
    entry.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  /** The entry that the hand points to, which moves on; undefined if there is none. */
  next(): Entry | undefined {
    const entry = this.#hand ?? this.#oldest;
    this.#hand = entry?.newer;
    return entry;
  }

  /** Takes an entry out that the hand has passed. */
  remove(entry: Entry): void {
    this.size--;
    if (entry.newer !== undefined) entry.newer.older = entry.older;
    else this.#newest = entry.older;
    if (entry.older !== undefined) entry.older.newer = entry.newer;
    else this.#oldest = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }
}
