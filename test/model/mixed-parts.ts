/** What random requests of all types are made of: keys that types share now and then, members, numbers, bounds. */

export type Request = readonly string[];
/** Requests that follow each other. */
export type Maker = (parts: Parts) => readonly Request[];

const KEYS = 3;
/** Keys of another type now and then: WRONGTYPE, or the key has become of that type. */
const SHARE_OF_OTHER_KEYS = 0.06;
const SHARE_OF_MANY = 0.06;
const MOST_MANY = 220;
const MEMBERS = 400;
const LONG = 'L'.repeat(1100);
const DAY_MS = 86_400_000;

export const FAMILIES = [
  'str',
  'bits',
  'hll',
  'list',
  'hash',
  'set',
  'zset',
  'lex',
  'geo',
  'stream',
  'json',
] as const;
export type Family = (typeof FAMILIES)[number];

export class Parts {
  readonly #random: () => number;
  /** Of all keys: a client that has one can run beside others. */
  readonly prefix: string;
  readonly #now: () => number;
  #sequence = 0;

  /** @param now the time for both servers, in milliseconds since 1970 */
  constructor(random: () => number, prefix: string, now: () => number) {
    this.#random = random;
    this.prefix = prefix;
    this.#now = now;
  }

  /** From `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  number(from: number, to: number): string {
    return String(this.integer(from, to));
  }

  one<T>(...choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)] as T;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** The words, or none. */
  maybe(...words: readonly string[]): readonly string[] {
    return this.chance(0.5) ? words : [];
  }

  key(family: Family): string {
    return this.chance(SHARE_OF_OTHER_KEYS) ? this.any() : this.#keyOf(family);
  }

  any(): string {
    return this.#keyOf(this.one(...FAMILIES));
  }

  #keyOf(family: Family): string {
    const index = this.integer(0, KEYS);
    return this.prefix + (index === 0 ? `${family}${LONG}` : `${family}${index}`);
  }

  /** From one to a few, and now and then many. */
  many<T>(make: () => T): T[] {
    const most = this.chance(SHARE_OF_MANY) ? MOST_MANY : 4;
    return Array.from({ length: this.integer(1, most) }, make);
  }

  member(): string {
    const index = this.integer(0, MEMBERS);
    if (index < 30) return String(index - 10);
    if (index < 34) return `${index}${LONG}`;
    return index === 34 ? '' : `m${index}\xff`;
  }

  /** Short in most cases, at times longer than a fragment of a string. */
  value(): string {
    const mark = `v${++this.#sequence}.`;
    const kind = this.integer(0, 30);
    if (kind < 5) return this.number(-500, 500);
    const bytes = kind < 28 ? this.integer(0, 30) : this.one(70, 3000, 20_000, 40_000);
    return mark.repeat(Math.ceil(bytes / mark.length)).slice(0, bytes);
  }

  /** Whole, or quarters: both servers write them in the same way, and sums are exact. */
  score(): string {
    const kind = this.integer(0, 40);
    if (kind === 0) return this.one('inf', '-inf', '-0');
    return kind < 20 ? this.number(-20, 20) : String(this.integer(-400, 400) / 4);
  }

  scoreBound(): string {
    if (this.chance(0.2)) return this.one('-inf', '+inf');
    return this.one('', '', '(') + this.number(-100, 100);
  }

  lexBound(): string {
    return this.chance(0.3) ? this.one('-', '+') : this.one('[', '(') + this.member();
  }

  /** Of an element in a list, or a rank. */
  index(): string {
    return this.chance(0.5) ? this.number(-8, 8) : this.number(-400, 400);
  }

  /** Around the borders of fragments. */
  offset(): number {
    return this.chance(0.6)
      ? this.integer(0, 40)
      : this.integer(0, 3) * 16_384 + this.integer(0, 6);
  }

  /** Milliseconds since 1970: far away. */
  later(): string {
    return String(this.#now() + DAY_MS + this.integer(0, 1000));
  }

  /** Milliseconds since 1970: it comes within a few steps that wait, or has passed. */
  soon(): string {
    return String(this.#now() + this.integer(-2, 40));
  }

  streamId(): string {
    return this.one(`${this.integer(1, 300)}`, `${this.integer(1, 300)}-${this.integer(0, 2)}`);
  }

  streamBound(): string {
    return this.chance(0.3) ? this.one('-', '+') : this.one('', '', '(') + this.streamId();
  }

  group(): string {
    return this.one('g', 'g', 'h');
  }

  consumer(): string {
    return this.one('alice', 'bob', 'eve');
  }
}
