/** Sorted sets page by page, and members by chance. */

import { drawMembers, sampleMembers } from '../member-sample.js';
import { scanMembers } from '../member-table.js';
import { membersAt } from './range.js';
import { MEMBERS_TABLE, type ScoredMember, type SortedSet } from './sorted-set.js';

/**
 * About `count` members from the cursor on, and the next cursor; 0 is the beginning and the end. A sorted set that
 * Redis calls a listpack comes whole and in order, as there.
 */
export function scan(
  set: SortedSet,
  cursor: number,
  count: number,
): { cursor: number; members: ScoredMember[] } {
  if (!set.isSkiplist) return { cursor: 0, members: membersAt(set, 0, -1, false) };
  const page = scanMembers(set.db, set.entry, MEMBERS_TABLE, cursor, count);
  return { cursor: page.cursor, members: set.readMembers(page.names) };
}

/** So many different members by chance, all if there are not more; of a negative number one may come again. */
export function randomMembers(set: SortedSet, count: number): ScoredMember[] {
  const { db, entry, size } = set;
  if (count >= size) return membersAt(set, 0, -1, false);
  const choose = count < 0 ? drawMembers : sampleMembers;
  return set.readMembers(choose(db, entry, MEMBERS_TABLE, Math.abs(count)));
}
