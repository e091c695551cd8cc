/**
 * Where the keys of requests are, each worked out once: many a request is looked ahead at before it runs, and one
 * that runs may ask for its key several times.
 */

import { type KeyName, locate } from './key-name.js';

/** Of the keys that were expected next, so many are looked at: a request with many keys asks for others, too. */
const SKIPPED_MAX = 4;

export class KeyNames {
  #seed: number;
  #last: KeyName;
  /** Of requests that will run after each other. */
  #expected: KeyName[] = [];
  /** The first of them whose turn has not come. */
  #next = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#last = locate('', seed);
  }

  /** Of the hash that orders the keys of a slot; stored with the data. */
  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#seed = seed;
    this.#last = locate('', seed);
    this.#expected = [];
  }

  of(key: string): KeyName {
    if (this.#last.key !== key) this.#last = this.#takeExpected(key) ?? locate(key, this.#seed);
    return this.#last;
  }

  /** Requests before it may have asked for the same key, or for none. */
  #takeExpected(key: string): KeyName | undefined {
    while (this.#expected[this.#next]?.key === this.#last.key) this.#next++;
    for (let i = this.#next; i < this.#next + SKIPPED_MAX; i++) {
      const expected = this.#expected[i];
      if (expected?.key !== key) continue;
      this.#next = i + 1;
      return expected;
    }
    return undefined;
  }

  /** The keys will be asked for in this order. */
  expect(keys: readonly string[]): readonly KeyName[] {
    this.#next = 0;
    this.#expected = keys.map((key) => locate(key, this.#seed));
    return this.#expected;
  }
}
