/**
 * Requests that wait behind one that has met a fault are tried out, for what they would fault on: that is loaded
 * together with what the first one needs. A pipeline on cold keys takes a few loads, whatever its length.
 */

import { fault, type WantedRange } from './fault.js';
import { type Header, versionOf } from './header.js';
import type { Keyspace } from './keyspace.js';

/** A larger collection is not loaded before its time, in bytes (an estimate). */
const COLLECTION_BYTES_MAX = 16 * 1024;

/**
 * Runs a request whose turn has not come, adds what it would need to the running fault, and undoes it. No transaction
 * may be open. The request must be short, and touch nothing but what the transaction undoes.
 */
export function rehearse(keyspace: Keyspace, run: () => unknown): void {
  const { transaction, touches } = keyspace;
  const { range, rangeVersion, wait } = fault;
  fault.range = undefined;
  keyspace.touches = false;
  transaction.begin(keyspace.clock.now(), 0, undefined);
  try {
    run();
  } catch {
    // What there is to say of it is said when its turn comes.
  }
  transaction.abort();
  keyspace.touches = touches;
  if (fault.range !== undefined && isWorthwhile(fault.range)) fault.hintedRanges.push(fault.range);
  Object.assign(fault, { range, rangeVersion, wait });
}

/** Only within the request may there have been such a collection. */
function isWorthwhile({ entry }: WantedRange): boolean {
  const { record } = entry;
  if (record === undefined || versionOf(record) !== fault.rangeVersion) return false;
  return (record as Header).bytes <= COLLECTION_BYTES_MAX;
}
