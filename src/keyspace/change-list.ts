/**
 * What the transactions of one turn changed, in order, with before-images. They stand in one list, the group's: commit only
 * moves the mark where the next transaction starts, abort undoes down to it.
 */

import { assert } from '../base/assert.js';
import type { Log, Stage } from '../storage/storage.js';
import { type Change, KeyChange, OutsideChange, SpaceChange } from './changes.js';
import { DataChange } from './data-changes.js';
import type { Entry } from './entry.js';
import type { Residents } from './residents.js';

/** What happens once, when the group of the transaction is safe. */
export type Effect = () => void;

/** Transactions that go to the log together, and can still be undone together. */
export interface Group {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
}

/** A place in the transaction to which it can be taken back: how much it had of each. */
export interface Savepoint {
  readonly changes: number;
  readonly effects: number;
  readonly messages: number;
  readonly logged: number;
  readonly bytes: number;
}

/** What a transaction has done that is not the running one for a while. */
export interface HeldChanges {
  readonly changes: Change[];
  readonly effects: Effect[];
  readonly messages: Effect[];
  readonly logged: number;
  readonly bytes: number;
  readonly staged: number | undefined;
}

export class ChangeList {
  /** Estimated memory that the open transaction's changes hold, in bytes. */
  bytes = 0;

  readonly #residents: Residents;
  #changes: Change[] = [];
  #effects: Effect[] = [];
  /** Of the open transaction: with its commit it has none any more. */
  #messages: Effect[] = [];
  /** Where the open transaction starts. */
  #firstChange = 0;
  #firstEffect = 0;
  /**
   * Its changes that take at least one LSN each when it commits. Headers that continue take theirs when the group ends, but for
   * the first of a key.
   */
  #logged = 0;
  /** How many of its changes are in the log already, by the stages written so far; undefined if there was none. */
  #staged: number | undefined;

  constructor(residents: Residents) {
    this.#residents = residents;
  }

  /** The open transaction has done nothing yet. */
  protected clear(): void {
    this.bytes = 0;
    this.#logged = 0;
    this.#staged = undefined;
  }

  add(change: Change): void {
    this.#changes.push(change);
    if (!continues(change)) this.#logged++;
  }

  /** Registers how to undo a change of state outside the records. */
  onUndo(undo: () => void): void {
    this.#changes.push(new OutsideChange(undo));
  }

  /** Runs once, when the transaction is safe in the log; never if it is undone. */
  effect(effect: Effect): void {
    this.#effects.push(effect);
  }

  /**
   * Runs once, right after the commit, in the order of the commits; never if the transaction is undone before it. For
   * what goes into a client's turn, and so leaves with the group or not at all. Must not throw.
   */
  message(send: Effect): void {
    this.#messages.push(send);
  }

