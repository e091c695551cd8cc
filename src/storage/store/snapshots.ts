/** The store as of the latest checkpoint, and of older ones for as long as a reader holds them. */

import { DiskDbError } from '../../base/errors.js';
import type { Snapshot } from '../storage.js';
import type { Store, StoreSnapshot } from './store.js';

interface Held {
  readonly segment: number;
  readonly inner: StoreSnapshot;
  /** Readers, and one for being the latest. */
  holders: number;
}

export class Snapshots {
  readonly #store: Store;
  readonly #held = new Map<number, Held>();
  #latest = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The store has reached a checkpoint: from now on `acquire` gives it as it is now. */
  advance(segment: number): void {
    const before = this.#latest;
    this.#latest++;
    this.#held.set(this.#latest, { segment, inner: this.#store.snapshot(), holders: 1 });
    this.release(before);
  }

  acquire(): Snapshot {
    const held = this.#held.get(this.#latest);
    if (!held) throw new DiskDbError('CLOSED', 'the store is closed');
    held.holders++;
    return { id: this.#latest, segment: held.segment };
  }

  get(id: number): StoreSnapshot {
    const held = this.#held.get(id);
    if (held) return held.inner;
    throw new DiskDbError('STORE_FAILED', 'the snapshot is gone: the store had to be reopened');
  }

  /** Releasing one that is gone already does nothing. */
  release(id: number): void {
    const held = this.#held.get(id);
    if (!held || --held.holders > 0) return;
    this.#held.delete(id);
    // Both stores close a snapshot before they return; the promise says nothing more.
    void held.inner.close();
  }

  /** Ends all, whoever holds them. */
  async close(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map(({ inner }) => inner.close()));
  }
}
