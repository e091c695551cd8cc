/** Lists, hashes, sets and sorted sets in the crash loop's model. */

import type { Reply } from '../support/decode-reply.js';
import {
  type Collection,
  type Field,
  type Handlers,
  type Hash,
  type KeyState,
  type List,
  type MemberSet,
  NEVER,
  type SortedSet,
} from './model-value.js';

const NO_ITEMS: List = { type: 'list', items: [] };
const NO_FIELDS: Hash = { type: 'hash', fields: new Map() };
const NO_MEMBERS: MemberSet = { type: 'set', members: new Set() };
const NO_SCORES: SortedSet = { type: 'zset', scores: new Map() };

const lists: Handlers = {
  RPUSH: (state, [key = '', ...items]) => putList(state, key, [...itemsAt(state, key), ...items]),
  LPUSH: (state, [key = '', ...items]) =>
    putList(state, key, [...items.reverse(), ...itemsAt(state, key)]),
  LPOP: (state, [key = '', count = '1']) => pop(state, key, Number(count), 'LEFT'),
  RPOP: (state, [key = '', count = '1']) => pop(state, key, Number(count), 'RIGHT'),
  LSET: (state, [key = '', index = '0', item = '']) => {
    putList(state, key, itemsAt(state, key).with(Number(index), item));
    return 'OK';
  },
  LINSERT: (state, [key = '', , pivot = '', item = '']) => {
    const items = itemsAt(state, key);
    if (items.length === 0) return 0;
    const at = items.indexOf(pivot);
    return at < 0 ? -1 : putList(state, key, items.toSpliced(at, 0, item));
  },
  LREM: (state, [key = '', , item = '']) => {
    const items = itemsAt(state, key);
    const at = items.indexOf(item);
    if (at < 0) return 0;
    putList(state, key, items.toSpliced(at, 1));
    return 1;
  },
  LTRIM: (state, [key = '', from = '0', to = '0']) => {
    putList(state, key, itemsAt(state, key).slice(Number(from), Number(to) + 1));
    return 'OK';
  },
  LMOVE: (state, [from = '', to = '']) => {
    const [item] = itemsAt(state, from);
    if (item === undefined) return null;
    // In this order: a list of one element that is moved onto itself is never empty, and keeps its time to live.
    putList(state, to, [...itemsAt(state, to), item]);
    putList(state, from, itemsAt(state, from).slice(1));
    return item;
  },
};

const hashes: Handlers = {
  HSET: (state, [key = '', ...pairs]) => {
    const fields = new Map(fieldsAt(state, key));
    const before = fields.size;
    for (let at = 0; at < pairs.length; at += 2) {
      fields.set(pairs[at] as string, { text: pairs[at + 1] as string, expireAt: NEVER });
    }
    put(state, key, { type: 'hash', fields }, fields.size);
    return fields.size - before;
  },
  HDEL: (state, [key = '', ...names]) => {
    const fields = new Map(fieldsAt(state, key));
    const gone = names.filter((name) => fields.delete(name)).length;
    put(state, key, { type: 'hash', fields }, fields.size);
    return gone;
  },
  HINCRBY: (state, [key = '', name = '', by = '0']) => {
    const field = fieldsAt(state, key).get(name);
    const sum = Number(field?.text ?? 0) + Number(by);
    putField(state, key, name, { text: String(sum), expireAt: field?.expireAt ?? NEVER });
    return sum;
  },
  HPEXPIREAT: (state, [key = '', at = '0', , , name = '']) => {
    const field = fieldsAt(state, key).get(name);
    if (field === undefined) return [-2];
    putField(state, key, name, { text: field.text, expireAt: Number(at) });
    return [1];
  },
};

const sets: Handlers = {
  SADD: (state, [key = '', ...added]) => {
    const members = new Set(membersAt(state, key));
    const before = members.size;
    for (const member of added) members.add(member);
    return putSet(state, key, members) - before;
  },
  SREM: (state, [key = '', ...removed]) => {
    const members = new Set(membersAt(state, key));
    const gone = removed.filter((member) => members.delete(member)).length;
    putSet(state, key, members);
    return gone;
  },
  SMOVE: (state, [from = '', to = '', member = '']) => {
    if (!membersAt(state, from).has(member)) return 0;
    if (from === to) return 1;
    const rest = new Set(membersAt(state, from));
    rest.delete(member);
    putSet(state, from, rest);
    putSet(state, to, new Set([...membersAt(state, to), member]));
    return 1;
  },
  SUNIONSTORE: (state, [key = '', ...sources]) => {
    const members = new Set(sources.flatMap((source) => [...membersAt(state, source)]));
    return storeSet(state, key, members);
  },
  SDIFFSTORE: (state, [key = '', first = '', second = '']) => {
    const without = membersAt(state, second);
    const left = [...membersAt(state, first)].filter((member) => !without.has(member));
    return storeSet(state, key, new Set(left));
  },
};

