/** A request between its first attempt and its end: when it may block, and what is kept for it. */

import type { Wait } from './fault.js';
import type { Loader } from './loader.js';

/** Faults, but for those on long ranges, after which an attempt is escalated. */
const FAULTS_MAX = 4;
/** Faults of any kind after which it reads all that it misses by blocking calls. */
const ALL_FAULTS_MAX = 40;
/** What an escalated attempt may read of long ranges by blocking calls: at least so much, or a share of all that it loads. */
const BLOCKING_BYTES = 1024 * 1024;
const BLOCKING_SHARE = 1 / 4;
/** Time of loading after which it is, whatever the faults, in milliseconds. */
const LOADING_MS_MAX = 50;

/** What a request carries from attempt to attempt. */
export class Attempt {
  readonly now: number;
  readonly seed: number;
  escalated = false;
  readonly outcomes = new Map<string, { value: unknown } | { error: unknown }>();
  /** Estimated memory of what was loaded for it, in bytes. */
  loadedBytes = 0;
  readonly #releases: (() => void)[] = [];
  /** Versions whose data is kept until the request ends. */
  readonly #kept = new Set<number>();
  #allFaults = 0;
  #faults = 0;
  #loadingMs = 0;
  #alwaysBlocks = false;

  constructor(now: number, seed: number) {
    this.now = now;
    this.seed = seed;
  }

  /** Keeps what the wait brings, for the attempts that follow. */
  async keepOutcome(wait: Wait): Promise<void> {
    try {
      const value = await wait.start();
      this.outcomes.set(wait.name, { value });
      if (wait.release !== undefined) this.#releases.push(() => wait.release?.(value));
    } catch (error) {
      this.outcomes.set(wait.name, { error });
    }
  }

  /** The request has ended, one way or the other. */
  end(): void {
    for (const release of this.#releases) release();
  }

  /** Bytes of long ranges that it may read by blocking calls. */
  get blockingBytes(): number {
    if (this.#alwaysBlocks) return Number.POSITIVE_INFINITY;
    return this.escalated ? Math.max(BLOCKING_BYTES, this.loadedBytes * BLOCKING_SHARE) : 0;
  }

  /** From now on it reads all that it misses by blocking calls. */
  alwaysBlock(): void {
    this.escalated = true;
    this.#alwaysBlocks = true;
  }

  /** The data of the version stays until the request ends. */
  keep(version: number, loader: Loader): void {
    if (this.#kept.has(version)) return;
    this.#kept.add(version);
    this.#releases.push(loader.keep(version));
  }

  /** It has waited for what is no record. To block does not help most of those; pages of the store are read at once then. */
  countWait(): void {
    this.escalated ||= ++this.#allFaults >= ALL_FAULTS_MAX;
  }

  /** `isLong`: it was on a long range, of which a part is read at a time. What was read stays: that alone is no reason to block. */
  countFault(loadingMs: number, isLong: boolean): void {
    if (++this.#allFaults >= ALL_FAULTS_MAX) this.alwaysBlock();
    if (isLong) return;
    this.#faults++;
    this.#loadingMs += loadingMs;
    this.escalated ||= this.#faults >= FAULTS_MAX || this.#loadingMs > LOADING_MS_MAX;
  }
}
