/**
 * When a key was last used, or how often of late: a number in its entry that a look-up writes. Its lowest bit is SIEVE's,
 * "used since the hand last passed". Above it stand seconds, or where the policy is an LFU one Redis's 8 bits that count
 * and the minutes at which they were last lowered (redis.io/docs/latest/develop/reference/eviction).
 */

const VISITED = 1;
/** What a key starts with: it is to have a chance before it goes. */
const INITIAL_COUNT = 5;
const COUNT_MAX = 255;
const MINUTES_MASK = 0xffff;
const MINUTE_SECONDS = 60;

export function isVisited(usage: number): boolean {
  return (usage & VISITED) !== 0;
}

export function unvisited(usage: number): number {
  return usage & ~VISITED;
}

/** Settings of Redis: `lfu-log-factor`, and `lfu-decay-time` in minutes. */
export interface CountSettings {
  readonly lfuLogFactor: number;
  readonly lfuDecayTime: number;
}

export class Usage {
  /** Of an entry that comes into memory: not used yet, and not for long unused. */
  ofNew = 0;
  /** Uses are counted, times are not. */
  counts = false;
  settings: CountSettings = { lfuLogFactor: 10, lfuDecayTime: 1 };
  /** What a look-up writes. */
  #stamp = VISITED;
  /** Since the clock was first looked at, so that the numbers stay small. */
  #seconds = 0;
  #origin = -1;

  /** The key was looked up. */
  touch(entry: { usage: number }): void {
    entry.usage = this.counts ? this.#counted(entry.usage) : this.#stamp;
  }

  /** `now`: milliseconds that never go back. */
  advance(now: number): void {
    if (this.#origin < 0) this.#origin = now;
    const seconds = Math.floor((now - this.#origin) / 1000);
    if (seconds === this.#seconds) return;
    this.#seconds = seconds;
    this.#restamp();
  }

  /** What entries have is taken for the other thing from now on, as in Redis; it adjusts itself as they are used. */
  count(counts: boolean): void {
    this.counts = counts;
    this.#restamp();
  }

  #restamp(): void {
    this.#stamp = (this.#seconds << 1) | VISITED;
    this.ofNew = this.counts ? this.#pack(INITIAL_COUNT) : this.#seconds << 1;
  }

  /** Seconds since the key was used. */
  idleSeconds({ usage }: { readonly usage: number }): number {
    return Math.max(0, this.#seconds - (usage >> 1));
  }

  /** How often it was used: a logarithm, from 0 to 255. */
  frequency({ usage }: { readonly usage: number }): number {
    const count = (usage >> 1) & COUNT_MAX;
    const { lfuDecayTime } = this.settings;
    if (lfuDecayTime === 0) return count;
    const minutes = (this.#minutes - (usage >> 9)) & MINUTES_MASK;
    return Math.max(0, count - Math.floor(minutes / lfuDecayTime));
  }

  /** As if it had not been used for so many seconds. */
  setIdle(entry: { usage: number }, seconds: number): void {
    entry.usage = (this.#seconds - Math.min(seconds, 2 ** 28)) << 1;
  }

  setFrequency(entry: { usage: number }, count: number): void {
    entry.usage = this.#pack(count);
  }

  get #minutes(): number {
    return Math.floor(this.#seconds / MINUTE_SECONDS) & MINUTES_MASK;
  }

  #pack(count: number): number {
    return (this.#minutes << 9) | (count << 1);
  }

  #counted(usage: number): number {
    const count = this.frequency({ usage });
    const base = Math.max(0, count - INITIAL_COUNT);
    const rises = Math.random() * (base * this.settings.lfuLogFactor + 1) < 1;
    return this.#pack(rises ? Math.min(COUNT_MAX, count + 1) : count) | VISITED;
  }
}
