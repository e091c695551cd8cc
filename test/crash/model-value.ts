/** Values of the crash loop's model, and a text of each that two values share only if they are the same. */

import type { Reply } from '../support/decode-reply.js';

/** A value and when it expires: milliseconds since 1970, or NEVER. */
export interface Entry {
  readonly value: Value;
  readonly expireAt: number;
}

export const NEVER = 0;

export type KeyState = Map<string, Entry>;

/** Changes the state, gives the reply. Values are never changed in place: states share them. */
export type Handler = (state: KeyState, args: readonly string[]) => Reply;

export type Handlers = Readonly<Record<string, Handler>>;

export interface Field {
  readonly text: string;
  /** Milliseconds since 1970, or NEVER. */
  readonly expireAt: number;
}

export interface List {
  readonly type: 'list';
  readonly items: readonly string[];
}

export interface Hash {
  readonly type: 'hash';
  readonly fields: ReadonlyMap<string, Field>;
}

export interface MemberSet {
  readonly type: 'set';
  readonly members: ReadonlySet<string>;
}

export interface SortedSet {
  readonly type: 'zset';
  readonly scores: ReadonlyMap<string, number>;
}

export interface StreamEntry {
  readonly id: string;
  readonly fields: readonly string[];
}

export interface Group {
  readonly lastId: string;
  /** Whom each entry was delivered to, in the order of ids. */
  readonly pending: ReadonlyMap<string, string>;
}

export interface Stream {
  readonly type: 'stream';
  readonly entries: readonly StreamEntry[];
  readonly lastId: string;
  readonly groups: ReadonlyMap<string, Group>;
}

export type Collection = List | Hash | MemberSet | SortedSet | Stream;
export type Value = string | Collection;

const pictures = new WeakMap<Collection, string>();

/** A string is its own; of a collection it is made once. */
export function pictureOf(value: Value): string {
  if (typeof value === 'string') return value;
  let picture = pictures.get(value);
  if (picture === undefined) {
    picture = `${value.type} ${JSON.stringify(contentOf(value))}`;
    pictures.set(value, picture);
  }
  return picture;
}

function contentOf(value: Collection): unknown {
  if (value.type === 'list') return value.items;
  if (value.type === 'set') return [...value.members].sort();
  if (value.type === 'zset') return [...value.scores].map(String).sort();
  if (value.type === 'hash') return inOrder(value.fields);
  const groups = inOrder(value.groups).map(([name, { lastId, pending }]) => [
    name,
    lastId,
    [...pending],
  ]);
  return [value.lastId, groups, value.entries];
}

function inOrder<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
