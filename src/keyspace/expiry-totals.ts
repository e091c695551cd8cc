/**
 * How many keys of a space expire, and when on the average, and how many hashes have fields that do: exact, since
 * every change of a time is counted.
 */

/** Up to here a number adds whole milliseconds exactly, whatever one more time is. */
const EXACT_MAX = 2 ** 52;

/** As it stands in the state at the head of a segment. */
export interface SavedTotals {
  readonly count: number;
  /** Of the times in milliseconds since 1970; decimal, for it may be more than a number holds exactly. */
  readonly sum: string;
  /** Early builds did not count them: then it may be too low. */
  readonly hashes?: number;
}

export class ExpiryTotals {
  /** Keys that have a time, those that are due and were not removed yet included. */
  count = 0;
  /** Hashes with a field that has a time; one whose last was deleted counts until that time. */
  hashes = 0;
  #sum = 0n;
  /** What is not in `#sum` yet: adding numbers is quicker. */
  #recent = 0;

  restore({ count, sum, hashes = 0 }: SavedTotals): void {
    this.count = count;
    this.hashes = hashes;
    this.#sum = BigInt(sum);
    this.#recent = 0;
  }

  save(): SavedTotals {
    return { count: this.count, sum: String(this.#total()), hashes: this.hashes };
  }

  add(at: number): void {
    this.count++;
    this.#addToSum(at);
  }

  remove(at: number): void {
    this.count--;
    this.#addToSum(-at);
  }

  /** The mean of the times in whole milliseconds since 1970; 0 if there are none. */
  get mean(): number {
    return this.count === 0 ? 0 : Number(this.#total() / BigInt(this.count));
  }

  #addToSum(at: number): void {
    if (Math.abs(at) > EXACT_MAX) {
      this.#sum += BigInt(at);
      return;
    }
    this.#recent += at;
    if (Math.abs(this.#recent) > EXACT_MAX) this.#total();
  }

  #total(): bigint {
    this.#sum += BigInt(this.#recent);
    this.#recent = 0;
    return this.#sum;
  }
}
