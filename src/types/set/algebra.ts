/**
 * Intersection, union and difference of sets. A member has the same record in every set, so names of records are
 * compared; of the larger sets only what is asked for is read, if that is less than all.
 */

import type { Database } from '../../keyspace/database.js';
import type { CollectionEntry } from '../collection.js';
import { FIRST_PAGE, namePages } from '../name-pages.js';
import { MEMBER_RANGE } from './set.js';

/** Names of records with their values. */
export type SetRecords = Map<string, string>;

/** A set is read whole when at least one in so many of its members is asked for. */
const READ_WHOLE_SHARE = 4;

/** At most `limit` of what is in all of the sets, of which there is one at least. */
export function intersection(
  db: Database,
  sets: readonly CollectionEntry[],
  limit = Number.POSITIVE_INFINITY,
): SetRecords {
  const [smallest, ...others] = [...new Set(sets)].sort(bySize) as [
    CollectionEntry,
    ...CollectionEntry[],
  ];
  const found: string[] = [];
  const first = limit === Number.POSITIVE_INFINITY ? limit : Math.max(limit, FIRST_PAGE);
  for (const page of namePages(db, smallest, MEMBER_RANGE, { first })) {
    for (const name of others.reduce((left, other) => common(db, left, other), page)) {
      found.push(name);
    }
    if (found.length >= limit) break;
  }
  return recordsOf(db, smallest, found.slice(0, limit));
}

/** What is in any of the sets. */
export function union(db: Database, sets: readonly CollectionEntry[]): SetRecords {
  const records: SetRecords = new Map();
  for (const entry of sets) {
    for (const name of db.scanData(entry, MEMBER_RANGE)) {
      if (!records.has(name)) records.set(name, db.readData(entry, name) as string);
    }
  }
  return records;
}

/** What is in the first set and in none of the others. */
export function difference(
  db: Database,
  first: CollectionEntry,
  others: readonly CollectionEntry[],
): SetRecords {
  if (others.includes(first)) return new Map();
  let names = db.scanData(first, MEMBER_RANGE);
  // The largest is the most likely to leave little to do.
  for (const other of [...new Set(others)].sort(bySize).reverse()) {
    if (names.length === 0) break;
    const gone = new Set(common(db, names, other));
    if (gone.size > 0) names = names.filter((name) => !gone.has(name));
  }
  return recordsOf(db, first, names);
}

function bySize(a: CollectionEntry, b: CollectionEntry): number {
  return a.record.count - b.record.count;
}

/** Those of the names that are in the set. */
function common(db: Database, names: readonly string[], entry: CollectionEntry): string[] {
  if (names.length * READ_WHOLE_SHARE > entry.record.count) db.scanData(entry, MEMBER_RANGE);
  else db.needData(entry, names);
  return names.filter((name) => db.readData(entry, name) !== undefined);
}

function recordsOf(db: Database, entry: CollectionEntry, names: readonly string[]): SetRecords {
  return new Map(names.map((name) => [name, db.readData(entry, name) as string]));
}
