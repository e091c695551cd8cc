/** Hashes page by page, and fields by chance. */

import type { Database } from '../../keyspace/database.js';
import { mayHaveDueFields } from '../../keyspace/due-fields.js';
import { HASH_FIELDS } from '../../keyspace/field-expiry.js';
import type { CollectionEntry } from '../collection.js';
import { drawMembers, sampleMembers } from '../member-sample.js';
import { randomMember, scanMembers } from '../member-table.js';
import { allNames, encodingOf, find, type Pair, pairsOf } from './hash.js';

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
  if (encodingOf(entry.record) !== 'hashtable') {
    return { cursor: 0, pairs: pairsOf(db, entry, allNames(db, entry)) };
  }
  const page = scanMembers(db, entry, HASH_FIELDS, cursor, count);
  return { cursor: page.cursor, pairs: pairsOf(db, entry, page.names) };
}

/** A field by chance, or undefined without a hash. @throws ValueError WRONG_TYPE */
export function randomPair(db: Database, key: string): Pair | undefined {
  const entry = find(db, key);
  if (entry === undefined) return undefined;
  if (mayHaveDueFields(entry, db.now)) return drawn(db, living(db, entry), 1)[0];
  return pairsOf(db, entry, [randomMember(db, entry, HASH_FIELDS)])[0];
}

/** So many fields by chance; one may come more than once. @throws ValueError WRONG_TYPE */
export function randomPairs(db: Database, key: string, count: number): Pair[] {
  const entry = find(db, key);
  if (entry === undefined) return [];
  if (mayHaveDueFields(entry, db.now)) return drawn(db, living(db, entry), count);
  return pairsOf(db, entry, drawMembers(db, entry, HASH_FIELDS, count));
}

/** So many different fields by chance, all if there are not more. @throws ValueError WRONG_TYPE */
export function differentRandomPairs(db: Database, key: string, count: number): Pair[] {
  const entry = find(db, key);
  if (entry === undefined) return [];
  if (mayHaveDueFields(entry, db.now)) return shuffled(db, living(db, entry)).slice(0, count);
  const isPart = count < entry.record.count;
  const names = isPart ? sampleMembers(db, entry, HASH_FIELDS, count) : allNames(db, entry);
  return pairsOf(db, entry, names);
}

/** All fields but those that have expired: what a table of members cannot tell from the rest. */
function living(db: Database, entry: CollectionEntry): Pair[] {
  return pairsOf(db, entry, allNames(db, entry));
}

function drawn(db: Database, pairs: readonly Pair[], count: number): Pair[] {
  if (pairs.length === 0) return [];
  return Array.from({ length: count }, () => pairs[Math.floor(db.random() * pairs.length)] as Pair);
}

function shuffled(db: Database, pairs: Pair[]): Pair[] {
  for (let i = pairs.length - 1; i > 0; i--) {
    const other = Math.floor(db.random() * (i + 1));
    [pairs[i], pairs[other]] = [pairs[other] as Pair, pairs[i] as Pair];
  }
  return pairs;
}
