/** The state at the head of a segment: what must be known before its changes are applied (docs/formats/records.md). */

import { DiskDbError } from '../base/errors.js';
import type { SavedTotals } from './expiry-totals.js';
import type { Keyspace } from './keyspace.js';

export interface SavedState {
  readonly seed: number;
  readonly nextSpace: number;
  /** Spaces by database; null: never used. */
  readonly databases: readonly (number | null)[];
  /** Keys by space. */
  readonly counts: Readonly<Record<string, number>>;
  /** Keys that expire, the sum of their times, and hashes with fields that do, by space. Early builds did not count them. */
  readonly expiries?: Readonly<Record<string, SavedTotals>>;
  /** Estimated memory of all keys, were they resident, by space; in bytes. Early builds did not count it. */
  readonly bytes?: Readonly<Record<string, number>>;
}

export function stateOf(keyspace: Keyspace): string {
  const { spaces } = keyspace.databases;
  const used = spaces.filter((space) => space !== undefined);
  const state: SavedState = {
    seed: keyspace.names.seed,
    nextSpace: keyspace.nextSpace,
    databases: spaces.map((space) => space?.id ?? null),
    counts: Object.fromEntries(used.map((space) => [space.id, space.count])),
    expiries: Object.fromEntries(used.map((space) => [space.id, space.expiries.save()])),
    bytes: Object.fromEntries(used.map((space) => [space.id, space.datasetBytes])),
  };
  return JSON.stringify(state);
}

export function parseState(text: string): SavedState {
  try {
    return JSON.parse(text) as SavedState;
  } catch (error) {
    throw new DiskDbError('LOG_CORRUPT', 'the state at the head of the log is not readable', error);
  }
}
