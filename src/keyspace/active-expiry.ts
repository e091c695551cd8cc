/**
 * Deletes keys whose time has come though nobody reads them: those whose expiry is not in the store yet, and
 * those that the store's expiry index names. Each deletion is a transaction like any other.
 */

import type { Logger } from '../base/log.js';
import { expiryRange, type KeyPlace, parseExpiryKey } from './encoding.js';
import type { Keyspace } from './keyspace.js';

/** Keys deleted in one go; more wait for the next, so that requests come in between. */
const BATCH = 200;
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

  constructor(keyspace: Keyspace, logger: Logger, onExpired: () => void) {
    this.#keyspace = keyspace;
    this.#logger = logger;
    this.#onExpired = onExpired;
  }

  /** Deletes what reads of this turn found expired. */
  deleteNoted(): void {
    const noted = this.#keyspace.takeExpired();
    if (this.#mayWrite) void this.#deleteAll(noted);
  }

  /** One look at what is due; to be called ten times a second or so. */
  async run(): Promise<void> {
    if (this.#running || !this.enabled || !this.#mayWrite) return;
    this.#running = true;
    try {
      const now = this.#keyspace.clock.now();
      await this.#deleteAll(this.#keyspace.expiry.take(now, BATCH));
      await this.#deleteStored(now);
    } catch (error) {
      this.#logger.warn({ err: error }, 'active expiry failed; it goes on at the next look');
    } finally {
      this.#running = false;
    }
  }

  /** Deletes what the store's index says is due. What is dirty is in the queue in memory as well. */
  async #deleteStored(now: number): Promise<void> {
    const { storage } = this.#keyspace;
    const { from: start, to } = expiryRange(0, now + 1);
    if (storage.checkpoint !== this.#checkpointSeen) {
      this.#checkpointSeen = storage.checkpoint;
      this.#from = start;
    }
    if (this.#from >= to) return;
    const range = { from: this.#from, to, maxRecords: BATCH, maxBytes: PAGE_BYTES };
    const page = await storage.range(range);
    this.#from = page.done ? to : `${page.keys[page.keys.length - 1]}\0`;
    await this.#deleteAll(page.keys.map((recordKey) => parseExpiryKey(recordKey).place));
  }

  async #deleteAll(places: readonly KeyPlace[]): Promise<void> {
    for (const place of places) {
      try {
        await this.#delete(place);
      } catch (error) {
        this.#logger.warn({ err: error }, 'a key that has expired could not be deleted');
      }
    }
  }

  /** While the log cannot be written a deletion would only fail the requests of its turn. */
  get #mayWrite(): boolean {
    const { writeFailure, storage } = this.#keyspace;
    return writeFailure === undefined && storage.log.failure === undefined;
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
