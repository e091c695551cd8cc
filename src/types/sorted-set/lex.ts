/** Ranges of sorted sets by the members' bytes, which mean something only if all scores are the same. */

import type { NameRange } from '../../keyspace/collection.js';
import { nameOf } from '../../keyspace/key-name.js';
import { type Interval, ORDER } from './range.js';
import { afterScore, decodeScore, encodeScore } from './score.js';
import { SCORES_TABLE, type SortedSet } from './sorted-set.js';

/** A member as a bound, or the end of all members. */
export type LexBound =
  | { readonly member: string; readonly exclusive: boolean }
  | 'lowest'
  | 'highest';

type Test = (member: string) => boolean;

const NOTHING: NameRange = { from: ORDER.from, to: ORDER.from };

/**
 * The members between the bounds. Of different scores, what is asked for from the higher bound down (`reverse`) may
 * be other members; and of more than a listpack holds, where chance decides in Redis, those of the lowest score are.
 */
export function lexRange(set: SortedSet, interval: Interval<LexBound>, reverse = false): NameRange {
  const { size } = set;
  const lowest = scoreAt(set, 0);
  const isMixed = !set.isSkiplist && lowest !== scoreAt(set, size - 1);
  return isMixed ? walkedRange(set, interval, reverse) : rangeWithin(lowest, interval);
}

function scoreAt({ db, entry, size }: SortedSet, rank: number): number {
  const [name] = db.sliceData(entry, SCORES_TABLE, rank, rank + 1, size);
  return decodeScore(name as string, 1);
}

function rangeWithin(score: number, { min, max }: Interval<LexBound>): NameRange {
  const prefix = ORDER.from + encodeScore(score);
  const highest = ORDER.from + afterScore(score);
  const nameAt = (bound: LexBound, included: boolean): string => {
    if (bound === 'lowest') return prefix;
    if (bound === 'highest') return highest;
    return prefix + nameOf(bound.member) + (bound.exclusive === included ? '\0' : '');
  };
  return { from: nameAt(min, true), to: nameAt(max, false) };
}

/**
 * What Redis finds in a listpack whose members are not in the order of their bytes: it begins at the first member
 * that the nearer bound allows, if the farther one does too, and ends before the first that the farther one does not.
 */
function walkedRange(
  set: SortedSet,
  { min, max }: Interval<LexBound>,
  reverse: boolean,
): NameRange {
  const names = set.db.sliceData(set.entry, SCORES_TABLE, 0, set.size, set.size);
  const members = set.read(names).map(({ member }) => member);
  const isAboveMin: Test = (member) => isAbove(member, min);
  const isBelowMax: Test = (member) => isBelow(member, max);
  if (!isAboveMin(members.at(-1) as string) || !isBelowMax(members[0] as string)) return NOTHING;
  const nameAt = (rank: number): string => names[rank] ?? ORDER.to;
  if (!reverse) {
    const [start, end] = walk(members, isAboveMin, isBelowMax);
    return { from: nameAt(start), to: nameAt(end) };
  }
  const [start, end] = walk(members.reverse(), isBelowMax, isAboveMin);
  return { from: nameAt(set.size - end), to: nameAt(set.size - start) };
}

/** From the first member that begins it, up to (excluded) the first after it that does not continue. */
function walk(members: readonly string[], begins: Test, continues: Test): [number, number] {
  const start = members.findIndex(begins);
  if (start < 0) return [0, 0];
  let end = start;
  while (end < members.length && continues(members[end] as string)) end++;
  return [start, end];
}

function isAbove(member: string, min: LexBound): boolean {
  if (typeof min === 'string') return min === 'lowest';
  return min.exclusive ? member > min.member : member >= min.member;
}

function isBelow(member: string, max: LexBound): boolean {
  if (typeof max === 'string') return max === 'highest';
  return max.exclusive ? member < max.member : member <= max.member;
}
