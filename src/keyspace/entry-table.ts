/**
 * Entries by name: a hash table of chains that run through the entries themselves. A look-up touches the bucket,
 * the entry and its name; a Map touches as much again of its own, and on a hundred thousand keys these misses
 * were a quarter of a GET (measured). Buckets are in the order of the hashes, so that those of a range lie together.
 */

import type { Random } from '../base/clock.js';
import type { Entry } from './entry.js';

const INITIAL_BUCKETS = 4;
const HASH_BITS = 32;

export class EntryTable {
  size = 0;
  /** A power of two of them, at least as many as entries. */
  #buckets: (Entry | undefined)[] = emptyBuckets(INITIAL_BUCKETS);
  /** The first bits of a hash, which are left, are the number of its bucket. */
  #shift = shiftOf(INITIAL_BUCKETS);

  get(name: string, hash: number): Entry | undefined {
    let entry = this.#buckets[hash >>> this.#shift];
    while (entry !== undefined && (entry.hash !== hash || entry.name !== name)) {
      entry = entry.nextInBucket;
    }
    return entry;
  }

  firstOfBucket(hash: number): Entry | undefined {
    return this.#buckets[hash >>> this.#shift];
  }

  /** The name must not be in the table yet. */
  add(entry: Entry): void {
    if (this.size === this.#buckets.length) this.#grow();
    this.size++;
    this.#link(entry);
  }

  /** Nothing happens if the entry is not in the table. */
  remove(entry: Entry): void {
    const buckets = this.#buckets;
    const index = entry.hash >>> this.#shift;
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

  /** The entries of hashes from `from` to `to`, both included and without a sign, and some others. */
  *between(from: number, to: number): Generator<Entry> {
    const last = to >>> this.#shift;
    for (let i = from >>> this.#shift; i <= last; i++) {
      for (let entry = this.#buckets[i]; entry !== undefined; entry = entry.nextInBucket)
        yield entry;
    }
  }

  #grow(): void {
    const before = this.#buckets;
    this.#buckets = emptyBuckets(before.length * 2);
    this.#shift = shiftOf(this.#buckets.length);
    for (const first of before) {
      for (let entry = first; entry !== undefined; ) {
        const next: Entry | undefined = entry.nextInBucket;
        this.#link(entry);
        entry = next;
      }
    }
  }

  #link(entry: Entry): void {
    const index = entry.hash >>> this.#shift;
    entry.nextInBucket = this.#buckets[index];
    this.#buckets[index] = entry;
  }
}

function shiftOf(buckets: number): number {
  return HASH_BITS - Math.log2(buckets);
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
