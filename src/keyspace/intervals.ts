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
    const touched = this.#intervals.filter((one) => one.from <= to && one.to >= from);
    const merged = { from, to };
    for (const one of touched) {
      if (one.from < merged.from) merged.from = one.from;
      if (one.to > merged.to) merged.to = one.to;
    }
    const at = this.#intervals.findIndex((one) => one.to >= from);
    if (at < 0) this.#intervals.push(merged);
    else this.#intervals.splice(at, touched.length, merged);
  }

  /** Where the range that holds the string ends; undefined if none does. */
  endAfter(text: string): string | undefined {
    return this.#intervals.find(({ from, to }) => from <= text && text < to)?.to;
  }

  /** Where the range that holds what stands just below the string begins; undefined if none does. */
  startBefore(text: string): string | undefined {
    return this.#intervals.find(({ from, to }) => from < text && text <= to)?.from;
  }
}
