/** Sets: a table of members, and in the header how Redis would hold them. */

import { tableRange } from '../../keyspace/collection.js';
import type { Database } from '../../keyspace/database.js';
import { type Header, ValueType } from '../../keyspace/header.js';
import { type CollectionEntry, createCollection, findCollection, setCount } from '../collection.js';
import { drawMembers, sampleMembers } from '../member-sample.js';
import { memberNames, memberOf, memberValue, randomMember, scanMembers } from '../member-table.js';
import { EncodingTracker, encodingOfMark, type SetEncoding, type SetLimits } from './encoding.js';

/** The number of the members' table: never renumber. */
export const MEMBERS_TABLE = 3;

/** Bounds of the members' names. Names of the same member are the same in every set. */
export const MEMBER_RANGE = tableRange(MEMBERS_TABLE);

/** Digits of the longest integer, its sign included. */
const INTEGER_DIGITS_MAX = 20;

/** When at least so many are removed for each that stays, SPOP builds the set anew, as in Redis. */
const REBUILD_SHARE = 5;

/** The set at the key, or undefined if there is no such key. @throws ValueError WRONG_TYPE */
export function find(db: Database, key: string): CollectionEntry | undefined {
  return findCollection(db, key, ValueType.set);
}

/** What OBJECT ENCODING says of the set. */
export function encodingOf(header: Header): SetEncoding {
  return encodingOfMark(header.value);
}

/** The member that the record stands for, which is there. */
function memberAt(db: Database, entry: CollectionEntry, name: string): string {
  return memberOf(name, db.readData(entry, name) as string);
}

/** All members, or the first of them, in an order that means nothing. */
export function members(
  db: Database,
  entry: CollectionEntry,
  limit = Number.POSITIVE_INFINITY,
): string[] {
  const names = db.scanData(entry, { ...MEMBER_RANGE, limit });
  return names.map((name) => memberAt(db, entry, name));
}

/** What the records of the members are called. */
function recordNames(db: Database, named: readonly string[]): string[] {
  return named.map((member) => db.memberName(MEMBERS_TABLE, member));
}

/** Whether each is a member. */
export function contains(
  db: Database,
  entry: CollectionEntry,
  candidates: readonly string[],
): boolean[] {
  const names = recordNames(db, candidates);
  db.needData(entry, names);
  return names.map((name) => db.readData(entry, name) !== undefined);
}

/** Adds the members, one at least, and returns how many are new. @throws ValueError WRONG_TYPE */
export function add(
  db: Database,
  key: string,
  added: readonly string[],
  limits: SetLimits,
): number {
  const found = find(db, key);
  const encoding =
    found === undefined
      ? EncodingTracker.begin(limits, added[0] as string, added.length)
      : trackerOf(db, found, limits);
  encoding.expect(added.length);
  const names = recordNames(db, added);
  if (found !== undefined) db.needData(found, names);
  const entry = found ?? createCollection(db, key, ValueType.set);
  const { count } = entry.record;
  let fresh = 0;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (db.readData(entry, name) !== undefined) continue;
    const member = added[i] as string;
    db.writeData(entry, name, memberValue(member, ''));
    encoding.add(member);
    fresh++;
  }
  setCount(db, entry, count + fresh, encoding.mark);
  return fresh;
}

function trackerOf(db: Database, entry: CollectionEntry, limits: SetLimits): EncodingTracker {
  const encoding = encodingOf(entry.record);
  // Only where integers may be too long for a listpack does it matter how long they are.
  const isLengthNeeded = encoding === 'intset' && limits.listpackValue < INTEGER_DIGITS_MAX;
  const longest = isLengthNeeded ? longestOf(members(db, entry)) : 0;
  return new EncodingTracker(limits, encoding, entry.record.count, longest);
}

function longestOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}

/** Removes the members and returns how many there were. @throws ValueError WRONG_TYPE */
export function remove(db: Database, key: string, removed: readonly string[]): number {
  const entry = find(db, key);
  if (entry === undefined) return 0;
  const names = recordNames(db, removed);
  db.needData(entry, names);
  return removeNames(db, entry, names);
}

function removeNames(db: Database, entry: CollectionEntry, names: readonly string[]): number {
  const { count } = entry.record;
  let gone = 0;
  for (const name of names) {
    if (db.readData(entry, name) === undefined) continue;
    db.writeData(entry, name, undefined);
    gone++;
  }
  if (gone > 0) setCount(db, entry, count - gone);
  return gone;
}

