/**
 * Entries by name: a hash table of chains that run through the entries themselves. A look-up touches the bucket,
 * the entry and its name; a Map touches as much again of its own, and on a hundred thousand keys these misses
 * were a quarter of a GET (measured).
 */

import type { Random } from '../base/clock.js';
import type { Entry } from './entry.js';

const INITIAL_BUCKETS = 4;

export class EntryTable {
  size = 0;
  /** A power of two of them, at least as many as entries. */
  #buckets: (Entry | undefined)[] = emptyBuckets(INITIAL_BUCKETS);

  get(name: string, hash: number): Entry | undefined {
    const buckets = this.#buckets;
    let entry = buckets[hash & (buckets.length - 1)];
    while (entry !== undefined && (entry.hash !== hash || entry.name !== name)) {
      entry = entry.nextInBucket;
    }
    return entry;
  }

  firstOfBucket(hash: number): Entry | undefined {
    return this.#buckets[hash & (this.#buckets.length - 1)];
  }

  /** The name must not be in the table yet. */
  add(entry: Entry): void {
    if (this.size === this.#buckets.length) this.#grow();
    this.size++;
    link(this.#buckets, entry);
  }

  /** Nothing happens if the entry is not in the table. */
  remove(entry: Entry): void {
    const buckets = this.#buckets;
    const index = entry.hash & (buckets.length - 1);
    let before: Entry | undefined;
    let found = buckets[index];
    while (found !== undefined && found !== entry) {
      before = found;
      found = found.nextInBucket;
    }
    if (found === undefined) return;
    if (before === undefined) buckets[index] = entry.nextInBucket;
    else before.nextInBucket = entry.nextInBucket;
    entry.nextInBucket = undefined;
    this.size--;
  }

  /** An entry by chance; undefined if there is none. */
  random(random: Random): Entry | undefined {
    const buckets = this.#buckets;
    const start = Math.floor(random() * buckets.length);
    for (let i = 0; i < buckets.length; i++) {
      const first = buckets[(start + i) & (buckets.length - 1)];
      if (first !== undefined) return randomOfChain(first, random);
    }
    return undefined;
  }

  /** Every entry, in no order. Nothing may be added or removed meanwhile. */
  *entries(): Generator<Entry> {
    for (const first of this.#buckets) {
      for (let entry = first; entry !== undefined; entry = entry.nextInBucket) yield entry;
    }
  }

  #grow(): void {
    const buckets = emptyBuckets(this.#buckets.length * 2);
    for (const first of this.#buckets) {
      for (let entry = first; entry !== undefined; ) {
        const next: Entry | undefined = entry.nextInBucket;
        link(buckets, entry);
        entry = next;
      }
    }
    this.#buckets = buckets;
  }
}

function randomOfChain(first: Entry, random: Random): Entry {
  let length = 0;
  for (let entry: Entry | undefined = first; entry !== undefined; entry = entry.nextInBucket) {
    length++;
  }
  let chosen = first;
  for (let left = Math.floor(random() * length); left > 0; left--) {
    chosen = chosen.nextInBucket ?? first;
  }
  return chosen;
}

function emptyBuckets(count: number): (Entry | undefined)[] {
  return new Array<Entry | undefined>(count).fill(undefined);
}

function link(buckets: (Entry | undefined)[], entry: Entry): void {
  const index = entry.hash & (buckets.length - 1);
  entry.nextInBucket = buckets[index];
  buckets[index] = entry;
}
