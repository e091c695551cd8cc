/** What a fault asks for is loaded, or waited for; and what is known to be needed next with it. */

import type { Attempt } from './attempt.js';
import { fault, type Want, type WantedRange } from './fault.js';
import { versionOf } from './header.js';
import type { Keyspace } from './keyspace.js';
import { isShort } from './range-load.js';

interface Prefetching {
  prefetch?(): void;
}

export class FaultHandler {
  readonly #keyspace: Keyspace;
  /** Attempts that were escalated. */
  escalations = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /**
   * Loads what the running fault asks for, and what the task adds to it; waits for what it waits for. Takes all of it at once: the
   * next request may fault before this one is served.
   */
  async satisfy(attempt: Attempt, task: Prefetching): Promise<void> {
    const needed = fault.wants.length;
    task.prefetch?.();
    const wants: Want[] = fault.wants.slice(0, needed);
    const prefetched: Want[] = fault.wants.slice(needed);
    const { wait, range, rangeVersion } = fault;
    const hintedCollections = [...fault.hintedCollections];
    fault.clear();
    // The transaction gave the collection to the key, and that is undone: only within it is there such a range.
    const isLost = range !== undefined && versionIn(range) !== rangeVersion;
    const isLong = range !== undefined && !isLost && !isShort(range);
    if (isLong) attempt.keep(rangeVersion, this.#keyspace.loader);
    const wasEscalated = attempt.escalated;
    const start = this.#keyspace.clock.monotonic();
    const { loader } = this.#keyspace;
    const needs = loader.satisfy(wants);
    // What cannot be read is the business of the request that needs it, when its turn comes.
    const hints = Promise.all([
      loader.satisfy(prefetched),
      loader.loadWhole(hintedCollections),
    ]).catch(() => undefined);
    const ranges =
      range === undefined || isLost ? 0 : loader.satisfyRange(range, attempt.loadedBytes);
    const [recordBytes, rangeBytes] = await Promise.all([needs, ranges]);
    const loadingMs = this.#keyspace.clock.monotonic() - start;
    await hints;
    attempt.loadedBytes += recordBytes + rangeBytes;
    this.#keyspace.checkLoaded(attempt.loadedBytes);
    if (wait === undefined) attempt.countFault(loadingMs, isLong);
    else attempt.countWait();
    if (isLost) attempt.alwaysBlock();
    if (attempt.escalated && !wasEscalated) this.escalations++;
    if (wait !== undefined) await attempt.keepOutcome(wait);
  }
}

function versionIn({ entry }: WantedRange): number {
  return entry.record === undefined ? 0 : versionOf(entry.record);
}
