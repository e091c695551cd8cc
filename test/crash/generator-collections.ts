/** Random commands of the crash loop on collections: small changes, and some that touch hundreds of elements at once. */

import {
  below,
  ifThere,
  type Kind,
  key,
  pick,
  type Source,
  valueAt,
  type Weighted,
} from './generator-source.js';
import type { Command } from './model.js';
import type { Stream, StreamEntry, Value } from './model-value.js';

const MEMBERS = 400;
const ITEM_BYTES = 200;
const SHARE_OF_MANY = 0.05;
const MOST_MANY = 300;
const MOST_ELEMENTS = 800;
const FIELD_LIFE_MS = 3_600_000;
const SHORT_LIFE_MS = 1500;
const COUNTED = 'counted';

export const collectionMakers: Weighted = [
  [8, (s) => grow(s, 'list', (at) => ['RPUSH', at, ...many(s, () => item(s))])],
  [6, (s) => grow(s, 'list', (at) => ['LPUSH', at, ...many(s, () => item(s))])],
  [6, (s) => [pick(s, ['LPOP', 'RPOP']), key(s, 'list'), String(1 + below(s, 9))]],
  [4, (s) => onItem(s, (at, index) => ['LSET', at, String(index), item(s)])],
  [3, (s) => onItem(s, (at, _, found) => ['LINSERT', at, 'BEFORE', found, item(s)])],
  [3, (s) => onItem(s, (at, _, found) => ['LREM', at, '1', found])],
  [2, (s) => ['LTRIM', key(s, 'list'), String(below(s, 5)), String(below(s, 400))]],
  [4, (s) => ['LMOVE', key(s, 'list'), key(s, 'list'), 'LEFT', 'RIGHT']],

  [12, (s) => grow(s, 'hash', (at) => ['HSET', at, ...many(s, () => [member(s), item(s)]).flat()])],
  [5, (s) => ['HDEL', key(s, 'hash'), ...many(s, () => member(s))]],
  [5, (s) => ['HINCRBY', key(s, 'hash'), COUNTED, String(below(s, 100) - 50)]],

  [10, (s) => grow(s, 'set', (at) => ['SADD', at, ...many(s, () => member(s))])],
  [5, (s) => ['SREM', key(s, 'set'), ...many(s, () => member(s))]],
  [4, (s) => ['SMOVE', key(s, 'set'), key(s, 'set'), member(s)]],
  [2, (s) => ['SUNIONSTORE', key(s, 'set'), key(s, 'set'), key(s, 'set')]],
  [2, (s) => ['SDIFFSTORE', key(s, 'set'), key(s, 'set'), key(s, 'set')]],

  [
    10,
    (s) => grow(s, 'zset', (at) => ['ZADD', at, ...many(s, () => [score(s), member(s)]).flat()]),
  ],
  [5, (s) => ['ZINCRBY', key(s, 'zset'), score(s), member(s)]],
  [5, (s) => ['ZREM', key(s, 'zset'), ...many(s, () => member(s))]],
  [4, (s) => ['ZPOPMIN', key(s, 'zset'), String(1 + below(s, 9))]],
  [2, (s) => ['ZREMRANGEBYRANK', key(s, 'zset'), String(below(s, 50)), String(below(s, 80))]],
  [2, (s) => ['ZUNIONSTORE', key(s, 'zset'), '2', key(s, 'zset'), key(s, 'zset')]],

  [
    14,
    (s) => grow(s, 'stream', (at) => ['XADD', at, `${s.nextNumber()}-0`, 'f', item(s), 'g', '']),
  ],
  [3, (s) => onEntries(s, (at, ids) => ['XDEL', at, ...ids])],
  [2, (s) => ['XTRIM', key(s, 'stream'), 'MAXLEN', '=', String(below(s, 300))]],
  [6, (s) => inGroup(s, (at, group) => readNew(s, at, group))],
  [4, (s) => onEntries(s, (at, ids) => ['XACK', at, 'group0', ...ids])],
  [1, (s) => inGroup(s, (at, group) => ['XGROUP', 'DESTROY', at, group])],

  [5, (s) => passing(s)],
];

