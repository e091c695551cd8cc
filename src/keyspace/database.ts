/**
 * One database as commands and types see it: keys, and by the view it extends their records, as if all were in
 * memory, at the transaction's time. What is not resident throws the fault; nothing else here is asynchronous, ever.
 */

import type { ChangedBytes } from './changed-bytes.js';
import { KeyChange } from './changes.js';
import { Collection } from './collection.js';
import { CollectionView } from './collection-view.js';
import { deleteDueFields, mayHaveDueFields } from './due-fields.js';
import type { KeyPlace } from './encoding.js';
import { type Entry, recordBytes } from './entry.js';
import { EventClass, type EventClassName } from './events.js';
import { dueAt } from './field-expiry.js';
import {
  expireAtOf,
  Header,
  isExpired,
  type KeyRecord,
  NEVER,
  versionOf,
  withExpiry,
} from './header.js';
import { isShortened, type KeyName, keyNameOf } from './key-name.js';
import type { Keyspace } from './keyspace.js';
import type { Space } from './space.js';

export class Database extends CollectionView {
  /** The database's number, as SELECT takes it. */
  readonly index: number;

  constructor(keyspace: Keyspace, index: number) {
    super(keyspace);
    this.index = index;
  }

  /** Milliseconds since 1970, the same for the whole request. */
  get now(): number {
    return this.keyspace.transaction.now;
  }

  /** A number in [0, 1), the same on every attempt of the request. */
  random(): number {
    return this.keyspace.transaction.random();
  }

  /** The request cannot wait, nor be answered from what is read later. */
  get mustFinish(): boolean {
    return this.keyspace.transaction.mustFinish;
  }

  /** Keys, expired ones that nobody removed yet included, as in Redis. */
  get size(): number {
    return this.keyspace.databases.spaces[this.index]?.count ?? 0;
  }

  /** The key's record, or undefined if there is none or it has expired. */
  get(key: string): KeyRecord | undefined {
    return this.entry(key)?.record;
  }

  /** The key's entry with its record, or undefined if there is none or it has expired. */
  entry(key: string): Entry | undefined {
    const space = this.keyspace.databases.spaces[this.index];
    const entry = space === undefined ? undefined : this.#find(space, key);
    const { transaction } = this.keyspace;
    if (entry?.record !== undefined) {
      if (!isExpired(entry.record, this.now)) {
        if (transaction.counts(key)) transaction.hits++;
        return entry;
      }
      this.keyspace.runner.awaitExpiry(expireAtOf(entry.record));
      this.keyspace.noteExpired(entry);
    }
    if (transaction.counts(key)) this.#noteMiss(key);
    return undefined;
  }

  /** Adds the key's header to what the running fault loads, if it is not at hand; otherwise returns its entry. */
  prefetch(key: string): Entry | undefined {
    const space = this.keyspace.databases.spaces[this.index];
    if (space === undefined) return undefined;
    const name = this.keyspace.names.of(key);
    const entry = space.resident(name);
    if (entry === undefined && space.filter.mayContain(name.slot, name.hash)) {
      this.keyspace.loader.wantKey(space, name);
    }
    return entry;
  }

  /** Makes sure that the headers of the keys are resident, faulting once for all that are not. */
  needKeys(keys: readonly string[]): void {
    for (const key of keys) this.prefetch(key);
    this.keyspace.loader.missWanted();
  }

