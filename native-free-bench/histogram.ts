/**
 * A latency histogram with log-linear buckets, after Gil Tene's HdrHistogram: exact up to 255, then 128 buckets for
 * each doubling, so any percentile is right within 0.8 % and a histogram of any size is 3,328 counters.
 */

const SUB_BUCKET_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
const BUCKETS = (32 - SUB_BUCKET_BITS + 1) * SUB_BUCKETS;
const LARGEST = 2 ** 32 - 1;

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Adds `times` occurrences of a value: a non-negative number, rounded to a whole one; above 2^32 - 1 it counts as that. */
  record(value: number, times = 1): void {
    const whole = Math.min(Math.round(value), LARGEST);
    const bucket = bucketOf(whole);
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.#count += times;
    this.#sum += whole * times;
    if (whole > this.#max) this.#max = whole;
  }

  /** Adds all that another histogram holds. */
  merge(other: Histogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] as number) + (other.#counts[bucket] as number);
    }
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** The smallest recorded value that `percent` (0–100) of all values do not exceed, rounded up to its bucket's end; 0 when empty. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= wanted) return Math.min(endOf(bucket), this.#max);
    }
    return this.#max;
  }
}

function bucketOf(value: number): number {
  if (value < SUB_BUCKETS) return value;
  const shift = 31 - Math.clz32(value) - SUB_BUCKET_BITS;
  return shift * SUB_BUCKETS + (value >>> shift);
}

function endOf(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const shift = (bucket >>> SUB_BUCKET_BITS) - 1;
  return (bucket - shift * SUB_BUCKETS + 1) * 2 ** shift - 1;
}