/** What Redis 7.0 does not know. */
export const fieldExpiryMakers: Weighted = [
  [4, (s) => ifHash(s, (at) => ['HPEXPIREAT', at, later(s), 'FIELDS', '1', member(s)])],
];

/** A collection that has grown too large begins anew. */
function grow(source: Source, kind: Kind, command: (at: string) => Command): Command {
  const at = key(source, kind);
  return sizeOf(valueAt(source, at)) > MOST_ELEMENTS ? ['DEL', at] : command(at);
}

function sizeOf(value: Value | undefined): number {
  if (typeof value !== 'object') return 0;
  if (value.type === 'list') return value.items.length;
  if (value.type === 'hash') return value.fields.size;
  if (value.type === 'set') return value.members.size;
  return value.type === 'zset' ? value.scores.size : value.entries.length;
}

function many<T>(source: Source, make: () => T): T[] {
  const most = source.random() < SHARE_OF_MANY ? MOST_MANY : 4;
  return Array.from({ length: 1 + below(source, most) }, make);
}

function item(source: Source): string {
  return source.value(below(source, ITEM_BYTES));
}

function member(source: Source): string {
  return `member${below(source, MEMBERS)}`;
}

function score(source: Source): string {
  return String(below(source, 2000) - 1000);
}

function later(source: Source): string {
  return String(Date.now() + FIELD_LIFE_MS + below(source, FIELD_LIFE_MS));
}

function onItem(
  source: Source,
  command: (at: string, index: number, found: string) => Command,
): Command {
  const at = key(source, 'list');
  const value = valueAt(source, at);
  if (typeof value !== 'object' || value.type !== 'list') return ['RPUSH', at, item(source)];
  const index = below(source, value.items.length);
  return command(at, index, value.items[index] as string);
}

function ifHash(source: Source, command: (at: string) => Command): Command {
  const at = key(source, 'hash');
  return ifThere(source, at, command(at), ['HSET', at, member(source), item(source)]);
}

/** Some of the ids there are. */
function onEntries(source: Source, command: (at: string, ids: string[]) => Command): Command {
  const at = key(source, 'stream');
  const entries = streamOf(source, at)?.entries ?? [];
  if (entries.length === 0) return ['XADD', at, `${source.nextNumber()}-0`, 'f', item(source)];
  return command(
    at,
    many(source, () => (pick(source, entries) as StreamEntry).id),
  );
}

/** Makes what is missing first: the stream, then the group. */
function inGroup(source: Source, command: (at: string, group: string) => Command): Command {
  const at = key(source, 'stream');
  const group = pick(source, ['group0', 'group0', 'group1']);
  const stream = streamOf(source, at);
  if (stream === undefined) return ['XADD', at, `${source.nextNumber()}-0`, 'f', item(source)];
  return stream.groups.has(group) ? command(at, group) : ['XGROUP', 'CREATE', at, group, '0-0'];
}

function readNew(source: Source, at: string, group: string): Command {
  const consumer = pick(source, ['alice', 'bob']);
  const count = String(1 + below(source, 40));
  return ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', at, '>'];
}

function streamOf(source: Source, at: string): Stream | undefined {
  const value = valueAt(source, at);
  return typeof value === 'object' && value.type === 'stream' ? value : undefined;
}

/** Stored anew, which takes the time away, or given a time that soon comes. */
function passing(source: Source): Command {
  const at = key(source, 'passing');
  const entry = source.state.get(at);
  if (entry === undefined || entry.expireAt !== 0) {
    return ['SUNIONSTORE', at, key(source, 'set'), key(source, 'set')];
  }
  return ['PEXPIREAT', at, String(Date.now() + below(source, SHORT_LIFE_MS))];
}