  /** To be called after the commit. */
  sendMessages(): void {
    if (this.#messages.length === 0) return;
    const messages = this.#messages;
    this.#messages = [];
    for (const send of messages) send();
  }

  /**
   * Names the collection made by the next change, and no other: an LSN that the log gives away with this transaction, or its next
   * stage (which may begin with what its group has deferred). `#logged` may be too low, for a header may be the first of its
   * group, never too high: the version must be below the LSNs of whatever comes next.
   */
  nextVersion(log: Log): number {
    return log.nextLsn + this.#logged;
  }

  /** Entries whose header this transaction changed, oldest change first. */
  *changedKeys(): Generator<Entry> {
    for (let i = this.#firstChange; i < this.#changes.length; i++) {
      const change = this.#changes[i];
      if (change instanceof KeyChange) yield change.entry;
    }
  }

  /** What this transaction changed of keys: their headers, and the records of their collections; oldest first. */
  *recordChanges(): Generator<KeyChange | DataChange> {
    for (let i = this.#firstChange; i < this.#changes.length; i++) {
      const change = this.#changes[i];
      if (change instanceof KeyChange || change instanceof DataChange) yield change;
    }
  }

  /** How many changes this transaction has: a place among them. */
  get place(): number {
    return this.#changes.length - this.#firstChange;
  }

  get hasChanges(): boolean {
    return this.place > 0;
  }

  /** The keys of which this transaction changed something, and the place of the last change of each. */
  lastChanges(): Map<string, number> {
    const places = new Map<string, number>();
    for (let i = this.#firstChange; i < this.#changes.length; i++) {
      const change = this.#changes[i];
      if (change instanceof KeyChange || change instanceof DataChange) {
        places.set(change.entry.key, i - this.#firstChange);
      }
    }
    return places;
  }

  /** Databases that this transaction emptied, or gave what another one had. */
  *changedDatabases(): Generator<number> {
    for (let i = this.#firstChange; i < this.#changes.length; i++) {
      const change = this.#changes[i];
      if (change instanceof SpaceChange) yield change.index;
    }
  }

  /** Whether it gave a database another space. To be asked before each stage, of which such a change must not be a part. */
  get hasReplacedSpaces(): boolean {
    for (let i = this.#firstChange + (this.#staged ?? 0); i < this.#changes.length; i++) {
      if (this.#changes[i] instanceof SpaceChange) return true;
    }
    return false;
  }

  /** Entries of which something was changed since, each once, the first change first. */
  changedSince({ changes: from }: Savepoint): ReadonlySet<Entry> {
    const entries = new Set<Entry>();
    for (let i = this.#firstChange + from; i < this.#changes.length; i++) {
      const change = this.#changes[i];
      if (change instanceof KeyChange || change instanceof DataChange) entries.add(change.entry);
    }
    return entries;
  }

  savepoint(): Savepoint {
    const { place: changes, bytes } = this;
    const effects = this.#effects.length - this.#firstEffect;
    return { changes, effects, messages: this.#messages.length, logged: this.#logged, bytes };
  }

  /** Undoes what was done since: a part of the transaction has failed, what was before it stays. */
  rollBack({ changes, effects, messages, logged, bytes }: Savepoint): void {
    undoChanges(this.#changes, this.#firstChange + changes, this.#residents);
    this.#changes.length = this.#firstChange + changes;
    this.#effects.length = this.#firstEffect + effects;
    this.#messages.length = messages;
    this.#logged = logged;
    this.bytes = bytes;
  }

  abort(): void {
    undoChanges(this.#changes, this.#firstChange, this.#residents);
    this.#changes.length = this.#firstChange;
    this.#effects.length = this.#firstEffect;
    if (this.#messages.length > 0) this.#messages = [];
  }

  /** Takes what the open transaction has done out of the list. */
  protected takeOpen(): HeldChanges {
    const [changes, effects, messages] = [this.#changes, this.#effects, this.#messages];
    const [logged, staged] = [this.#logged, this.#staged];
    const { bytes } = this;
    // What stands before it is the group's. There seldom is any: no copy then, for it may hold a million changes.
    this.#changes = this.#firstChange === 0 ? [] : changes.splice(0, this.#firstChange);
    this.#effects = this.#firstEffect === 0 ? [] : effects.splice(0, this.#firstEffect);
    this.#messages = [];
    return { changes, effects, messages, logged, bytes, staged };
  }

  /** It is the open one again. */
  protected putBack({ changes, effects, messages, logged, bytes, staged }: HeldChanges): void {
    this.#changes = joined(this.#changes, changes);
    this.#effects = joined(this.#effects, effects);
    this.#messages = messages;
    this.#logged = logged;
    this.#staged = staged;
    this.bytes = bytes;
  }

  protected undoTaken({ changes }: HeldChanges): void {
    undoChanges(changes, 0, this.#residents);
  }

  /** Writes the changes to the log's group. If the log throws, the transaction is still to be aborted. */
  commit(log: Log): void {
    if (this.#staged !== undefined) this.#writeStage(log, 'last');
    else if (this.hasChanges) this.#write(log);
    this.#firstChange = this.#changes.length;
    this.#firstEffect = this.#effects.length;
  }

  #write(log: Log): void {
    this.#begin(log);
    try {
      for (let i = this.#firstChange; i < this.#changes.length; i++) {
        const change = this.#changes[i] as Change;
        if (!continues(change) || log.isFirst(change.entry, change)) change.log(log);
      }
    } catch (error) {
      log.abortTransaction();
      throw error;
    }
    log.endTransaction();
    this.#defer(log);
  }

  /**
   * Writes what it has changed since its last stage, so that others may be written before it ends. Of headers that continue the
   * first of each key and the last: nothing waits for the end of the group, which is not that of the transaction.
   */
  protected writeStage(log: Log): void {
    const isWritten = this.#writeStage(log, this.#staged === undefined ? 'first' : 'next');
    if (isWritten) this.#staged = this.place;
    this.#logged = 0;
  }

  /** False if there was nothing to be written: then the log has no stage of it. */
  #writeStage(log: Log, stage: Stage): boolean {
    const changes = this.#changes.slice(this.#firstChange + (this.#staged ?? 0));
    const skipped = repeatedHeaders(changes);
    this.#begin(log, stage);
    // Not before: what others have deferred takes LSNs, too.
    const { nextLsn } = log;
    try {
      for (const change of changes) if (!skipped.has(change)) change.log(log);
    } catch (error) {
      log.abortTransaction();
      throw error;
    }
    log.endTransaction();
    return log.nextLsn > nextLsn;
  }

  /** What a patch goes over stands in the segment that the residents name: it must be the one that is written. */
  #begin(log: Log, stage?: Stage): void {
    assert(log.segment === this.#residents.segment, 'a transaction is logged between two segments');
    log.beginTransaction(stage);
  }

  /** Of each key the last header that continues is left for the end of the group, if nothing else has replaced it. */
  #defer(log: Log): void {
    for (let i = this.#firstChange; i < this.#changes.length; i++) {
      const change = this.#changes[i];
      if (!(change instanceof KeyChange)) continue;
      if (change.continues) change.committed();
      log.defer(change.entry, change.continues ? change : undefined);
    }
  }

  /** The group of this turn, which is the caller's from now on; undefined if nothing happened. */
  takeGroup(): Group | undefined {
    if (this.#firstChange === 0 && this.#firstEffect === 0) return undefined;
    const group = { changes: this.#changes, effects: this.#effects };
    this.#changes = [];
    this.#effects = [];
    this.#firstChange = 0;
    this.#firstEffect = 0;
    return group;
  }
}

function continues(change: Change): change is KeyChange {
  return change instanceof KeyChange && change.continues;
}

/** Headers that continue, but for the first and the last of each key. */
function repeatedHeaders(changes: readonly Change[]): ReadonlySet<Change> {
  const ends = new Map<Entry, { readonly first: Change; last: Change }>();
  const repeated = new Set<Change>();
  for (const change of changes) {
    if (!continues(change)) continue;
    const end = ends.get(change.entry);
    if (end === undefined) ends.set(change.entry, { first: change, last: change });
    else if (end.last !== end.first) repeated.add(end.last);
    if (end !== undefined) end.last = change;
  }
  return repeated;
}

/** Both, one after the other: no copy if the first has nothing. */
function joined<T>(first: T[], second: T[]): T[] {
  return first.length === 0 ? second : first.concat(second);
}

/** Undoes the changes from the newest down to index `from`. */
export function undoChanges(changes: readonly Change[], from: number, residents: Residents): void {
  for (let i = changes.length - 1; i >= from; i--) changes[i]?.undo(residents);
}
