/**
 * The resident records of a collection by name: a hash table of chains that run through the records themselves, and
 * that grows and shrinks by one bucket at a time (linear hashing: Litwin, VLDB 1980). A Map took half as long again for
 * a look-up among 100,000 (measured: 1.0 and 0.65 µs), stopped everything while it doubled (0.2 s at a million), and
 * ends at 2^24 records.
 */

import { yieldTurn } from '../base/yield-turn.js';

/** One resident record. What is known of it is changed by `Collection.set` alone. */
export class DataRecord {
  readonly hash: number;
  /** Its name. */
  readonly sub: string;
  nextInBucket: DataRecord | undefined;
  /** undefined: known to be absent. */
  value: string | undefined;
  /** The segment that holds its last change; 0 if it came from the store. */
  segment: number;

  constructor(sub: string, hash: number, value: string | undefined, segment: number) {
    this.hash = hash;
    this.sub = sub;
    this.nextInBucket = undefined;
    this.value = value;
    this.segment = segment;
  }
}

type Bucket = DataRecord | undefined;

const BUCKETS_MIN = 4;
/** Buckets that are visited at a stretch: about a millisecond. */
const BUCKETS_AT_ONCE = 4096;
/** With fewer records than one for so many buckets the table shrinks. */
const SPARSE = 4;

export class RecordTable {
  size = 0;
  #buckets: Bucket[] = new Array<Bucket>(BUCKETS_MIN).fill(undefined);
  /** A power of two, less one: buckets up to the split are addressed by one more bit. */
  #mask = BUCKETS_MIN - 1;
  /** The next bucket that is split. */
  #split = 0;
  /** The next bucket that `next` looks at. */
  #hand = 0;
  /** Walks that are under way. */
  #walks = 0;

  find(sub: string): DataRecord | undefined {
    const hash = bucketHashOf(sub);
    let record = this.#buckets[this.#bucketOf(hash)];
    while (record !== undefined && (record.hash !== hash || record.sub !== sub)) {
      record = record.nextInBucket;
    }
    return record;
  }

  /** The first record in the bucket of those with that hash. */
  firstOfBucket(hash: number): DataRecord | undefined {
    return this.#buckets[this.#bucketOf(hash)];
  }

  /** Adds a record; there must be none of that name. */
  add(sub: string, value: string | undefined, segment: number): DataRecord {
    const record = new DataRecord(sub, bucketHashOf(sub), value, segment);
    this.#link(record);
    if (++this.size > this.#buckets.length && this.#walks === 0) this.#grow();
    return record;
  }

  /** Takes a record out that is in the table. */
  remove(record: DataRecord): void {
    const index = this.#bucketOf(record.hash);
    const first = this.#buckets[index];
    if (first === record) {
      this.#buckets[index] = record.nextInBucket;
    } else {
      let before = first as DataRecord;
      while (before.nextInBucket !== record) before = before.nextInBucket as DataRecord;
      before.nextInBucket = record.nextInBucket;
    }
    this.size--;
    if (this.#isSparse && this.#walks === 0) this.#shrink();
  }

  get #isSparse(): boolean {
    const { length } = this.#buckets;
    return this.size * SPARSE < length && length > BUCKETS_MIN;
  }

  /** In no order. Nothing may be added or removed meanwhile. */
  forEach(visit: (record: DataRecord) => void): void {
    this.#visit(0, this.#buckets.length, visit);
  }

  /**
   * Visits every record that is there from the beginning to the end, once, and some of those that come or go meanwhile: the
   * event loop turns between buckets. The table neither grows nor shrinks until the end.
   */
  async forEachPaced(visit: (record: DataRecord) => void): Promise<void> {
    this.#walks++;
    try {
      const { length } = this.#buckets;
      for (let start = 0; start < length; start += BUCKETS_AT_ONCE) {
        if (start > 0) await yieldTurn();
        this.#visit(start, Math.min(start + BUCKETS_AT_ONCE, length), visit);
      }
    } finally {
      this.#walks--;
      this.#resize();
    }
  }

  #visit(start: number, end: number, visit: (record: DataRecord) => void): void {
    for (let i = start; i < end; i++) {
      for (let record = this.#buckets[i]; record !== undefined; record = record.nextInBucket) {
        visit(record);
      }
    }
  }

  /** Makes up for what a walk has put off. */
  #resize(): void {
    if (this.#walks > 0) return;
    while (this.size > this.#buckets.length) this.#grow();
    while (this.#isSparse) this.#shrink();
  }

  /** So many records, or a few more, or all: going on where the last call stopped. */
  next(count: number): DataRecord[] {
    const found: DataRecord[] = [];
    for (let left = this.#buckets.length; left > 0 && found.length < count; left--) {
      if (this.#hand >= this.#buckets.length) this.#hand = 0;
      let record = this.#buckets[this.#hand++];
      for (; record !== undefined; record = record.nextInBucket) found.push(record);
    }
    return found;
  }

  #bucketOf(hash: number): number {
    const index = hash & this.#mask;
    return index < this.#split ? hash & (2 * this.#mask + 1) : index;
  }

  #link(record: DataRecord): void {
    const index = this.#bucketOf(record.hash);
    record.nextInBucket = this.#buckets[index];
    this.#buckets[index] = record;
  }

  #grow(): void {
    const index = this.#split++;
    this.#buckets.push(undefined);
    const chain = this.#buckets[index];
    this.#buckets[index] = undefined;
    this.#linkAll(chain);
    if (this.#split <= this.#mask) return;
    this.#mask = 2 * this.#mask + 1;
    this.#split = 0;
  }

  /** Undoes the last growth. */
  #shrink(): void {
    if (this.#split === 0) {
      this.#mask >>= 1;
      this.#split = this.#mask + 1;
    }
    this.#split--;
    this.#linkAll(this.#buckets.pop());
  }

  #linkAll(chain: Bucket): void {
    for (let record = chain; record !== undefined; ) {
      const next: Bucket = record.nextInBucket;
      this.#link(record);
      record = next;
    }
  }
}

/** Another one in each process, so that nobody can choose names that share a bucket. It orders nothing that is seen, but what is drawn by chance. */
const SEED = (Math.random() * 0x1_0000_0000) | 0;

/**
 * FNV-1a of all but the last byte, with its bits mixed at each step, so that what collides depends on all of the start
 * value (which costs nothing: measured), and at the end, for the last ones choose the bucket. The last byte is added: names
 * that follow each other are in buckets that do (the elements of a list, the entries of a stream).
 */
export function bucketHashOf(text: string): number {
  const last = text.length - 1;
  let hash = SEED;
  for (let i = 0; i < last; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85eb_ca6b);
  return ((hash ^ (hash >>> 13)) + text.charCodeAt(last)) | 0;
}
