/** Searches of sorted sets for places: only the scores of the cells around the centre are read. */

import type { NameRange } from '../keyspace/collection-snapshot.js';
import { type Place, placeOf } from './geo.js';
import { type Area, distanceWithin, scoreSpans } from './geo-area.js';
import type { ScoredMember, SortedSet } from './sorted-set.js';
import { scoreRange } from './sorted-set-range.js';

/** Members that are looked at together: few at first, since they may be enough. */
const FIRST_PAGE = 256;
const LARGEST_PAGE = 16_384;

export interface FoundPlace extends ScoredMember {
  readonly place: Place;
  /** From the centre, in metres. */
  readonly distance: number;
}

/** All that is in the area, or the first `limit` that are come upon: cell by cell, by score in each. */
export function search(set: SortedSet, area: Area, limit = Number.POSITIVE_INFINITY): FoundPlace[] {
  const ranges = scoreSpans(area).map(({ from, to }) =>
    scoreRange({ min: { score: from, exclusive: false }, max: { score: to, exclusive: true } }),
  );
  // What has to be loaded is loaded before anything is measured: after a fault all begins again.
  if (limit === Number.POSITIVE_INFINITY) set.db.needRanges(set.entry, ranges);
  const found: FoundPlace[] = [];
  for (const range of ranges) {
    for (const { member, score } of membersOf(set, range)) {
      if (found.length >= limit) return found;
      const place = placeOf(score);
      const distance = distanceWithin(area, place);
      if (distance !== undefined) found.push({ member, score, place, distance });
    }
  }
  return found;
}

/** The members of the range, read page by page as they are taken. */
function* membersOf(set: SortedSet, range: NameRange): Generator<ScoredMember> {
  let { from } = range;
  for (let limit = FIRST_PAGE; from < range.to; limit = Math.min(4 * limit, LARGEST_PAGE)) {
    const names = set.db.scanData(set.entry, { from, to: range.to, limit });
    yield* set.read(names);
    if (names.length < limit) return;
    from = `${names[names.length - 1]}\0`;
  }
}