  /**
   * The same, and all of the small collections at the keys, by one more fault: for what runs once and cannot fault. After
   * another such in the same transaction nothing may fault: then they are read when they are needed.
   */
  needWhole(keys: readonly string[]): void {
    const { loader, transaction } = this.keyspace;
    let isCold = false;
    for (const key of keys) {
      const entry = this.prefetch(key);
      isCold ||= entry !== undefined && loader.isColdAndSmall(entry);
    }
    loader.missWanted();
    if (!isCold || transaction.escalated) return;
    // What is evicted again before the next attempt is read when it is needed.
    transaction.await('collections', () => loader.loadWhole(this.#coldCollections(keys)));
  }

  #coldCollections(keys: readonly string[]): Entry[] {
    const space = this.keyspace.databases.spaces[this.index];
    const cold: Entry[] = [];
    for (const key of keys) {
      const entry = space?.resident(this.keyspace.names.of(key));
      if (entry !== undefined && this.keyspace.loader.isColdAndSmall(entry)) cold.push(entry);
    }
    return cold;
  }

  /**
   * Puts the record at the key, whatever was there. The data of a collection that the record does not
   * continue becomes garbage.
   */
  put(key: string, record: KeyRecord): Entry {
    const space = this.keyspace.spaceForWriting(this.index);
    const entry = this.#findOrAdd(space, key);
    this.#change(entry, record, false);
    return entry;
  }

  /**
   * Replaces the record of an entry that `entry` or `put` returned in this attempt. `changed`: all other bytes of the string are as
   * they were.
   */
  replace(entry: Entry, record: KeyRecord, changed?: ChangedBytes): void {
    this.#change(entry, record, false, changed);
  }

  /** The same, but it counts as no use of the key. */
  peek(key: string): Entry | undefined {
    const { touches } = this.keyspace;
    this.keyspace.touches = false;
    try {
      return this.entry(key);
    } finally {
      this.keyspace.touches = touches;
    }
  }

  /** Deletes the key; false if there was none. */
  delete(key: string): boolean {
    const entry = this.entry(key);
    if (entry === undefined) return false;
    this.deleteEntry(entry);
    return true;
  }

  /** Deletes the key of an entry that `entry` or `put` returned in this attempt. */
  deleteEntry(entry: Entry): void {
    this.#change(entry, undefined, false);
  }

  /**
   * Deletes the key at the place if its time has come, or else fields of it whose time has. Says whether the key's
   * had. For active expiry.
   */
  deleteExpired(place: KeyPlace): boolean {
    const space = this.keyspace.databases.spaces[this.index];
    if (space === undefined || space.id !== place.space) return false;
    const entry = this.#at(space, place);
    if (entry?.record === undefined) return false;
    if (!isExpired(entry.record, this.now)) {
      if (mayHaveDueFields(entry, this.now)) this.#deleteDueFields(entry);
      return false;
    }
    this.#change(entry, undefined, false);
    return true;
  }

  #deleteDueFields(entry: Entry): void {
    const { transaction, onFieldsExpired } = this.keyspace;
    const count = deleteDueFields(this, entry);
    transaction.effect(() => onFieldsExpired(count));
  }

  /** Deletes the key at the place, or with `isVolatile` only if it expires; false if it does not. For eviction. */
  evict(place: KeyPlace, isVolatile: boolean): boolean {
    const space = this.keyspace.databases.spaces[this.index];
    if (space === undefined || space.id !== place.space) return false;
    const entry = this.#at(space, place);
    if (entry?.record === undefined) return false;
    if (isVolatile && expireAtOf(entry.record) === NEVER) return false;
    this.evictEntry(entry);
    return true;
  }

  /** Deletes the key of a resident entry, which has one. For eviction. */
  evictEntry(entry: Entry): void {
    this.#change(entry, undefined, false);
    this.notify('evicted', 'evicted', entry.key);
  }

  /** Has what is due of the entry deleted, by a change of its own after this turn. */
  noteExpired(entry: Entry): void {
    this.keyspace.noteExpired(entry);
  }

  /** Sets when the key expires (NEVER: it does not); false if there is no such key. */
  setExpiry(key: string, expireAt: number): boolean {
    const entry = this.entry(key);
    if (entry?.record === undefined) return false;
    if (expireAtOf(entry.record) !== expireAt) {
      this.#change(entry, withExpiry(entry.record, expireAt), false);
    }
    return true;
  }

  /** Gives the key another name, with its expiry and data, in O(1). What stood at the new name goes. */
  rename(from: string, to: string): void {
    const source = this.entry(from);
    if (source?.record === undefined || from === to) return;
    const { record, data } = source;
    const target = this.#findOrAdd(source.home, to);
    this.#change(target, record, false);
    if (data !== undefined) this.keyspace.residents.setData(target, data);
    this.#change(source, undefined, true);
  }

  /**
   * Tells of what happened to the key, once the transaction is committed, those who have asked for events of the class.
   * Costs nothing while nobody has.
   */
  notify(kind: EventClassName, event: string, key: string): void {
    const { events } = this.keyspace;
    if (events.classes === 0) return;
    if ((events.classes & EventClass[kind]) !== 0) events.publish(this.index, event, key);
  }

  /** The same of a change that may have taken the last of what the key had: `del` follows then. */
  notifyRemoval(kind: EventClassName, event: string, { key, record }: Entry): void {
    this.notify(kind, event, key);
    if (record === undefined) this.notify('generic', 'del', key);
  }

