/** Counts keys that a scan of the store brings in order, with corrections laid over them. */

/** What is known better than the store knows it. */
export interface Corrections {
  /** Keys that count, be they stored or not; ascending. */
  readonly present: readonly Buffer[];
  /** Keys that do not; ascending. */
  readonly absent: readonly Buffer[];
}

export interface Skipping extends Corrections {
  readonly reverse: boolean;
  readonly limit: number;
}

export class KeyCounter {
  count = 0;
  /** The key that was counted last. */
  last: Buffer | undefined;
  readonly #limit: number;
  /** Both in the order of the scan. */
  readonly #present: readonly Buffer[];
  readonly #absent: readonly Buffer[];
  readonly #sign: 1 | -1;
  #presentAt = 0;
  #absentAt = 0;

  constructor({ reverse, limit, present, absent }: Skipping) {
    this.#limit = limit;
    this.#sign = reverse ? -1 : 1;
    this.#present = reverse ? present.toReversed() : present;
    this.#absent = reverse ? absent.toReversed() : absent;
  }

  /** The next keys of the store; false when enough has been counted. */
  take(keys: readonly Buffer[]): boolean {
    if (this.#isBeforeOverlay(keys) && this.count + keys.length <= this.#limit) {
      this.count += keys.length;
      this.last = keys.at(-1);
    } else {
      for (const key of keys) this.#takeOne(key);
    }
    return this.count < this.#limit;
  }

  /** The store has no more. */
  finish(): void {
    for (; this.#presentAt < this.#present.length; this.#presentAt++) {
      this.#add(this.#present[this.#presentAt] as Buffer);
    }
  }

  #isBeforeOverlay(keys: readonly Buffer[]): boolean {
    const end = keys.at(-1) as Buffer;
    const isBehind = (other: Buffer | undefined): boolean =>
      other === undefined || this.#compare(end, other) < 0;
    return isBehind(this.#present[this.#presentAt]) && isBehind(this.#absent[this.#absentAt]);
  }

  #takeOne(key: Buffer): void {
    for (; ; this.#presentAt++) {
      const present = this.#present[this.#presentAt];
      if (present === undefined || this.#compare(present, key) >= 0) break;
      this.#add(present);
    }
    while (this.#isPassed(this.#absent[this.#absentAt], key)) this.#absentAt++;
    const absent = this.#absent[this.#absentAt];
    if (absent?.equals(key)) return;
    if (this.#present[this.#presentAt]?.equals(key)) this.#presentAt++;
    this.#add(key);
  }

  #isPassed(other: Buffer | undefined, key: Buffer): boolean {
    return other !== undefined && this.#compare(other, key) < 0;
  }

  #add(key: Buffer): void {
    if (this.count >= this.#limit) return;
    this.count++;
    this.last = key;
  }

  #compare(a: Buffer, b: Buffer): number {
    return this.#sign * Buffer.compare(a, b);
  }
}
