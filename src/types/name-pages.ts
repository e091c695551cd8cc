/** Names of a collection's records page by page, for what may have seen enough before the end. */

import type { Database } from '../keyspace/database.js';
import type { CollectionEntry } from './collection.js';

export interface PageSizes {
  readonly first?: number;
  readonly largest?: number;
}

/** So few may be enough. */
export const FIRST_PAGE = 256;
/** Pages grow: what faults is run again from the first one. */
const GROWTH = 4;

/** Names from `from` (included) to `to` (excluded), both in one table. */
export function* namePages(
  db: Database,
  entry: CollectionEntry,
  { from, to }: { readonly from: string; readonly to: string },
  { first = FIRST_PAGE, largest = Number.POSITIVE_INFINITY }: PageSizes = {},
): Generator<readonly string[]> {
  let start = from;
  for (let limit = first; start < to; limit = Math.min(GROWTH * limit, largest)) {
    const names = db.scanData(entry, { from: start, to, limit });
    yield names;
    if (names.length < limit) return;
    start = `${names[names.length - 1]}\0`;
  }
}
