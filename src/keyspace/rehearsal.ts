/**
 * Requests that wait behind one that has met a fault are tried out, for what they would fault on: that is loaded
 * together with what the first one needs. A pipeline on cold collections takes a few loads, whatever its length.
 */

import type { Entry } from './entry.js';
import { fault } from './fault.js';
import { type Header, meanBytes } from './header.js';
import type { Keyspace } from './keyspace.js';

/** What one fault may load for others, in bytes (an estimate) … */
const HINTED_BYTES_MAX = 4 * 1024 * 1024;
/** … and how long it may look for it, in milliseconds. */
const REHEARSAL_MS_MAX = 2;
/** What a rehearsal may change before it is broken off, in bytes (an estimate). */
const CHANGED_BYTES_MAX = 64 * 1024;

/**
 * Runs a request whose turn has not come, on the collection at the entry; adds what it would need to the running fault,
 * and undoes it. No transaction may be open. The request must touch nothing but what the transaction undoes.
 */
export function rehearse(keyspace: Keyspace, entry: Entry, run: () => unknown): void {
  if (fault.hintedBytes > HINTED_BYTES_MAX || fault.rehearsalMs > REHEARSAL_MS_MAX) return;
  const { clock, loader } = keyspace;
  const start = clock.monotonic();
  const { range, rangeVersion, wait } = fault;
  const before = fault.wants.length;
  fault.range = undefined;
  tryOut(keyspace, run);
  const { bytes } = entry.record as Header;
  if (fault.range !== undefined && range?.entry !== entry && loader.isColdAndSmall(entry)) {
    if (!fault.hintedCollections.has(entry)) fault.hintedBytes += bytes;
    fault.hintedCollections.add(entry);
  }
  fault.hintedBytes += (fault.wants.length - before) * meanBytes(entry.record as Header);
  fault.rehearsalMs += clock.monotonic() - start;
  Object.assign(fault, { range, rangeVersion, wait });
}

function tryOut(keyspace: Keyspace, run: () => unknown): void {
  const { transaction, touches } = keyspace;
  keyspace.touches = false;
  transaction.begin(keyspace.clock.now(), 0, undefined);
  transaction.bytesMax = CHANGED_BYTES_MAX;
  try {
    run();
  } catch {
    // A fault, or an error: what there is to say of it is said when its turn comes.
  }
  transaction.abort();
  keyspace.touches = touches;
}
