/** Disjoint ranges of byte strings, each from its first (included) to its last (excluded). */

interface Interval {
  from: string;
  to: string;
}

export class Intervals {
  /** In order; none touches the next. */
  #intervals: Interval[] = [];

  clear(): void {
    this.#intervals = [];
  }

  /** Adds a range; those it touches become one with it. */
  add(from: string, to: string): void {
    if (from >= to) return;
    const first = this.#countBelow((one) => one.to < from);
    const end = this.#countBelow((one) => one.from <= to);
    const touched = this.#intervals.slice(first, end);
    const merged = { from, to };
    for (const one of touched) {
      if (one.from < merged.from) merged.from = one.from;
      if (one.to > merged.to) merged.to = one.to;
    }
    this.#intervals.splice(first, touched.length, merged);
  }

  /** Where the range that holds the string ends; undefined if none does. */
  endAfter(text: string): string | undefined {
    const one = this.#intervals[this.#countBelow(({ from }) => from <= text) - 1];
    return one !== undefined && text < one.to ? one.to : undefined;
  }

  /** Where the range that holds what stands just below the string begins; undefined if none does. */
  startBefore(text: string): string | undefined {
    const one = this.#intervals[this.#countBelow(({ from }) => from < text) - 1];
    return one !== undefined && text <= one.to ? one.from : undefined;
  }

  /** How many of them, from the first on, are below: those that are come before those that are not. */
  #countBelow(isBelow: (one: Interval) => boolean): number {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBelow(this.#intervals[middle] as Interval)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
