/**
 * How often something took how long: counts in buckets whose width grows with the time, so that a value is known to
 * 1/128 (the buckets of an HDR histogram with two significant digits, which Redis uses: hdrhistogram.org).
 */

/** Buckets of a power of two. Below twice as many nanoseconds, each has a bucket of its own. */
const HALF = 128;
const HALF_BITS = 7;
/** What took longer is counted as this: a second, in nanoseconds. */
const LONGEST_NS = 1_000_000_000;
const LENGTH = indexOf(LONGEST_NS) + 1;
/** Where the coarse view begins, in nanoseconds: each step is twice the one before. */
const FIRST_STEP_NS = 1024;

export class LatencyHistogram {
  total = 0;
  readonly #counts = new Uint32Array(LENGTH);

  record(microseconds: number): void {
    const nanoseconds = Math.min(LONGEST_NS, Math.max(1, Math.floor(microseconds * 1000)));
    const index = indexOf(nanoseconds);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.total++;
  }

  /** The greatest value of the bucket in which the share lies, in microseconds. `percent` is from 0 to 100. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.total + 0.5));
    let seen = 0;
    for (let index = 0; index < LENGTH; index++) {
      seen += this.#counts[index] as number;
      if (seen < wanted) continue;
      return (percent === 0 ? lowestOf(index) : lowestOf(index + 1) - 1) / 1000;
    }
    return 0;
  }

  /** By powers of two: whole microseconds, and how many calls took no longer; steps that add none are left out. */
  *steps(): Generator<readonly [microseconds: number, calls: number]> {
    let seen = 0;
    let index = 0;
    for (let step = FIRST_STEP_NS; seen < this.total; step *= 2) {
      const last = step > LONGEST_NS ? LENGTH - 1 : indexOf(step);
      const before = seen;
      for (; index <= last; index++) seen += this.#counts[index] as number;
      if (seen > before) yield [Math.floor((lowestOf(indexOf(step) + 1) - 1) / 1000), seen];
    }
  }
}

/** Of a whole number from 0 to 2^31 - 1. */
function indexOf(nanoseconds: number): number {
  const bits = 32 - Math.clz32(nanoseconds);
  const shift = bits <= HALF_BITS + 1 ? 0 : bits - HALF_BITS - 1;
  return shift * HALF + (nanoseconds >>> shift);
}

/** The least value that is counted there. */
function lowestOf(index: number): number {
  const shift = index < 2 * HALF ? 0 : Math.floor(index / HALF) - 1;
  return (index - shift * HALF) * 2 ** shift;
}
