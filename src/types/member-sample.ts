/**
 * Several members of a table by chance. Of a table that is large and cold only a few places are read: the members
 * that stand there side by side in the order of their hashes, which has nothing to do with what they are.
 */

import { tableRange } from '../keyspace/collection.js';
import type { Database } from '../keyspace/database.js';
import type { CollectionEntry } from './collection.js';
import { randomMember } from './member-table.js';

/** Places of a cold table that are read. */
const PLACES = 16;
/** Of fewer members all are read, and of more if at least one in so many is wanted. */
const SMALL = 1024;
const WANTED_SHARE = 4;

/** The names of `count` distinct members, which there must be, in no order. */
export function sampleMembers(
  db: Database,
  entry: CollectionEntry,
  table: number,
  count: number,
): string[] {
  const size = entry.record.count;
  const isCold = size > SMALL && size > count * WANTED_SHARE && !isResident(db, entry, table);
  return isCold ? sampleCold(db, entry, table, count) : db.sampleData(entry, table, count);
}

/** The names of `count` members of a table that is not empty, where one may come more than once. */
export function drawMembers(
  db: Database,
  entry: CollectionEntry,
  table: number,
  count: number,
): string[] {
  if (count <= PLACES || isResident(db, entry, table)) {
    return Array.from({ length: count }, () => randomMember(db, entry, table));
  }
  const pool = sampleMembers(db, entry, table, Math.min(count, entry.record.count));
  return Array.from({ length: count }, () => pool[Math.floor(db.random() * pool.length)] as string);
}

function isResident(db: Database, entry: CollectionEntry, table: number): boolean {
  const { from, to } = tableRange(table);
  return db.knowsRange(entry, from, to);
}

/** From each of some random members on, as many as its share of those that are still wanted. */
function sampleCold(db: Database, entry: CollectionEntry, table: number, count: number): string[] {
  const { from, to } = tableRange(table);
  const chosen = new Set<string>();
  for (let left = Math.min(PLACES, count); chosen.size < count; left--) {
    const share = Math.ceil((count - chosen.size) / left);
    const start = randomMember(db, entry, table);
    // The last place gives all that is left, whatever of it was chosen before, and goes round at the table's end.
    const limit = left > 1 ? share : count;
    addAll(chosen, db.scanData(entry, { from: start, to, limit }), count);
    if (left === 1) addAll(chosen, db.scanData(entry, { from, to, limit }), count);
  }
  return [...chosen];
}

function addAll(chosen: Set<string>, names: readonly string[], most: number): void {
  for (const name of names) {
    if (chosen.size === most) return;
    chosen.add(name);
  }
}
