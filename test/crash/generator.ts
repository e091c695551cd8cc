/** The random commands of one client. It owns its keys, so what they must hold is known without asking the others. */

import type { Command, KeyState } from './model.js';

const SMALL_KEYS = 60;
const COUNTERS = 6;
const LARGE_KEYS = 3;
const SHORT_LIVED_KEYS = 6;
const SMALL_BYTES = 2000;
const LARGE_BYTES = 400_000;
const LARGEST_BYTES = 1_000_000;
const LIFE_MS = 3_600_000;
const SHORT_LIFE_MS = 1500;
const COUNTER_STEP = 1_000_000;

export interface Generator {
  /** Every key that the client may ever have. */
  readonly keys: readonly string[];
  /** The next command, for the state that all commands sent so far lead to. */
  next(state: KeyState): Command;
}

interface Source {
  readonly prefix: string;
  readonly random: () => number;
  readonly state: KeyState;
  /** A value that no other command wrote: repeated to the length, so mixed values show. */
  value(bytes: number): string;
}

type Maker = (source: Source) => Command;

/** Weight → how such a command is made. */
const MAKERS: readonly (readonly [number, Maker])[] = [
  [20, (s) => ['SET', small(s), s.value(below(s, SMALL_BYTES))]],
  [12, (s) => ['GET', any(s)]],
  [12, (s) => ['INCR', counter(s)]],
  [5, (s) => ['INCRBY', counter(s), String(below(s, COUNTER_STEP))]],
  [10, (s) => appendTo(s, small(s), below(s, 200))],
  [6, (s) => ['SETRANGE', small(s), String(below(s, 500)), s.value(below(s, 300))]],
  [6, (s) => ['DEL', small(s), any(s)]],
  [3, (s) => ['GETDEL', small(s)]],
  [6, (s) => ['PEXPIREAT', any(s), String(Date.now() + LIFE_MS + below(s, LIFE_MS))]],
  [3, (s) => ['PERSIST', any(s)]],
  [8, (s) => multiSet(s)],
  [6, (s) => rename(s, small(s), small(s))],
  [5, (s) => copy(small(s), small(s))],
  [4, (s) => ['SET', large(s), s.value(below(s, LARGE_BYTES))]],
  [2, (s) => appendTo(s, large(s), below(s, LARGE_BYTES / 4))],
  [2, (s) => ['SETRANGE', large(s), String(below(s, LARGE_BYTES)), s.value(5000)]],
  [1, (s) => rename(s, large(s), large(s))],
  [1, (s) => copy(large(s), large(s))],
  [1, (s) => ['DEL', large(s), small(s), counter(s)]],
  [4, (s) => shortLived(s)],
];

const TOTAL_WEIGHT = MAKERS.reduce((sum, [weight]) => sum + weight, 0);

export function makeGenerator(client: number, random: () => number): Generator {
  const prefix = `client:${client}:`;
  let sequence = 0;
  const value = (bytes: number): string => {
    const mark = `<${client}.${++sequence}>`;
    return mark.repeat(Math.ceil(bytes / mark.length)).slice(0, bytes);
  };
  return {
    keys: allKeys(prefix),
    next: (state) => draw(random)({ prefix, random, state, value }),
  };
}

function allKeys(prefix: string): string[] {
  const family = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}${letter}${index}`);
  return [
    ...family('small', SMALL_KEYS),
    ...family('counter', COUNTERS),
    ...family('large', LARGE_KEYS),
    ...family('short', SHORT_LIVED_KEYS),
  ];
}

function draw(random: () => number): Maker {
  let left = random() * TOTAL_WEIGHT;
  for (const [weight, make] of MAKERS) {
    left -= weight;
    if (left < 0) return make;
  }
  return (source) => ['GET', small(source)];
}

function below(source: Source, limit: number): number {
  return Math.floor(source.random() * limit);
}

function small(source: Source): string {
  return `${source.prefix}small${below(source, SMALL_KEYS)}`;
}

function counter(source: Source): string {
  return `${source.prefix}counter${below(source, COUNTERS)}`;
}

function large(source: Source): string {
  return `${source.prefix}large${below(source, LARGE_KEYS)}`;
}

/** Any key whose content does not depend on the time. */
function any(source: Source): string {
  const kind = source.random();
  if (kind < 0.7) return small(source);
  return kind < 0.9 ? counter(source) : large(source);
}

function multiSet(source: Source): Command {
  const count = 2 + below(source, 6);
  const pairs = Array.from({ length: count }, () => [
    small(source),
    source.value(below(source, SMALL_BYTES)),
  ]);
  return ['MSET', ...pairs.flat()];
}

function appendTo(source: Source, key: string, bytes: number): Command {
  const length = source.state.get(key)?.value.length ?? 0;
  const tail = source.value(bytes);
  return length > LARGEST_BYTES ? ['SET', key, tail] : ['APPEND', key, tail];
}

function rename(source: Source, from: string, to: string): Command {
  return source.state.has(from) ? ['RENAME', from, to] : ['SET', from, source.value(100)];
}

function copy(from: string, to: string): Command {
  return from === to ? ['GET', from] : ['COPY', from, to, 'REPLACE'];
}

/** These keys are only ever set anew: nothing else can depend on whether they are still there. */
function shortLived(source: Source): Command {
  const key = `${source.prefix}short${below(source, SHORT_LIVED_KEYS)}`;
  const expireAt = Date.now() + below(source, SHORT_LIFE_MS);
  return ['SET', key, source.value(100), 'PXAT', String(expireAt)];
}