  /** The number that names the collection about to be made; see Header.version. */
  newVersion(): number {
    return this.keyspace.transaction.nextVersion(this.keyspace.storage.log);
  }

  /** What the record of a member is called (see MemberNames). */
  memberName(table: number, member: string): string {
    return this.keyspace.memberNames.of(table, member);
  }

  /** Resident knowledge of the key, loaded if it must be; undefined if the filter says it was never there. */
  #find(space: Space, key: string): Entry | undefined {
    return this.#known(space, this.keyspace.names.of(key));
  }

  /** The same of a place in the store: of a long key its name is all that is known. */
  #at(space: Space, place: KeyPlace): Entry | undefined {
    return space.resident(place) ?? this.keyspace.loader.missKey(space, keyNameOf(place));
  }

  /** The entry that a record of the key can be put at. */
  #findOrAdd(space: Space, key: string): Entry {
    const { residents, names } = this.keyspace;
    const name = names.of(key);
    const entry = this.#known(space, name);
    if (entry === undefined) return residents.add(name, space);
    // A deletion in the log, or an expiry, may have told only the name.
    if (isShortened(name.name)) residents.setKey(entry, key);
    return entry;
  }

  #known(space: Space, name: KeyName): Entry | undefined {
    const entry = space.resident(name);
    if (entry !== undefined) {
      if (this.keyspace.touches) this.keyspace.residents.usage.touch(entry);
      return entry;
    }
    if (!space.filter.mayContain(name.slot, name.hash)) return undefined;
    return this.keyspace.loader.missKey(space, name);
  }

  #change(
    entry: Entry,
    after: KeyRecord | undefined,
    moved: boolean,
    changed?: ChangedBytes,
  ): void {
    const { residents, transaction } = this.keyspace;
    const before = entry.record;
    if (before === undefined && after === undefined) return;
    carryBytes(before, after);
    const change = new KeyChange(entry, before, after, moved);
    if (changed !== undefined) change.changesOnly(changed, residents.segment);
    transaction.add(change);
    if (this.keyspace.events.classes !== 0) this.#noteLife(entry, before, after);
    if (before === undefined) entry.home.remember(entry.slot, entry.hash);
    this.#replaceData(entry, before, after, moved);
    residents.changeRecord(entry, after);
    residents.markDirty(entry);
    this.keyspace.grow(recordBytes(after));
    if (after !== undefined) this.#schedule(entry, before, dueAt(after));
  }

  #noteMiss(key: string): void {
    this.keyspace.transaction.misses++;
    if (this.keyspace.events.notesMisses) this.notify('miss', 'keymiss', key);
  }

  /** Tells that the key has expired, and that there is one which was not there before. */
  #noteLife({ key }: Entry, before: KeyRecord | undefined, after: KeyRecord | undefined): void {
    const isDead = before !== undefined && isExpired(before, this.now);
    if (isDead) this.notify('expired', 'expired', key);
    if (after !== undefined && (before === undefined || isDead)) this.notify('new', 'new', key);
  }

  /** The queue knows one time of an entry: the one before comes back with its header. */
  #schedule(entry: Entry, before: KeyRecord | undefined, due: number): void {
    if (due === NEVER) return;
    const { expiry, transaction } = this.keyspace;
    expiry.schedule(entry, due);
    const old = before === undefined ? NEVER : dueAt(before);
    if (old === NEVER || old === due) return;
    transaction.onUndo(() => expiry.schedule(entry, old));
  }

  /** A new collection is complete from birth: nothing of it can be in the store. */
  #replaceData(
    entry: Entry,
    before: KeyRecord | undefined,
    after: KeyRecord | undefined,
    moved: boolean,
  ): void {
    const old = before === undefined ? 0 : versionOf(before);
    const version = after === undefined ? 0 : versionOf(after);
    if (version === old && !moved) return;
    const isNew = version !== 0 && version >= this.keyspace.storage.log.nextLsn;
    this.keyspace.residents.setData(entry, isNew ? new Collection(true) : undefined);
  }
}

/** The header after is of the same collection as the one before: it takes as much. */
function carryBytes(before: KeyRecord | undefined, after: KeyRecord | undefined): void {
  if (!(before instanceof Header && after instanceof Header)) return;
  if (before.version === after.version) after.bytes = before.bytes;
}
