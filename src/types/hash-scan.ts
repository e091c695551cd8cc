/** Hashes page by page, and fields by chance. */

import type { Database } from '../keyspace/database.js';
import type { CollectionEntry } from './collection.js';
import { allNames, encodingOf, FIELDS, find, type Pair, pairsOf } from './hash.js';
import { drawMembers, sampleMembers } from './member-sample.js';
import { randomMember, scanMembers } from './member-table.js';

/**
 * About `count` fields from the cursor on, and the next cursor; 0 is the beginning and the end. A hash that Redis
 * calls a listpack comes whole, as there. @throws ValueError WRONG_TYPE
 */
export function scan(
  db: Database,
  entry: CollectionEntry,
  cursor: number,
  count: number,
): { cursor: number; pairs: Pair[] } {
  if (encodingOf(entry.record) === 'listpack') {
    return { cursor: 0, pairs: pairsOf(db, entry, allNames(db, entry)) };
  }
  const page = scanMembers(db, entry, FIELDS, cursor, count);
  return { cursor: page.cursor, pairs: pairsOf(db, entry, page.names) };
}

/** A field by chance, or undefined without a hash. @throws ValueError WRONG_TYPE */
export function randomPair(db: Database, key: string): Pair | undefined {
  const entry = find(db, key);
  if (entry === undefined) return undefined;
  return pairsOf(db, entry, [randomMember(db, entry, FIELDS)])[0];
}

/** So many fields by chance; one may come more than once. @throws ValueError WRONG_TYPE */
export function randomPairs(db: Database, key: string, count: number): Pair[] {
  const entry = find(db, key);
  return entry === undefined ? [] : pairsOf(db, entry, drawMembers(db, entry, FIELDS, count));
}

/** So many different fields by chance, all if there are not more. @throws ValueError WRONG_TYPE */
export function differentRandomPairs(db: Database, key: string, count: number): Pair[] {
  const entry = find(db, key);
  if (entry === undefined) return [];
  const isPart = count < entry.record.count;
  return pairsOf(db, entry, isPart ? sampleMembers(db, entry, FIELDS, count) : allNames(db, entry));
}
