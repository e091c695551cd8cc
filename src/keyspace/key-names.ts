/**
 * Where the keys of requests are, each worked out once: a request of a pipeline is looked ahead at before it runs, and one
 * that runs may ask for its key several times.
 */

import { type KeyName, locate } from './key-name.js';

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

  /** One request may have ended before it asked for its key. */
  #takeExpected(key: string): KeyName | undefined {
    for (let i = this.#next; i < this.#expected.length && i <= this.#next + 1; i++) {
      const expected = this.#expected[i] as KeyName;
      if (expected.key !== key) continue;
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
