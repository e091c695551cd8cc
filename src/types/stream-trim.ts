/** Trimming of streams: entries go from the front, one by one or in whole nodes. */

import type { Database } from '../keyspace/database.js';
import { deleteFirst, idsBetween, nodeOf, type Stream } from './stream.js';
import { FIRST_ID, idBefore, LAST_ID, type StreamId } from './stream-id.js';

/** What is to be left: at most so many entries, or none below an id. */
export interface Trimming {
  readonly keep: { readonly most: number } | { readonly from: StreamId };
  /** Whole nodes only. */
  readonly approximate: boolean;
  /** Most entries to delete, if it is approximate. */
  readonly limit: number;
}

/** Trims the stream, and says how many entries went. */
export function trim(db: Database, stream: Stream, trimming: Trimming): number {
  const doomed = beyond(db, stream, trimming);
  const count = trimming.approximate
    ? wholeNodes(db, stream, doomed, trimming.limit)
    : doomed.length;
  deleteFirst(db, stream, doomed.slice(0, count));
  return count;
}

/** The entries that exceed what is to be left: no more of them than matter. */
function beyond(db: Database, stream: Stream, { keep, approximate, limit }: Trimming): StreamId[] {
  const most = approximate ? limit + 1 : Number.POSITIVE_INFINITY;
  if ('from' in keep) {
    const end = idBefore(keep.from);
    return end === undefined ? [] : idsBetween(db, stream, FIRST_ID, end, most);
  }
  const excess = Math.min(stream.length - keep.most, most);
  return excess <= 0 ? [] : idsBetween(db, stream, FIRST_ID, LAST_ID, excess);
}

/** How many of the first entries make whole nodes, and no more than the limit. */
function wholeNodes(
  db: Database,
  stream: Stream,
  doomed: readonly StreamId[],
  limit: number,
): number {
  const most = Math.min(doomed.length, limit);
  if (most === 0 || most === stream.length) return most;
  const [, survivor] = idsBetween(db, stream, doomed[most - 1] as StreamId, LAST_ID, 2);
  const broken = nodeOf(db, stream, survivor as StreamId);
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (nodeOf(db, stream, doomed[middle] as StreamId) < broken) low = middle + 1;
    else high = middle;
  }
  return low;
}
