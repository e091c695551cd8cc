/** Trimming of streams: entries go from the front, one by one or in whole nodes. */

import type { Database } from '../../keyspace/database.js';
import { deleteFirst, idAt, idsBetween, keepLast, nodeOf, rankOf } from './entries.js';
import { groupsOf } from './group.js';
import { FIRST_ID, idBefore, type StreamId } from './id.js';
import type { Stream } from './stream.js';

/** More entries than this do not go one by one if less than that is left. */
const ONE_BY_ONE_MAX = 10_000;
/** Ids that are read to find where a node begins: at first so many, more if it is larger. */
const NODE_IDS = 128;

/** What is to be left: at most so many entries, or none below an id. */
export interface Trimming {
  readonly keep: { readonly most: number } | { readonly from: StreamId };
  /** Whole nodes only. */
  readonly approximate: boolean;
  /** Most entries to delete, if it is approximate. */
  readonly limit: number;
}

/** Trims the stream, and says how many entries went. */
export function trim(db: Database, stream: Stream, { keep, approximate, limit }: Trimming): number {
  const most = approximate ? limit : Number.POSITIVE_INFINITY;
  const beyond = 'from' in keep ? rankOf(db, stream, keep.from, most) : stream.length - keep.most;
  const excess = Math.min(beyond, most);
  const count = approximate ? wholeNodes(db, stream, excess) : excess;
  if (count > 0) removeFirst(db, stream, count);
  return Math.max(count, 0);
}

function removeFirst(db: Database, stream: Stream, count: number): void {
  const left = stream.length - count;
  if (count > ONE_BY_ONE_MAX && count > left + recordsOfGroups(db, stream)) {
    keepLast(db, stream, left);
  } else deleteFirst(db, stream, count);
}

/** About how many there are. */
function recordsOfGroups(db: Database, stream: Stream): number {
  return groupsOf(db, stream).reduce((sum, { pending }) => sum + 2 * pending, 0);
}

/** How many of the first `count` entries make whole nodes: without those that are in the node of the next one. */
function wholeNodes(db: Database, stream: Stream, count: number): number {
  if (count <= 0 || count === stream.length) return count;
  const next = idAt(db, stream, count);
  const node = nodeOf(db, stream, next);
  if (nodeOf(db, stream, stream.firstId) === node) return 0;
  for (let limit = NODE_IDS; ; limit *= 2) {
    const before = idsBetween(db, stream, FIRST_ID, idBefore(next) as StreamId, limit, true);
    const others = before.findIndex((id) => nodeOf(db, stream, id) !== node);
    if (others >= 0) return count - others;
  }
}
