/** Ranges of sorted sets, by rank, by score and as parts of the order, in either direction. */

import { type NameRange, tableRange } from '../../keyspace/collection.js';
import type { CollectionSnapshot } from '../../keyspace/collection-snapshot.js';
import type { Database } from '../../keyspace/database.js';
import type { CollectionEntry } from '../collection.js';
import { LARGE_COUNT, type RecordPart } from '../record-stream.js';
import { afterScore, encodeScore } from './score.js';
import { SCORES_TABLE, type ScoredMember, type SortedSet, scoreName } from './sorted-set.js';

export interface ScoreBound {
  readonly score: number;
  readonly exclusive: boolean;
}

export interface Interval<Bound> {
  readonly min: Bound;
  readonly max: Bound;
}

/** Which of a range: `limit` from `offset` on (a negative one: nothing), counted downwards with `reverse`. */
export interface Part {
  readonly reverse: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** So many members are loaded from each end to find a rank; beyond them the store counts. */
const RANK_LOADED = 1024;

/** Bounds of the whole order. */
export const ORDER = tableRange(SCORES_TABLE);

export function scoreRange({ min, max }: Interval<ScoreBound>): NameRange {
  const from = min.exclusive ? afterScore(min.score + 0) : encodeScore(min.score + 0);
  const to = max.exclusive ? encodeScore(max.score + 0) : afterScore(max.score + 0);
  return {
    from: min.score === -Infinity && !min.exclusive ? ORDER.from : ORDER.from + from,
    to: max.score === Infinity && !max.exclusive ? ORDER.to : ORDER.from + to,
  };
}

/** Members of the range, in order, or with `reverse` the last ones downwards. */
export function membersIn(set: SortedSet, range: NameRange, part: Part): ScoredMember[] {
  const { reverse, offset, limit } = part;
  if (range.from >= range.to || offset < 0 || limit <= 0) return [];
  const names = set.db.scanData(set.entry, { ...range, reverse, limit: offset + limit });
  return set.read(offset === 0 ? names : names.slice(offset));
}

/** The same, for a stream of them; undefined if there are none. */
export function partIn(set: SortedSet, range: NameRange, part: Part): RecordPart | undefined {
  const { reverse, offset, limit } = part;
  if (range.from >= range.to || offset < 0 || limit <= 0) return undefined;
  const selected = { range, reverse, skip: offset, limit };
  if (range.from !== ORDER.from || range.to !== ORDER.to) return selected;
  const count = Math.max(0, Math.min(limit, set.size - offset));
  return { ...selected, count, behind: set.size - offset - count };
}

/** All members of the range. */
export function allIn(set: SortedSet, range: NameRange): ScoredMember[] {
  return membersIn(set, range, { reverse: false, offset: 0, limit: Number.POSITIVE_INFINITY });
}

/** How many members the range has; undefined if it takes the store to count them. */
export function countIn(
  { db, entry, size }: SortedSet,
  { from, to }: NameRange,
): number | undefined {
  if (from >= to) return 0;
  const atStart = from === ORDER.from;
  if (atStart && to === ORDER.to) return size;
  if (atStart) return db.rankOf(entry, to, size, RANK_LOADED);
  if (to !== ORDER.to) return countWithin(db, entry, { from, to });
  const below = db.rankOf(entry, from, size, RANK_LOADED);
  return below === undefined ? undefined : size - below;
}

function countWithin(db: Database, entry: CollectionEntry, range: NameRange): number | undefined {
  const limit = LARGE_COUNT + 1;
  if (db.knowsRange(entry, range.from, range.to)) return db.countData(entry, range.from, range.to);
  const { length } = db.scanData(entry, { ...range, limit });
  return length < limit ? length : undefined;
}

/** The same by the store, as of the snapshot of the order. */
export async function countStored(
  snapshot: CollectionSnapshot,
  { size }: SortedSet,
  { from, to }: NameRange,
): Promise<number> {
  if (from === ORDER.from) return snapshot.rank(to, size);
  if (to === ORDER.to) return size - (await snapshot.rank(from, size));
  return snapshot.count({ from, to });
}

/**
 * The member's place in the order, from 0, or with `reverse` from the end; undefined if it takes the store to count
 * those before it.
 */
export function rankOf(
  set: SortedSet,
  member: string,
  score: number,
  reverse: boolean,
): number | undefined {
  const below = set.db.rankOf(set.entry, scoreName(score, member), set.size, RANK_LOADED);
  return reverse && below !== undefined ? set.size - 1 - below : below;
}

/** The same by the store, as of the snapshot of the order. */
export async function rankStored(
  snapshot: CollectionSnapshot,
  { size }: SortedSet,
  name: string,
  reverse: boolean,
): Promise<number> {
  const below = await snapshot.rank(name, size);
  return reverse ? size - 1 - below : below;
}

/** Ranks from `first` to `last`, both included; undefined if there are none. */
function ranksWithin(
  size: number,
  start: number,
  stop: number,
): { first: number; last: number } | undefined {
  const first = Math.max(0, start < 0 ? size + start : start);
  const last = Math.min(size - 1, stop < 0 ? size + stop : stop);
  return first > last ? undefined : { first, last };
}

/** The members that `membersAt` reads, for a stream of them; undefined if there are none. */
export function partAt(
  { size }: SortedSet,
  start: number,
  stop: number,
  reverse: boolean,
): RecordPart | undefined {
  const ranks = ranksWithin(size, start, stop);
  if (ranks === undefined) return undefined;
  const { first, last } = ranks;
  return { range: ORDER, reverse, skip: first, count: last - first + 1, behind: size - 1 - last };
}

/** Members of the ranks from `start` to `stop`, both included; negative ones count from the end. */
export function membersAt(
  set: SortedSet,
  start: number,
  stop: number,
  reverse: boolean,
): ScoredMember[] {
  const { size } = set;
  const ranks = ranksWithin(size, start, stop);
  if (ranks === undefined) return [];
  const { first, last } = ranks;
  const [from, to] = reverse ? [size - 1 - last, size - first] : [first, last + 1];
  const names = set.db.sliceData(set.entry, SCORES_TABLE, from, to, size);
  return set.read(reverse ? names.reverse() : names);
}
