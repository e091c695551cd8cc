/** Random steps from a seed: commands, and what may happen to a server between them. */

import { CHUNK_BYTES } from '../../src/base/large-string.js';

export type Step =
  /** Requests of one client, pipelined. */
  | { readonly kind: 'commands'; readonly client: number; readonly commands: readonly string[][] }
  /** All clients at the same time, each on keys of its own. */
  | { readonly kind: 'together'; readonly pipelines: readonly (readonly string[][])[] }
  | { readonly kind: 'fold' | 'evict' | 'expire' | 'failed fold' | 'stop' | 'kill' | 'power cut' }
  /** The crash comes while requests are under way, after so many turns of the event loop. */
  | {
      readonly kind: 'crash under way';
      readonly how: 'kill' | 'power cut';
      readonly client: number;
      readonly commands: readonly string[][];
      readonly turns: number;
    }
  | { readonly kind: 'wait'; readonly milliseconds: number };

export const DATABASES = 3;
export const CLIENTS = 3;
const KEYS = 7;
const LONG_KEY = 'k'.repeat(1500);

export class StepGenerator {
  #state: number;
  readonly #start: number;

  constructor(seed: number, now: number) {
    this.#state = seed | 0;
    this.#start = now;
  }

  next(now: number): Step {
    const chance = this.#integer(100);
    const client = this.#integer(CLIENTS);
    if (chance < 50) return { kind: 'commands', client, commands: this.#pipeline(now) };
    if (chance < 66) {
      const own = (index: number) => this.#ownPipeline(now, index);
      return { kind: 'together', pipelines: Array.from({ length: CLIENTS }, (_, i) => own(i)) };
    }
    if (chance < 73) return { kind: 'fold' };
    if (chance < 82) return { kind: 'evict' };
    if (chance < 87) return { kind: 'wait', milliseconds: 1 + this.#integer(3000) };
    if (chance < 90) return { kind: 'expire' };
    if (chance < 91) return { kind: 'failed fold' };
    if (chance < 93) return { kind: 'stop' };
    if (chance < 95) return { kind: 'kill' };
    if (chance < 97) return { kind: 'power cut' };
    const how = this.#integer(2) === 0 ? 'kill' : 'power cut';
    const commands = this.#pipeline(now);
    return { kind: 'crash under way', how, client, commands, turns: this.#integer(12) };
  }

  /** For choices outside the steps that must follow the seed as well. */
  integer(below: number): number {
    return this.#integer(below);
  }

  #pipeline(now: number): string[][] {
    const key = (): string => this.#key('');
    return Array.from({ length: 1 + this.#integer(6) }, () =>
      this.#integer(5) === 0 ? this.#global() : this.#command(now, key),
    );
  }

  #ownPipeline(now: number, client: number): string[][] {
    const key = (): string => this.#key(`${client}:`);
    return Array.from({ length: 1 + this.#integer(8) }, () => this.#command(now, key));
  }

  #key(prefix: string): string {
    const index = this.#integer(KEYS);
    return index === 0 ? prefix + LONG_KEY : `${prefix}key${index}`;
  }

  #command(now: number, key: () => string): string[] {
    const pick = this.#integer(COMMANDS.length);
    return (COMMANDS[pick] as (g: CommandParts) => string[])({
      key,
      value: () => this.#value(),
      number: (below) => `${this.#integer(below)}`,
      offset: () => `${this.#nearBorder()}`,
      at: () => `${now + this.#integer(4000) - 500}`,
      later: () => `${1 + this.#integer(4000)}`,
      one: (...choices) => choices[this.#integer(choices.length)] as string,
    });
  }

  #global(): string[] {
    const db = (): string => `${this.#integer(DATABASES)}`;
    const key = (): string => this.#key('');
    const commands = [
      () => ['SELECT', db()],
      () => ['SELECT', db()],
      () => ['SWAPDB', db(), db()],
      () => ['COPY', key(), key(), 'DB', db()],
      () => ['COPY', key(), key(), 'DB', db(), 'REPLACE'],
      () => ['MOVE', key(), db()],
      () => ['KEYS', '*'],
      () => ['RANDOMKEY'],
      () => (this.#integer(4) === 0 ? ['FLUSHDB'] : ['DBSIZE']),
      () => (this.#integer(8) === 0 ? ['FLUSHALL'] : ['DBSIZE']),
    ];
    return (commands[this.#integer(commands.length)] as () => string[])();
  }

  #nearBorder(): number {
    return Math.max(0, this.#integer(4) * CHUNK_BYTES + this.#integer(7) - 3);
  }

  #value(): string {
    const choice = this.#integer(10);
    if (choice < 3) return `${this.#integer(1000) - 500}`;
    if (choice < 7) return `v${this.#integer(1e6)}`.repeat(1 + this.#integer(4));
    const unit = `${this.#integer(1e6)}.`;
    const length = choice === 7 ? this.#integer(2000) : this.#nearBorder();
    return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
  }

  #integer(below: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  /** When the run began, on the clock that steps move. */
  get start(): number {
    return this.#start;
  }
}

interface CommandParts {
  key(): string;
  value(): string;
  number(below: number): string;
  offset(): string;
  at(): string;
  later(): string;
  one(...choices: readonly string[]): string;
}

const COMMANDS: readonly ((parts: CommandParts) => string[])[] = [
  ({ key, value }) => ['SET', key(), value()],
  ({ key, value }) => ['SET', key(), value()],
  ({ key, value, later }) => ['SET', key(), value(), 'PX', later()],
  ({ key, value, one }) => ['SET', key(), value(), one('NX', 'XX', 'KEEPTTL', 'GET')],
  ({ key, value }) => ['SET', key(), value(), 'XX', 'GET', 'KEEPTTL'],
  ({ key, value }) => ['SETNX', key(), value()],
  ({ key, value, later }) => ['PSETEX', key(), later(), value()],
  ({ key }) => ['GET', key()],
  ({ key }) => ['GET', key()],
  ({ key }) => ['GET', key()],
  ({ key, value }) => ['GETSET', key(), value()],
  ({ key }) => ['GETDEL', key()],
  ({ key, later }) => ['GETEX', key(), 'PX', later()],
  ({ key }) => ['GETEX', key(), 'PERSIST'],
  ({ key, value }) => ['APPEND', key(), value()],
  ({ key, value }) => ['APPEND', key(), value()],
  ({ key }) => ['STRLEN', key()],
  ({ key, offset, value }) => ['SETRANGE', key(), offset(), value()],
  ({ key, offset, value }) => ['SETRANGE', key(), offset(), value()],
  ({ key, number }) => ['SETRANGE', key(), number(300), `${number(100)}`],
  ({ key, number }) => ['SETRANGE', key(), number(20_000), `${number(100)}`],
  ({ key, offset }) => ['GETRANGE', key(), offset(), offset()],
  ({ key, offset }) => ['GETRANGE', key(), `-1${offset()}`, '-1'],
  ({ key }) => ['INCR', key()],
  ({ key, number }) => ['INCRBY', key(), number(1000)],
  ({ key, number }) => ['DECRBY', key(), number(1000)],
  ({ key, value }) => ['MSET', key(), value(), key(), value(), key(), value()],
  ({ key, value }) => ['MSETNX', key(), value(), key(), value()],
  ({ key }) => ['MGET', key(), key(), key()],
  ({ key }) => ['DEL', key(), key()],
  ({ key }) => ['UNLINK', key()],
  ({ key }) => ['EXISTS', key(), key(), key()],
  ({ key }) => ['TYPE', key()],
  ({ key }) => ['RENAME', key(), key()],
  ({ key }) => ['RENAMENX', key(), key()],
  ({ key, at }) => ['PEXPIREAT', key(), at()],
  ({ key, at, one }) => ['PEXPIREAT', key(), at(), one('NX', 'XX', 'GT', 'LT')],
  ({ key }) => ['PERSIST', key()],
  ({ key }) => ['PTTL', key()],
  ({ key }) => ['PEXPIRETIME', key()],
];
