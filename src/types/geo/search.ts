/** Searches of sorted sets for places: only the scores of the cells around the centre are read. */

import { namePages } from '../name-pages.js';
import { scoreRange } from '../sorted-set/range.js';
import type { ScoredMember, SortedSet } from '../sorted-set/sorted-set.js';
import { type Area, distanceWithin, scoreSpans } from './area.js';
import { type Place, placeOf } from './geo.js';

/** Members that are looked at together, at most. */
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
    for (const names of namePages(set.db, set.entry, range, { largest: LARGEST_PAGE })) {
      for (const { member, score } of set.read(names)) {
        if (found.length >= limit) return found;
        const place = placeOf(score);
        const distance = distanceWithin(area, place);
        if (distance !== undefined) found.push({ member, score, place, distance });
      }
    }
  }
  return found;
}
