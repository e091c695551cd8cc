/** Ranges of sorted sets, by rank, by score and by the members' bytes, in either direction. */

import { tableRange } from '../keyspace/collection.js';
import { nameOf } from '../keyspace/key-name.js';
import { afterScore, decodeScore, encodeScore } from './score.js';
import { SCORES_TABLE, type ScoredMember, type SortedSet, scoreName } from './sorted-set.js';

export interface ScoreBound {
  readonly score: number;
  readonly exclusive: boolean;
}

/** A member as a bound, or the end of all members. */
export type LexBound =
  | { readonly member: string; readonly exclusive: boolean }
  | 'lowest'
  | 'highest';

export interface Interval<Bound> {
  readonly min: Bound;
  readonly max: Bound;
}

/** A part of the order: names from `from` (included) to `to` (excluded). */
export interface NameRange {
  readonly from: string;
  readonly to: string;
}

/** Which of a range: `limit` from `offset` on (a negative one: nothing), counted downwards with `reverse`. */
export interface Part {
  readonly reverse: boolean;
  readonly offset: number;
  readonly limit: number;
}

const TABLE = tableRange(SCORES_TABLE);

export function scoreRange({ min, max }: Interval<ScoreBound>): NameRange {
  const from = min.exclusive ? afterScore(min.score + 0) : encodeScore(min.score + 0);
  const to = max.exclusive ? encodeScore(max.score + 0) : afterScore(max.score + 0);
  return {
    from: min.score === -Infinity && !min.exclusive ? TABLE.from : TABLE.from + from,
    to: max.score === Infinity && !max.exclusive ? TABLE.to : TABLE.from + to,
  };
}

/** Means something only if all scores are the same, as in Redis: here it is the members of the lowest score. */
export function lexRange(set: SortedSet, { min, max }: Interval<LexBound>): NameRange {
  const [lowest] = set.db.sliceData(set.entry, SCORES_TABLE, 0, 1, set.size);
  const score = decodeScore(lowest as string, 1);
  const prefix = TABLE.from + encodeScore(score);
  const highest = TABLE.from + afterScore(score);
  const nameAt = (bound: LexBound, included: boolean): string => {
    if (bound === 'lowest') return prefix;
    if (bound === 'highest') return highest;
    return prefix + nameOf(bound.member) + (bound.exclusive === included ? '\0' : '');
  };
  return { from: nameAt(min, true), to: nameAt(max, false) };
}

/** Members of the range, in order, or with `reverse` the last ones downwards. */
export function membersIn(set: SortedSet, range: NameRange, part: Part): ScoredMember[] {
  const { reverse, offset, limit } = part;
  if (range.from >= range.to || offset < 0 || limit <= 0) return [];
  const names = set.db.scanData(set.entry, { ...range, reverse, limit: offset + limit });
  return set.read(offset === 0 ? names : names.slice(offset));
}

/** All members of the range. */
export function allIn(set: SortedSet, range: NameRange): ScoredMember[] {
  return membersIn(set, range, { reverse: false, offset: 0, limit: Number.POSITIVE_INFINITY });
}

export function countIn({ db, entry, size }: SortedSet, { from, to }: NameRange): number {
  if (from >= to) return 0;
  const atStart = from === TABLE.from;
  if (to === TABLE.to) return atStart ? size : size - db.rankOf(entry, from, size);
  return atStart ? db.rankOf(entry, to, size) : db.countData(entry, from, to);
}

/** The member's place in the order, from 0, or with `reverse` from the end. */
export function rankOf(set: SortedSet, member: string, score: number, reverse: boolean): number {
  const rank = set.db.rankOf(set.entry, scoreName(score, member), set.size);
  return reverse ? set.size - 1 - rank : rank;
}

/** Members of the ranks from `start` to `stop`, both included; negative ones count from the end. */
export function membersAt(
  set: SortedSet,
  start: number,
  stop: number,
  reverse: boolean,
): ScoredMember[] {
  const { size } = set;
  const first = Math.max(0, start < 0 ? size + start : start);
  const last = Math.min(size - 1, stop < 0 ? size + stop : stop);
  if (first > last) return [];
  const [from, to] = reverse ? [size - 1 - last, size - first] : [first, last + 1];
  const names = set.db.sliceData(set.entry, SCORES_TABLE, from, to, size);
  return set.read(reverse ? names.reverse() : names);
}