const sortedSets: Handlers = {
  ZADD: (state, [key = '', ...pairs]) => {
    const scores = new Map(scoresAt(state, key));
    const before = scores.size;
    for (let at = 0; at < pairs.length; at += 2) {
      scores.set(pairs[at + 1] as string, Number(pairs[at]));
    }
    return putScores(state, key, scores) - before;
  },
  ZINCRBY: (state, [key = '', by = '0', member = '']) => {
    const sum = (scoresAt(state, key).get(member) ?? 0) + Number(by);
    putScores(state, key, new Map(scoresAt(state, key)).set(member, sum));
    return String(sum);
  },
  ZREM: (state, [key = '', ...members]) => {
    const scores = new Map(scoresAt(state, key));
    const gone = members.filter((member) => scores.delete(member)).length;
    putScores(state, key, scores);
    return gone;
  },
  ZPOPMIN: (state, [key = '', count = '1']) => {
    const ranked = rankedAt(state, key);
    putScores(state, key, new Map(ranked.slice(Number(count))));
    return ranked.slice(0, Number(count)).flatMap(([member, score]) => [member, String(score)]);
  },
  ZREMRANGEBYRANK: (state, [key = '', from = '0', to = '0']) => {
    const ranked = rankedAt(state, key);
    const removed = ranked.splice(Number(from), Number(to) - Number(from) + 1);
    putScores(state, key, new Map(ranked));
    return removed.length;
  },
  ZUNIONSTORE: (state, [key = '', , ...sources]) => {
    const sums = new Map<string, number>();
    for (const source of sources) {
      for (const [member, score] of scoresAt(state, source)) {
        sums.set(member, (sums.get(member) ?? 0) + score);
      }
    }
    state.delete(key);
    return putScores(state, key, sums);
  },
};

export const collectionHandlers: Handlers = { ...lists, ...hashes, ...sets, ...sortedSets };

/** The collection of the type at the key, or that without elements if there is none. */
export function collectionAt<T extends Collection>(state: KeyState, key: string, empty: T): T {
  const value = state.get(key)?.value ?? empty;
  if (typeof value === 'string' || value.type !== empty.type) {
    throw new Error(`${key} holds no ${empty.type}`);
  }
  return value as T;
}

/** Without elements there is no key. The expiry stays. */
export function put(state: KeyState, key: string, value: Collection, count: number): void {
  const expireAt = state.get(key)?.expireAt ?? NEVER;
  if (count === 0) state.delete(key);
  else state.set(key, { value, expireAt });
}

function itemsAt(state: KeyState, key: string): string[] {
  return [...collectionAt(state, key, NO_ITEMS).items];
}

function putList(state: KeyState, key: string, items: readonly string[]): number {
  put(state, key, { type: 'list', items }, items.length);
  return items.length;
}

function pop(state: KeyState, key: string, count: number, side: 'LEFT' | 'RIGHT'): Reply {
  const items = itemsAt(state, key);
  if (items.length === 0) return null;
  const popped = side === 'LEFT' ? items.splice(0, count) : items.splice(-count).reverse();
  putList(state, key, items);
  return popped;
}

function fieldsAt(state: KeyState, key: string): ReadonlyMap<string, Field> {
  return collectionAt(state, key, NO_FIELDS).fields;
}

function putField(state: KeyState, key: string, name: string, field: Field): void {
  const fields = new Map(fieldsAt(state, key)).set(name, field);
  put(state, key, { type: 'hash', fields }, fields.size);
}

function membersAt(state: KeyState, key: string): ReadonlySet<string> {
  return collectionAt(state, key, NO_MEMBERS).members;
}

function putSet(state: KeyState, key: string, members: ReadonlySet<string>): number {
  put(state, key, { type: 'set', members }, members.size);
  return members.size;
}

/** Whatever was there, with its expiry, goes. */
function storeSet(state: KeyState, key: string, members: ReadonlySet<string>): number {
  state.delete(key);
  return putSet(state, key, members);
}

function scoresAt(state: KeyState, key: string): ReadonlyMap<string, number> {
  return collectionAt(state, key, NO_SCORES).scores;
}

function putScores(state: KeyState, key: string, scores: ReadonlyMap<string, number>): number {
  put(state, key, { type: 'zset', scores }, scores.size);
  return scores.size;
}

function rankedAt(state: KeyState, key: string): [string, number][] {
  return [...scoresAt(state, key)].sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1));
}
