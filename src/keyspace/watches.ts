/**
 * WATCH: which clients must hear of which keys. Every transaction's changes are looked at before it is committed; a
 * client whose key they touch is told, and watches nothing any more.
 */

import { forEachPaced } from '../base/yield-turn.js';
import { KeyChange } from './changes.js';
import type { Database } from './database.js';
import { expireAtOf, type KeyRecord, NEVER } from './header.js';
import type { Keyspace } from './keyspace.js';
import type { CommitListener } from './runner.js';
import type { Transaction } from './transaction.js';

/** Estimates of what a watched key takes in memory besides its name, in bytes. */
const WATCH_BYTES = 200;

/** A key that one client watches. */
interface Watch {
  readonly db: Database;
  readonly key: string;
  readonly watcher: Watcher;
  /** The watcher's, as long as it counts: of one that has dropped its watches they may be forgotten later. */
  readonly among: ReadonlyMap<string, Watch>;
  /** When what was there then expires: NEVER if it does not, NOTHING if nothing was, or only what had expired. */
  readonly expireAt: number;
}

const NOTHING = -1;

/** What one client watches. */
export class Watcher {
  /** A key has changed: EXEC will run nothing. */
  isTouched = false;
  /** By database and key. */
  watches = new Map<string, Watch>();
  /** Estimated memory that they take. */
  bytes = 0;

  /** Whether the transaction may run; false also if a key has expired since it was watched. */
  holdsAt(now: number): boolean {
    if (this.isTouched) return false;
    for (const { expireAt } of this.watches.values()) {
      if (expireAt > NEVER && expireAt <= now) return false;
    }
    return true;
  }
}

export class Watches implements CommitListener {
  readonly #keyspace: Keyspace;
  /** By key, of all databases. */
  readonly #byKey = new Map<string, Set<Watch>>();
  /** Keys that are watched, each once for each client. */
  count = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Watches the keys from now on. Faults until their headers are resident. */
  add(watcher: Watcher, db: Database, keys: readonly string[]): void {
    if (watcher.isTouched) return;
    db.needKeys(keys);
    for (const key of keys) {
      const place = `${db.index}:${key}`;
      if (watcher.watches.has(place)) continue;
      const { watches: among } = watcher;
      const watch = { db, key, watcher, among, expireAt: expiryOf(db.get(key)) };
      watcher.watches.set(place, watch);
      watcher.bytes += WATCH_BYTES + 2 * key.length;
      this.#enter(watch);
      this.#keyspace.transaction.onUndo(() => {
        if (watcher.watches.get(place) === watch) this.#forget(watch, place);
      });
    }
  }

  /** The client watches nothing any more. */
  clear(watcher: Watcher): void {
    watcher.isTouched = false;
    this.#drop(watcher);
  }

  committing(transaction: Transaction): void {
    const touched = new Set<Watcher>();
    for (const index of transaction.changedDatabases()) this.#findReplaced(index, touched);
    const { spaces } = this.#keyspace.databases;
    for (const change of transaction.recordChanges()) {
      const { home, key } = change.entry;
      const watches = this.#byKey.get(key);
      if (watches === undefined) continue;
      const isDeletion = change instanceof KeyChange && change.after === undefined;
      for (const watch of watches) {
        const { db, watcher, expireAt } = watch;
        if (!counts(watch)) continue;
        // Of what was not there, or had expired before, only the rest is removed.
        if (isDeletion && expireAt === NOTHING) continue;
        if (spaces[db.index] === home) touched.add(watcher);
      }
    }
    for (const watcher of touched) this.#touch(watcher);
  }

  /**
   * The database was emptied, or has what another had: keys that were there are gone, and keys that were not may have
   * come. Faults until it is known which.
   */
  #findReplaced(index: number, touched: Set<Watcher>): void {
    for (const watches of this.#byKey.values()) {
      for (const watch of watches) {
        const { db, key, watcher, expireAt } = watch;
        if (db.index !== index || touched.has(watcher) || !counts(watch)) continue;
        if (expireAt !== NOTHING || db.get(key) !== undefined) touched.add(watcher);
      }
    }
  }

  #touch(watcher: Watcher): void {
    watcher.isTouched = true;
    this.#drop(watcher);
  }

  #drop(watcher: Watcher): void {
    const { watches } = watcher;
    if (watches.size === 0) return;
    watcher.watches = new Map();
    watcher.bytes = 0;
    this.#count(-watches.size);
    void forEachPaced(watches.values(), (watch) => this.#remove(watch));
  }

  #enter(watch: Watch): void {
    const watches = this.#byKey.get(watch.key);
    if (watches === undefined) this.#byKey.set(watch.key, new Set([watch]));
    else watches.add(watch);
    this.#count(1);
  }

  #forget(watch: Watch, place: string): void {
    const { watcher, key } = watch;
    watcher.watches.delete(place);
    watcher.bytes -= WATCH_BYTES + 2 * key.length;
    this.#remove(watch);
    this.#count(-1);
  }

  #remove(watch: Watch): void {
    const watches = this.#byKey.get(watch.key);
    watches?.delete(watch);
    if (watches?.size === 0) this.#byKey.delete(watch.key);
  }

  /** While nobody watches, commits cost nothing here. */
  #count(by: number): void {
    this.count += by;
    this.#keyspace.runner.listen(this, this.count > 0);
  }
}

function counts({ among, watcher }: Watch): boolean {
  return among === watcher.watches;
}

function expiryOf(record: KeyRecord | undefined): number {
  return record === undefined ? NOTHING : expireAtOf(record);
}
