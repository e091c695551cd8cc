/** A snapshot of the store for replies that are read from it after their request is done. */

import type { Snapshot, Storage } from '../storage/storage.js';
import type { Keyspace } from './keyspace.js';

/** Shared by the readers of one request. The last that lets go releases it, and so does nobody coming for it. */
class HeldSnapshot {
  readonly snapshot: Snapshot;
  readonly #storage: Storage;
  #holders = 0;
  #released = false;

  constructor(storage: Storage, snapshot: Snapshot) {
    this.#storage = storage;
    this.snapshot = snapshot;
    // The request that waits for it runs again before this; unless something else keeps it from coming here.
    setImmediate(() => this.#releaseIfUnused());
  }

  /** True while what is not in it is resident: it was taken at the checkpoint that holds now. */
  get isCurrent(): boolean {
    return !this.#released && this.snapshot.segment === this.#storage.checkpoint;
  }

  /** Returns what lets go of it; calling that again does nothing. */
  hold(): () => void {
    this.#holders++;
    let holds = true;
    return () => {
      if (!holds) return;
      holds = false;
      this.#holders--;
      this.#releaseIfUnused();
    };
  }

  #releaseIfUnused(): void {
    if (this.#holders > 0 || this.#released) return;
    this.#released = true;
    this.#storage.release(this.snapshot);
  }
}

/**
 * The store as of the checkpoint that holds now; faults until there is one. With the records that are dirty at
 * this moment it is the present state. If the attempt is undone, so is the hold.
 */
export function holdSnapshot(keyspace: Keyspace): { snapshot: Snapshot; release: () => void } {
  const { transaction, storage } = keyspace;
  for (let n = 0; ; n++) {
    const held = transaction.await(`snapshot:${n}`, async () => {
      return new HeldSnapshot(storage, await storage.snapshot());
    });
    if (!held.isCurrent) continue;
    const release = held.hold();
    transaction.onUndo(release);
    return { snapshot: held.snapshot, release };
  }
}
