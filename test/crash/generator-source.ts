/** What a client's random commands are made of. */

import type { Command } from './model.js';
import type { KeyState, Value } from './model-value.js';

export interface Source {
  readonly prefix: string;
  readonly random: () => number;
  readonly state: KeyState;
  /** A value that no other command wrote: repeated to the length, so mixed values show. */
  value(bytes: number): string;
  /** A number above all before. */
  nextNumber(): number;
}

export type Maker = (source: Source) => Command;

/** Weight → how such a command is made. */
export type Weighted = readonly (readonly [number, Maker])[];

/** How many keys of each kind a client has. */
export const KEYS: Readonly<Record<Kind, number>> = {
  small: 60,
  counter: 6,
  large: 3,
  short: 6,
  bits: 3,
  list: 6,
  hash: 6,
  set: 6,
  zset: 6,
  stream: 4,
  passing: 4,
  library: 3,
};

export type Kind =
  | ('small' | 'counter' | 'large' | 'short' | 'bits')
  | ('list' | 'hash' | 'set' | 'zset' | 'stream')
  /** Sets that are stored anew, with a time, again and again. */
  | 'passing'
  /** Of functions; its name is no key's. */
  | 'library';

export function below(source: Source, limit: number): number {
  return Math.floor(source.random() * limit);
}

export function key(source: Source, kind: Kind): string {
  return `${source.prefix}${kind}${below(source, KEYS[kind])}`;
}

export function pick<T>(source: Source, choices: readonly T[]): T {
  return choices[below(source, choices.length)] as T;
}

/** What all commands so far lead to at the key. */
export function valueAt(source: Source, at: string): Value | undefined {
  return source.state.get(at)?.value;
}

/** The command for what is there, or that which makes it. */
export function ifThere(source: Source, at: string, command: Command, otherwise: Command): Command {
  return source.state.has(at) ? command : otherwise;
}
