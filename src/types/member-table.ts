/**
 * Tables of members: fields of a hash, members of a set or sorted set. Their records are in the order of a hash of the
 * member (see MemberNames); so a cursor is a place among the hashes, stateless, and exact across folds, evictions and
 * restarts. Of a member above 1 KiB the name has a prefix and a digest, and the record has it whole.
 */

import { read32, text32 } from '../base/byte-text.js';
import { tableRange } from '../keyspace/collection.js';
import type { Database } from '../keyspace/database.js';
import { isShortened, NAME_BYTES, nameOf } from '../keyspace/key-name.js';
import { memberPrefix, PREFIX_BYTES } from '../keyspace/member-names.js';
import type { CollectionEntry } from './collection.js';

const HASHES = 0x1_0000_0000;
/** Collections of more elements that are not resident are not loaded for a member by chance. */
const LOADED_FOR_CHANCE = 1024;

/** The value of the member's record. */
export function memberValue(member: string, payload: string): string {
  if (!isShortened(nameOf(member))) return payload;
  return text32(member.length) + member + payload;
}

/** The member that the record stands for. */
export function memberOf(name: string, value: string): string {
  return isPrefixed(name) ? value.slice(4, 4 + read32(value)) : name.slice(PREFIX_BYTES);
}

/** What the record says of its member. */
export function payloadOf(name: string, value: string): string {
  return isPrefixed(name) ? value.slice(4 + read32(value)) : value;
}

/** Whether the name of a record has only a prefix of its member. */
function isPrefixed(name: string): boolean {
  return name.length > PREFIX_BYTES + NAME_BYTES;
}

/** The names of all members. */
export function memberNames(db: Database, entry: CollectionEntry, table: number): string[] {
  return db.scanData(entry, tableRange(table));
}

/**
 * The names of about `count` members from the cursor on, and the cursor that goes on from there: 0 begins, and is
 * the end. Whoever is a member from the first call to the last is among them.
 */
export function scanMembers(
  db: Database,
  entry: CollectionEntry,
  table: number,
  cursor: number,
  count: number,
): { cursor: number; names: string[] } {
  if (cursor >= HASHES) return { cursor: 0, names: [] };
  const { to } = tableRange(table);
  const from = memberPrefix(table, cursor);
  const names = db.scanData(entry, { from, to, limit: count });
  const last = names.at(-1);
  if (last === undefined || names.length < count) return { cursor: 0, names };
  const next = read32(last, 1) + 1;
  // Members that share the hash of the last one belong to the same page.
  const bound = next >= HASHES ? to : memberPrefix(table, next);
  const rest = db.scanData(entry, { from: `${last}\0`, to: bound });
  return { cursor: next >= HASHES ? 0 : next, names: names.concat(rest) };
}

/**
 * The name of a member by chance: each is as likely as any other if the collection is resident or small; in one
 * that is mostly cold, in proportion to the gap before its hash.
 */
export function randomMember(db: Database, entry: CollectionEntry, table: number): string {
  const range = tableRange(table);
  const { count } = entry.record;
  if (count <= LOADED_FOR_CHANCE || db.knowsRange(entry, range.from, range.to)) {
    return db.drawData(entry, table) as string;
  }
  const start = memberPrefix(table, Math.floor(db.random() * HASHES));
  const after = db.scanData(entry, { from: start, to: range.to, limit: 1 })[0];
  return after ?? (db.scanData(entry, { ...range, limit: 1 })[0] as string);
}
