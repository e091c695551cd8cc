/** The random commands of one client. It owns its keys, so what they must hold is known without asking the others. */

import { functionMakers, libraryName } from './functions.js';
import { collectionMakers, fieldExpiryMakers } from './generator-collections.js';
import {
  below,
  ifThere,
  KEYS,
  type Kind,
  key,
  pick,
  type Source,
  valueAt,
  type Weighted,
} from './generator-source.js';
import type { Command } from './model.js';
import type { KeyState } from './model-value.js';
import { transactionOf } from './transactions.js';

const SMALL_BYTES = 2000;
const LARGE_BYTES = 400_000;
const LARGEST_BYTES = 1_000_000;
const LIFE_MS = 3_600_000;
const SHORT_LIFE_MS = 1500;
const COUNTER_STEP = 1_000_000;
/** Kinds whose content does not depend on the time. */
const LASTING: readonly Kind[] = [
  ...(['small', 'small', 'small', 'counter', 'large', 'bits'] as const),
  ...(['list', 'hash', 'set', 'zset', 'stream'] as const),
];

export interface Generator {
  /** Every key, and every library, that the client may ever have. */
  readonly keys: readonly string[];
  /** The next command, for the state that all commands sent so far lead to. */
  next(state: KeyState): Command;
}

const MAKERS: Weighted = [
  [20, (s) => ['SET', key(s, 'small'), s.value(below(s, SMALL_BYTES))]],
  [12, (s) => ['GET', key(s, pick(s, ['small', 'small', 'counter', 'large', 'bits']))]],
  [12, (s) => ['INCR', key(s, 'counter')]],
  [5, (s) => ['INCRBY', key(s, 'counter'), String(below(s, COUNTER_STEP))]],
  [10, (s) => appendTo(s, key(s, 'small'), below(s, 200))],
  [6, (s) => ['SETRANGE', key(s, 'small'), String(below(s, 500)), s.value(below(s, 300))]],
  [6, (s) => ['DEL', key(s, 'small'), lasting(s)]],
  [3, (s) => ['GETDEL', key(s, 'small')]],
  [6, (s) => ['PEXPIREAT', lasting(s), String(Date.now() + LIFE_MS + below(s, LIFE_MS))]],
  [3, (s) => ['PERSIST', lasting(s)]],
  [8, (s) => multiSet(s)],
  [10, (s) => rename(s, pick(s, LASTING))],
  [6, (s) => copy(s, pick(s, LASTING))],
  [4, (s) => ['SET', key(s, 'large'), s.value(below(s, LARGE_BYTES))]],
  [2, (s) => appendTo(s, key(s, 'large'), below(s, LARGE_BYTES / 4))],
  [2, (s) => ['SETRANGE', key(s, 'large'), String(below(s, LARGE_BYTES)), s.value(5000)]],
  [1, (s) => ['DEL', key(s, 'large'), key(s, 'list'), key(s, 'zset'), key(s, 'counter')]],
  [4, (s) => ['SETBIT', key(s, 'bits'), String(below(s, 500_000)), pick(s, ['0', '1'])]],
  [4, (s) => shortLived(s)],
  [0.4, transactionOf((s) => draw(SMALL_MAKERS, s))],
  ...collectionMakers,
  ...functionMakers,
];

/** What a transaction is made of. */
const SMALL_MAKERS: Weighted = [
  [5, (s) => ['SET', key(s, 'small'), s.value(below(s, 100))]],
  [5, (s) => ['INCR', key(s, 'counter')]],
  [3, (s) => ['GET', key(s, pick(s, ['small', 'counter']))]],
  [2, (s) => ['RPUSH', key(s, 'list'), s.value(20)]],
  [2, (s) => ['LPOP', key(s, 'list'), '2']],
  [2, (s) => ['HINCRBY', key(s, 'hash'), 'counted', '1']],
  [1, (s) => ['SADD', key(s, 'set'), `member${below(s, 50)}`]],
  [0.05, (s) => ['DEL', key(s, 'list'), key(s, 'hash'), key(s, 'set'), key(s, 'counter')]],
  [0.2, (s) => rename(s, pick(s, ['small', 'list', 'hash', 'set']))],
];

/** @param fieldsExpire whether fields of hashes may get times */
export function makeGenerator(
  client: number,
  random: () => number,
  fieldsExpire = true,
): Generator {
  const makers = fieldsExpire ? [...MAKERS, ...fieldExpiryMakers] : MAKERS;
  const prefix = `client:${client}:`;
  let sequence = 0;
  const value = (bytes: number): string => {
    const mark = `<${client}.${++sequence}>`;
    return mark.repeat(Math.ceil(bytes / mark.length)).slice(0, bytes);
  };
  const nextNumber = (): number => ++sequence;
  return {
    keys: allKeys(prefix),
    next: (state) => draw(makers, { prefix, random, state, value, nextNumber }),
  };
}

function allKeys(prefix: string): string[] {
  return Object.entries(KEYS).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${prefix}${kind}${index}`;
      return kind === 'library' ? libraryName(name) : name;
    }),
  );
}

function draw(makers: Weighted, source: Source): Command {
  let left = source.random() * makers.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of makers) {
    left -= weight;
    if (left < 0) return make(source);
  }
  return ['GET', key(source, 'small')];
}

function lasting(source: Source): string {
  return key(source, pick(source, LASTING));
}

function multiSet(source: Source): Command {
  const count = 2 + below(source, 6);
  const pairs = Array.from({ length: count }, () => [
    key(source, 'small'),
    source.value(below(source, SMALL_BYTES)),
  ]);
  return ['MSET', ...pairs.flat()];
}

function appendTo(source: Source, to: string, bytes: number): Command {
  const value = valueAt(source, to);
  const length = typeof value === 'string' ? value.length : 0;
  const tail = source.value(bytes);
  return length > LARGEST_BYTES ? ['SET', to, tail] : ['APPEND', to, tail];
}

function rename(source: Source, kind: Kind): Command {
  const from = key(source, kind);
  return ifThere(source, from, ['RENAME', from, key(source, kind)], ['PERSIST', from]);
}

function copy(source: Source, kind: Kind): Command {
  const [from, to] = [key(source, kind), key(source, kind)];
  return from === to ? ['PERSIST', from] : ['COPY', from, to, 'REPLACE'];
}

/** These keys are only ever set anew: nothing else can depend on whether they are still there. */
function shortLived(source: Source): Command {
  const expireAt = Date.now() + below(source, SHORT_LIFE_MS);
  return ['SET', key(source, 'short'), source.value(100), 'PXAT', String(expireAt)];
}
