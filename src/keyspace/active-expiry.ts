/**
 * Deletes keys, and fields of hashes, whose time has come though nobody reads them: those whose expiry is not in the
 * store yet, and those that the store's expiry index names. Each deletion is a transaction like any other.
 */

import type { Logger } from '../base/log.js';
import { yieldTurn } from '../base/yield-turn.js';
import { expiryRange, type KeyPlace, parseExpiryKey } from './encoding.js';
import type { Keyspace } from './keyspace.js';

/** Keys deleted in one turn; requests come in between, and what is cold is loaded together. */
const BATCH = 200;
/** After this long a look ends, and the next goes on, in milliseconds: a quarter of the time, as Redis takes. */
const LOOK_MS = 25;
const PAGE_BYTES = 1024 * 1024;

export class ActiveExpiry {
  readonly #keyspace: Keyspace;
  readonly #logger: Logger;
  /** Called for each key deleted. */
  readonly #onExpired: () => void;
  #running = false;
  /** Where the next look at the store's index starts: what is before it has been dealt with. */
  #from = '';
  #checkpointSeen = -1;
  enabled = true;
  /** Told how long a batch took, in milliseconds. */
  onBatch: (milliseconds: number) => void = () => undefined;
  /** Told when a look has ended though more is due. */
  onTimeCap: () => void = () => undefined;
  /** While clients are paused nothing is deleted, not even what a read finds expired. */
  paused = false;

  constructor(keyspace: Keyspace, logger: Logger, onExpired: () => void) {
    this.#keyspace = keyspace;
    this.#logger = logger;
    this.#onExpired = onExpired;
  }

  /** Deletes what reads of this turn found expired. */
  deleteNoted(): void {
    const noted = this.#keyspace.takeExpired();
    if (!this.#mayWrite) return;
    this.#keyspace.timed('expire-del', () => void this.#deleteAll(noted));
  }

  /** One look at what is due; to be called ten times a second or so. */
  async run(): Promise<void> {
    if (this.#running || !this.enabled || !this.#mayWrite) return;
    this.#running = true;
    try {
      const { clock } = this.#keyspace;
      const until = clock.monotonic() + LOOK_MS;
      let hasMore = await this.#deleteBatch(clock.now());
      while (hasMore && clock.monotonic() < until) {
        await yieldTurn();
        hasMore = await this.#deleteBatch(clock.now());
      }
      if (hasMore) this.onTimeCap();
    } catch (error) {
      this.#logger.warn({ err: error }, 'active expiry failed; it goes on at the next look');
    } finally {
      this.#running = false;
    }
  }

  /** True if more is due. */
  async #deleteBatch(now: number): Promise<boolean> {
    const { clock } = this.#keyspace;
    const start = clock.monotonic();
    const hasMore = await this.#deleteDue(now);
    const milliseconds = clock.monotonic() - start;
    this.onBatch(milliseconds);
    this.#keyspace.onLatency?.('expire-cycle', milliseconds);
    return hasMore;
  }

  async #deleteDue(now: number): Promise<boolean> {
    const noted = this.#keyspace.expiry.take(now, BATCH);
    await this.#deleteAll(noted);
    return (await this.#deleteStored(now)) || this.#keyspace.expiry.hasDue(now);
  }

  /**
   * Deletes what the store's index says is due; true if more is. What is dirty is in the queue in memory as
   * well.
   */
  async #deleteStored(now: number): Promise<boolean> {
    const { storage } = this.#keyspace;
    const { from: start, to } = expiryRange(0, now + 1);
    if (storage.checkpoint !== this.#checkpointSeen) {
      this.#checkpointSeen = storage.checkpoint;
      this.#from = start;
    }
    if (this.#from >= to) return false;
    const range = { from: this.#from, to, maxRecords: BATCH, maxBytes: PAGE_BYTES };
    const page = await storage.range(range);
    this.#from = page.done ? to : `${page.keys[page.keys.length - 1]}\0`;
    await this.#deleteAll(page.keys.map((recordKey) => parseExpiryKey(recordKey).place));
    return !page.done;
  }

  async #deleteAll(places: readonly KeyPlace[]): Promise<void> {
    for (const outcome of await Promise.allSettled(places.map((place) => this.#delete(place)))) {
      if (outcome.status === 'fulfilled') continue;
      this.#logger.warn({ err: outcome.reason }, 'a key that has expired could not be deleted');
    }
  }

  /** While the log cannot be written a deletion would only fail the requests of its turn. */
  get #mayWrite(): boolean {
    const { writeFailure, storage } = this.#keyspace;
    return !this.paused && writeFailure === undefined && storage.log.failure === undefined;
  }

  /** An index entry is a hint: the key may be gone, may live longer now, its space may be dropped. */
  async #delete(place: KeyPlace): Promise<void> {
    const task = {
      run: (): boolean => {
        const { spaces } = this.#keyspace.databases;
        const index = spaces.findIndex((space) => space?.id === place.space);
        return index >= 0 && this.#keyspace.database(index).deleteExpired(place);
      },
    };
    if (await this.#keyspace.runner.run(task)) this.#onExpired();
  }
}
