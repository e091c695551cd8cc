/**
 * Snapshots that readers hold. Each is taken when it is asked for, so that nothing which was overwritten or cleared is
 * kept for a reader that may never come: while LevelDB has a snapshot, compaction keeps what that sees.
 *
 * In the middle of a fold a snapshot has some records that are newer than the checkpoint. Who reads it puts what changed
 * after the checkpoint in its place, these among them: all of that is resident.
 */

import { DiskDbError } from '../../base/errors.js';
import type { Snapshot } from '../storage.js';
import type { Store, StoreSnapshot } from './store.js';

export class Snapshots {
  readonly #store: Store;
  readonly #held = new Map<number, StoreSnapshot>();
  #lastId = 0;
  /** The checkpoint that the store has reached; undefined while it is not open. */
  #segment: number | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The store has reached a checkpoint. */
  advance(segment: number): void {
    this.#segment = segment;
  }

  acquire(): Snapshot {
    if (this.#segment === undefined) throw new DiskDbError('CLOSED', 'the store is closed');
    const id = ++this.#lastId;
    this.#held.set(id, this.#store.snapshot());
    return { id, segment: this.#segment };
  }

  get(id: number): StoreSnapshot {
    const held = this.#held.get(id);
    if (held) return held;
    throw new DiskDbError('STORE_FAILED', 'the snapshot is gone: the store had to be reopened');
  }

  /** Releasing one that is gone already does nothing. */
  release(id: number): void {
    const held = this.#held.get(id);
    if (!held) return;
    this.#held.delete(id);
    // Both stores close a snapshot before they return; the promise says nothing more.
    void held.close();
  }

  /** Ends all, whoever holds them. */
  async close(): Promise<void> {
    this.#segment = undefined;
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map((held) => held.close()));
  }
}
