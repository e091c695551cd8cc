/** One option of the table: what it is called, what it takes, what it does. Built by the functions below. */

import {
  booleanCodec,
  type Codec,
  choiceCodec,
  durationCodec,
  integerCodec,
  listCodec,
  type Range,
  sizeCodec,
  textCodec,
  unavailableCodec,
} from './codec.js';
import { redisBoolean, redisInteger, redisMemory, redisWords } from './redis-codec.js';

/**
 * What setting an option does. `none`: DiskDB has no use for it and keeps it only because Redis clients and
 * tools ask for it. `later`: the feature it belongs to is not built yet, and it is kept for then.
 */
export type Effect = 'full' | 'none' | 'later';

export interface Option<T> extends Codec<T> {
  /** In DiskDB's own notation. */
  readonly default: string;
  /** One or two plain sentences: the reference, the example file and `--help` are made from it. */
  readonly about: string;
  /** May change while the server runs. */
  readonly live: boolean;
  readonly effect: Effect;
  /** Of what a text given twice (in a redis.conf, or as two flags) is made: all of them, or the last. */
  readonly joins: boolean;
  /** Setting it to the value it has is a change too: it names a file, whose content may be another. */
  readonly takesEffectAgain: boolean;
  readonly redis: RedisBinding<T> | undefined;
}

/** The option as Redis knows it. */
export interface RedisBinding<T> {
  /** The name that Redis prefers, then its aliases. */
  readonly names: readonly string[];
  readonly codec: Codec<T>;
  /** Other options, by YAML path, that one of Redis's words sets too. */
  readonly also: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Spec {
  readonly default: string;
  readonly about: string;
  /** true unless given. */
  readonly live?: boolean;
  /** 'full' unless given. */
  readonly effect?: Effect;
  readonly redis?: string | readonly string[];
  readonly joins?: boolean;
  readonly takesEffectAgain?: boolean;
}

/** An option of a kind that no other function below builds. */
export function custom<T>(
  spec: Spec,
  codec: Codec<T>,
  redisCodec: Codec<T> = codec,
  also: RedisBinding<T>['also'] = {},
): Option<T> {
  const names = typeof spec.redis === 'string' ? [spec.redis] : spec.redis;
  return {
    ...codec,
    default: spec.default,
    about: spec.about,
    live: spec.live ?? true,
    effect: spec.effect ?? 'full',
    joins: spec.joins ?? false,
    takesEffectAgain: spec.takesEffectAgain ?? false,
    redis: names === undefined ? undefined : { names, codec: redisCodec, also },
  };
}

export function integer(spec: Spec & Range): Option<number> {
  return custom(spec, integerCodec(spec), redisInteger(spec));
}

/** Bytes. */
export function size(spec: Spec & Range): Option<number> {
  return custom(spec, sizeCodec(spec), redisMemory(spec));
}

/** Milliseconds. `redisUnit` is what Redis counts in: 1000 for seconds. */
export function duration(spec: Spec & Range & { readonly redisUnit?: number }): Option<number> {
  return custom(spec, durationCodec(spec), redisInteger(spec, spec.redisUnit ?? 1));
}

export function boolean(spec: Spec): Option<boolean> {
  return custom(spec, booleanCodec, redisBoolean);
}

/** One of some words; `redisPairs` where Redis has other words for them. */
export function choice<const W extends string>(
  words: readonly W[],
  spec: Spec,
  redisPairs: readonly (readonly [W, string])[] = words.map((word) => [word, word]),
  also: RedisBinding<W>['also'] = {},
): Option<W> {
  return custom(spec, choiceCodec(words), redisWords(redisPairs), also);
}

export function text(spec: Spec): Option<string> {
  return custom(spec, textCodec);
}

export function list(accepts: string, spec: Spec): Option<readonly string[]> {
  return custom(spec, listCodec(accepts));
}

/** Refuses everything but its default: a feature that nobody must believe to be there. */
export function unavailable(spec: Spec): Option<string> {
  return custom({ ...spec, effect: 'later' }, unavailableCodec(spec.default));
}