/** Moves the member from one set to another; false if it was not there. @throws ValueError WRONG_TYPE */
export function move(
  db: Database,
  from: string,
  to: string,
  member: string,
  limits: SetLimits,
): boolean {
  // Without a source Redis does not look at what the target is.
  const source = find(db, from);
  if (source === undefined) return false;
  find(db, to);
  if (from === to) return contains(db, source, [member])[0] as boolean;
  if (remove(db, from, [member]) === 0) return false;
  db.notifyRemoval('set', 'srem', source);
  if (add(db, to, [member], limits) > 0) db.notify('set', 'sadd', to);
  return true;
}

/** Removes `count` members by chance, or all if there are not so many, and returns them. */
export function pop(
  db: Database,
  entry: CollectionEntry,
  count: number,
  limits: SetLimits,
): string[] {
  const kept = entry.record.count - count;
  if (kept <= 0) {
    const all = members(db, entry);
    db.deleteEntry(entry);
    return all;
  }
  if (kept * REBUILD_SHARE <= count) return popMost(db, entry, kept, limits);
  const names =
    count === 1
      ? [randomMember(db, entry, MEMBERS_TABLE)]
      : sampleMembers(db, entry, MEMBERS_TABLE, count);
  db.needData(entry, names);
  const popped = names.map((name) => memberAt(db, entry, name));
  removeNames(db, entry, names);
  return popped;
}

/** Removes all but a few: these are a new set to Redis, which may take a smaller form. */
function popMost(db: Database, entry: CollectionEntry, kept: number, limits: SetLimits): string[] {
  const before = encodingOf(entry.record);
  const all = memberNames(db, entry, MEMBERS_TABLE);
  const keep = new Set(sampleMembers(db, entry, MEMBERS_TABLE, kept));
  const encoding = new EncodingTracker(limits, before === 'intset' ? 'intset' : 'listpack');
  for (const name of keep) encoding.add(memberAt(db, entry, name));
  const gone = all.filter((name) => !keep.has(name));
  const popped = gone.map((name) => memberAt(db, entry, name));
  for (const name of gone) db.writeData(entry, name, undefined);
  setCount(db, entry, kept, encoding.mark);
  return popped;
}

/** Distinct members by chance, all if there are not more than `count`. */
export function sample(db: Database, entry: CollectionEntry, count: number): string[] {
  if (count >= entry.record.count) return members(db, entry);
  return membersAt(db, entry, sampleMembers(db, entry, MEMBERS_TABLE, count));
}

/** Members by chance, each as if it were the first. */
export function draw(db: Database, entry: CollectionEntry, count: number): string[] {
  return membersAt(db, entry, drawMembers(db, entry, MEMBERS_TABLE, count));
}

/**
 * About `count` members from the cursor on, and the cursor that goes on from there. As in Redis, of a set in a
 * compact form all come at once.
 */
export function scan(
  db: Database,
  entry: CollectionEntry,
  cursor: number,
  count: number,
): { readonly cursor: number; readonly members: string[] } {
  if (encodingOf(entry.record) !== 'hashtable') return { cursor: 0, members: members(db, entry) };
  const page = scanMembers(db, entry, MEMBERS_TABLE, cursor, count);
  return { cursor: page.cursor, members: membersAt(db, entry, page.names) };
}

function membersAt(db: Database, entry: CollectionEntry, names: readonly string[]): string[] {
  db.needData(entry, names);
  return names.map((name) => memberAt(db, entry, name));
}

/**
 * Puts a set of the records, names with their values, at the key, whatever was there; without any the key goes.
 * Returns how many there are.
 */
export function store(
  db: Database,
  key: string,
  records: ReadonlyMap<string, string>,
  limits: SetLimits,
): number {
  if (records.size === 0) {
    db.delete(key);
    return 0;
  }
  db.needRoom(records.size);
  const entry = createCollection(db, key, ValueType.set);
  const encoding = new EncodingTracker(limits);
  for (const [name, value] of records) {
    db.writeData(entry, name, value);
    encoding.add(memberOf(name, value));
  }
  setCount(db, entry, records.size, encoding.mark);
  return records.size;
}
