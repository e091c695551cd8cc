/**
 * Whether a group is synced by the thread that has written it. A sync that is shorter than a turn of the event loop is best done
 * so: what comes meanwhile waits in the sockets and makes one group. Beside a sync in another thread the turns are small, and each
 * writes a group of its own (measured with 50 clients that send INCR: 3 requests a turn in place of 30, and 16 µs of CPU a
 * request in place of 12.7).
 */

/** Syncs that go to another thread when those of this one have become too long. Then one is tried here again. */
const ELSEWHERE = 64;
/** The share of the last one in the average. */
const WEIGHT = 1 / 8;
/** Of the limit: a longer one counts as no more, for disks that are short of breath once in a thousand syncs. */
const LONGEST = 4;

export class BlockingSyncs {
  readonly #limitMs: number;
  #averageMs = 0;
  /** So many go to another thread before one is tried here again. */
  #elsewhere = 0;

  /** @param limitMs the average length up to which they are done here; 0: none is */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Whether the next one is done here. To be asked once for each. */
  takeNext(): boolean {
    if (this.#limitMs === 0) return false;
    if (this.#elsewhere === 0) return true;
    this.#elsewhere--;
    return false;
  }

  /** One that was done here took so long. */
  note(milliseconds: number): void {
    const counted = Math.min(milliseconds, LONGEST * this.#limitMs);
    this.#averageMs += (counted - this.#averageMs) * WEIGHT;
    if (this.#averageMs <= this.#limitMs) return;
    this.#averageMs = this.#limitMs; // the next trial decides
    this.#elsewhere = ELSEWHERE;
  }
}
