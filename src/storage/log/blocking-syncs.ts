/**
 * Whether a group is synced by the thread that has written it, which is faster while syncs are short (docs/architecture.md, the log;
 * measured with 50 clients that send INCR: 12.7 µs of CPU a request in place of 16).
 */

/** As long as a turn of the event loop with some tens of requests, in milliseconds. */
export const BLOCKING_SYNC_MS_MAX = 0.5;
/** Once blocking syncs have become too long, so many others follow before the next trial. */
const SYNCS_BETWEEN_TRIALS = 64;
/** The share of the last one in the exponential moving average of their lengths. */
const WEIGHT = 1 / 8;
/** A longer one counts as so many times the limit, for disks that are short of breath once in a thousand syncs. */
const OUTLIER_LIMITS = 4;

export class BlockingSyncs {
  readonly #limitMs: number;
  #averageMs = 0;
  #untilTrial = 0;

  /** @param limitMs the average length up to which syncs block; 0: none does */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Whether the next one is to block. To be asked once for each: it counts down to the next trial. */
  shouldBlock(): boolean {
    if (this.#limitMs === 0) return false;
    if (this.#untilTrial === 0) return true;
    this.#untilTrial--;
    return false;
  }

  /** One that blocked took so long. */
  note(milliseconds: number): void {
    const counted = Math.min(milliseconds, OUTLIER_LIMITS * this.#limitMs);
    this.#averageMs += (counted - this.#averageMs) * WEIGHT;
    if (this.#averageMs <= this.#limitMs) return;
    this.#averageMs = this.#limitMs; // the next trial decides
    this.#untilTrial = SYNCS_BETWEEN_TRIALS;
  }
}
