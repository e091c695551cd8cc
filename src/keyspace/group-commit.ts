/**
 * The end of a turn: its transactions go to the log in one group, and what waits for them (replies, effects) is
 * let go when the group is as safe as `sync` asks. Until then a group can be undone, and is if its write fails.
 */

import type { Log } from '../storage/storage.js';
import { type Group, undoChanges } from './change-list.js';
import type { Keyspace } from './keyspace.js';

/** Something that must not leave before the group it may have seen is safe: the replies of a turn. */
export interface Waiter {
  release(): void;
  /** The group was undone: nothing of it happened. */
  fail(error: Error): void;
}

interface Waiting {
  readonly lsn: number;
  readonly group: Group | undefined;
  readonly waiter: Waiter;
}

export class GroupCommit {
  readonly #keyspace: Keyspace;
  readonly #log: Log;
  /** Groups written but not yet synced, oldest first, with what waits for them. */
  #waiting: Waiting[] = [];
  readonly #syncsAlways: () => boolean;
  /** Set while a turn may be open that has seen groups whose sync failed: it fails with them. */
  #seenFailure: Error | undefined;

  constructor(keyspace: Keyspace, syncsAlways: () => boolean) {
    this.#keyspace = keyspace;
    this.#log = keyspace.storage.log;
    this.#syncsAlways = syncsAlways;
  }

  /** Writes the group of this turn; `waiter` is released, or failed, exactly once. */
  endTurn(waiter: Waiter): void {
    const group = this.#keyspace.transaction.takeGroup();
    const writes = this.#log.pending;
    if (writes && !this.#flush(group, waiter)) return;
    if (this.#seenFailure !== undefined) {
      waiter.fail(this.#seenFailure);
      return;
    }
    const mustSync = writes && this.#syncsAlways();
    if (!mustSync && this.#waiting.length === 0) {
      settle(group, waiter);
      return;
    }
    this.#waiting.push({ lsn: this.#log.writtenLsn, group, waiter });
    // Also if `sync` has become another since the one before it began to wait: nothing else would release it.
    if (writes) this.#sync();
  }

  #flush(group: Group | undefined, waiter: Waiter): boolean {
    try {
      this.#keyspace.timed('log-write', () => this.#log.flush());
      this.#keyspace.writeFailure = undefined;
      return true;
    } catch (error) {
      this.#keyspace.transaction.undoHeld(error as Error);
      this.#undo(group);
      this.#keyspace.writeFailure = error as Error;
      this.#failInOrder(waiter, error as Error);
      return false;
    }
  }

  /** A connection's errors must not overtake its replies of earlier turns. */
  #failInOrder(waiter: Waiter, error: Error): void {
    if (this.#waiting.length === 0) {
      waiter.fail(error);
      return;
    }
    const fail = (): void => waiter.fail(error);
    const { writtenLsn: lsn } = this.#log;
    this.#waiting.push({ lsn, group: undefined, waiter: { release: fail, fail } });
  }

  #sync(): void {
    const { onLatency, clock } = this.#keyspace;
    const start = onLatency === undefined ? 0 : clock.monotonic();
    const synced = (): void => {
      onLatency?.('log-sync', clock.monotonic() - start);
      this.#releaseSynced();
    };
    if (this.#log.trySync()) synced();
    else this.#log.sync().then(synced, (error) => this.#failAll(error as Error));
  }

  #releaseSynced(): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].lsn <= this.#log.syncedLsn) {
      const { group, waiter } = this.#waiting.shift() as Waiting;
      settle(group, waiter);
    }
  }

  /** Groups that may have seen each other are undone newest first; what the open turn did, before them. */
  #failAll(error: Error): void {
    this.#seenFailure = error;
    // A turn that is open now ends in an immediate that is older than this one.
    setImmediate(() => {
      this.#seenFailure = undefined;
    });
    const failed = this.#waiting;
    this.#waiting = [];
    this.#keyspace.transaction.undoHeld(error);
    this.#keyspace.transaction.abort();
    this.#undo(this.#keyspace.transaction.takeGroup());
    for (let i = failed.length - 1; i >= 0; i--) this.#undo(failed[i]?.group);
    for (const { waiter } of failed) waiter.fail(error);
  }

  #undo(group: Group | undefined): void {
    if (group !== undefined) undoChanges(group.changes, 0, this.#keyspace.residents);
  }
}

function settle(group: Group | undefined, waiter: Waiter): void {
  if (group !== undefined) for (const effect of group.effects) effect();
  waiter.release();
}
