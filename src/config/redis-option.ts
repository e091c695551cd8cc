/** Builders for the options of section `redis`: those that only Redis's clients, tools and tests ask for. */

import { type Codec, type Range, textCodec } from './codec.js';
import { custom, type Option, type Spec } from './option.js';
import { redisBoolean, redisInteger, redisMemory, redisWords } from './redis-codec.js';

/** What may be said of such an option besides its name, default and description. */
export type Extra = Pick<Spec, 'live' | 'effect' | 'joins'> & {
  /** Older names of the same option. */
  readonly aliases?: readonly string[];
};

/** Values are written as Redis writes them, in files too. */
export function compatible<T>(
  name: string,
  codec: Codec<T>,
  initial: string,
  about: string,
  { aliases = [], ...extra }: Extra = {},
): Option<T> {
  const redis = [name, ...aliases];
  return custom({ effect: 'none', ...extra, default: initial, about, redis }, codec);
}

export function yesNo(name: string, initial: 'yes' | 'no', about: string, extra?: Extra) {
  return compatible(name, redisBoolean, initial, about, extra);
}

export const INT: Range = { min: 0, max: 2_147_483_647 };
export const POSITIVE: Range = { min: 1, max: 2_147_483_647 };
export const LONG: Range = { min: 0, max: Number.MAX_SAFE_INTEGER };

export function number(name: string, range: Range, initial: number, about: string, extra?: Extra) {
  return compatible(name, redisInteger(range), String(initial), about, extra);
}

export function memory(name: string, initial: number, about: string, extra?: Extra) {
  return compatible(name, redisMemory(LONG), String(initial), about, extra);
}

/** One of some words, the first being the default. */
export function word(name: string, words: readonly string[], about: string, extra?: Extra) {
  const pairs = words.map((each) => [each, each] as const);
  return compatible(name, redisWords(pairs), words[0] ?? '', about, extra);
}

export function string(name: string, initial: string, about: string, extra?: Extra) {
  return compatible(name, textCodec, initial, about, extra);
}
