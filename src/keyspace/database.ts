/**
 * One database as commands and types see it: keys and records as if all were in memory, at the transaction's
 * time. What is not resident throws the fault; nothing else here is asynchronous, ever.
 */

import { DataChange, KeyChange } from './changes.js';
import { Collection, dataBytes, tableRange, WHOLE } from './collection.js';
import { deleteDueFields, mayHaveDueFields } from './due-fields.js';
import { dataKey, type KeyPlace } from './encoding.js';
import { type Entry, recordBytes } from './entry.js';
import { dueAt } from './field-expiry.js';
import {
  expireAtOf,
  type Header,
  isExpired,
  type KeyRecord,
  NEVER,
  versionOf,
  withExpiry,
} from './header.js';
import { hashOf, isShortened, nameOf, slotOf } from './key-name.js';
import type { Keyspace } from './keyspace.js';
import type { Space } from './space.js';

export interface DataRange {
  readonly from: string;
  readonly to: string;
  /** Default: all. */
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** Fewer are not worth a fault. */
const RANGE_RECORDS_MIN = 64;

export class Database {
  /** The database's number, as SELECT takes it. */
  readonly index: number;
  readonly #keyspace: Keyspace;

  constructor(keyspace: Keyspace, index: number) {
    this.#keyspace = keyspace;
    this.index = index;
  }

  /** Milliseconds since 1970, the same for the whole request. */
  get now(): number {
    return this.#keyspace.transaction.now;
  }

  /** A number in [0, 1), the same on every attempt of the request. */
  random(): number {
    return this.#keyspace.transaction.random();
  }

  /** Keys, expired ones that nobody removed yet included, as in Redis. */
  get size(): number {
    return this.#keyspace.databases.spaces[this.index]?.count ?? 0;
  }

  /** The key's record, or undefined if there is none or it has expired. */
  get(key: string): KeyRecord | undefined {
    return this.entry(key)?.record;
  }

  /** The key's entry with its record, or undefined if there is none or it has expired. */
  entry(key: string): Entry | undefined {
    const space = this.#keyspace.databases.spaces[this.index];
    const entry = space === undefined ? undefined : this.#find(space, key);
    if (entry?.record !== undefined) {
      if (!isExpired(entry.record, this.now)) {
        this.#keyspace.transaction.hits++;
        return entry;
      }
      this.#keyspace.noteExpired(entry);
    }
    this.#keyspace.transaction.misses++;
    return undefined;
  }

  /** Adds the key's header to what the running fault loads, if it is not at hand. */
  prefetch(key: string): void {
    const space = this.#keyspace.databases.spaces[this.index];
    if (space === undefined) return;
    const name = nameOf(key);
    const slot = slotOf(key);
    const hash = hashOf(name, this.#keyspace.seed);
    if (space.resident(name, slot, hash) !== undefined || !space.filter.mayContain(slot, hash))
      return;
    this.#keyspace.loader.wantKey(space, key, name, slot, hash);
  }

  /** Makes sure that the headers of the keys are resident, faulting once for all that are not. */
  needKeys(keys: readonly string[]): void {
    for (const key of keys) this.prefetch(key);
    this.#keyspace.loader.missWanted();
  }

  /** The same for one record of each of many collections. */
  needEach(records: readonly (readonly [entry: Entry, sub: string])[]): void {
    const { loader } = this.#keyspace;
    for (const [entry, sub] of records) if (!entry.data?.knows(sub)) loader.wantData(entry, sub);
    loader.missWanted();
  }

  /**
   * Puts the record at the key, whatever was there. The data of a collection that the record does not
   * continue becomes garbage.
   */
  put(key: string, record: KeyRecord): Entry {
    const space = this.#keyspace.spaceForWriting(this.index);
    const entry = this.#findOrAdd(space, key);
    this.#change(entry, record, false);
    return entry;
  }

  /** Replaces the record of an entry that `entry` or `put` returned in this attempt. */
  replace(entry: Entry, record: KeyRecord): void {
    this.#change(entry, record, false);
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
    const space = this.#keyspace.databases.spaces[this.index];
    if (space === undefined || space.id !== place.space) return false;
    const { name, slot, hash } = place;
    const entry =
      space.resident(name, slot, hash) ??
      this.#keyspace.loader.missKey(space, name, name, slot, hash);
    if (entry?.record === undefined) return false;
    if (!isExpired(entry.record, this.now)) {
      if (mayHaveDueFields(entry, this.now)) deleteDueFields(this, entry);
      return false;
    }
    this.#change(entry, undefined, false);
    return true;
  }

  /** Has what is due of the entry deleted, by a change of its own after this turn. */
  noteExpired(entry: Entry): void {
    this.#keyspace.noteExpired(entry);
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
    if (data !== undefined) this.#keyspace.residents.setData(target, data);
    this.#change(source, undefined, true);
  }

  /** The number that names the collection about to be made; see Header.version. */
  newVersion(): number {
    return this.#keyspace.transaction.nextVersion(this.#keyspace.storage.log);
  }

  /**
   * One record of the collection at the entry; undefined if it has none. `sub` starts with the number of its
   * table. The entry's record must be a header with a version.
   */
  readData(entry: Entry, sub: string): string | undefined {
    if (!entry.data?.knows(sub)) this.#keyspace.loader.missData(entry, [sub]);
    return entry.data?.get(sub)?.value;
  }

  /** Makes sure that the records are resident, faulting once for all that are not. */
  needData(entry: Entry, subs: readonly string[]): void {
    if (entry.data?.complete) return;
    const missing = subs.filter((sub) => !entry.data?.knows(sub));
    if (missing.length > 0) this.#keyspace.loader.missData(entry, missing);
  }

  /**
   * The same of records that follow each other, none left out, in one table: many that are missing are loaded as
   * a range.
   */
  needRun(entry: Entry, subs: readonly string[]): void {
    if (entry.data?.complete) return;
    const missing = subs.filter((sub) => !entry.data?.knows(sub));
    const [from] = missing;
    if (from === undefined) return;
    const { loader } = this.#keyspace;
    if (missing.length < RANGE_RECORDS_MIN) {
      loader.missData(entry, missing);
      return;
    }
    const to = `${missing[missing.length - 1]}\0`;
    loader.missRange({ entry, from, to, reverse: false, limit: Number.POSITIVE_INFINITY });
  }

  /**
   * Names of the collection's records from `from` (included) to `to` (excluded), both in one table: the first
   * `limit` of them in order, or with `reverse` the last ones downwards.
   */
  scanData(
    entry: Entry,
    { from, to, limit = Number.POSITIVE_INFINITY, reverse = false }: DataRange,
  ): string[] {
    this.#needRange(entry, from, to, limit, reverse);
    const order = this.#keyspace.residents.dataOf(entry).order(from.charCodeAt(0));
    const start = order.rank(from);
    const end = order.rank(to);
    if (reverse) return order.slice(Math.max(start, end - limit), end).reverse();
    return order.slice(start, Math.min(end, start + limit));
  }

  /** Names of all records of the collection, table by table. */
  allData(entry: Entry): string[] {
    this.#needRange(entry, WHOLE.from, WHOLE.to, Number.POSITIVE_INFINITY, false);
    const names: string[] = [];
    for (const [name, { value }] of this.#keyspace.residents.dataOf(entry).entries()) {
      if (value !== undefined) names.push(name);
    }
    return names.sort();
  }

  /** How many records of the collection have names from `from` (included) to `to` (excluded), both in one table. */
  countData(entry: Entry, from: string, to: string): number {
    this.#needRange(entry, from, to, Number.POSITIVE_INFINITY, false);
    const order = this.#keyspace.residents.dataOf(entry).order(from.charCodeAt(0));
    return order.rank(to) - order.rank(from);
  }

  /** The name of the record that has so many before it in the table; undefined if there are not so many. */
  dataAt(entry: Entry, table: number, rank: number): string | undefined {
    const { from, to } = tableRange(table);
    this.#needRange(entry, from, to, Number.POSITIVE_INFINITY, false);
    return this.#keyspace.residents.dataOf(entry).order(table).at(rank);
  }

  /**
   * How many records of its table, which holds `size`, stand before the name. Loads from both ends in turn until
   * one side of the name is resident.
   */
  rankOf(entry: Entry, name: string, size: number): number {
    const { from, to } = tableRange(name.charCodeAt(0));
    const order = this.#keyspace.residents.dataOf(entry).order(name.charCodeAt(0));
    for (let limit = RANGE_RECORDS_MIN; ; limit *= 2) {
      this.#needRange(entry, from, name, limit, false);
      if (this.knowsRange(entry, from, name)) return order.rank(name);
      this.#needRange(entry, name, to, limit, true);
      if (this.knowsRange(entry, name, to)) return size - order.size + order.rank(name);
    }
  }

  /**
   * Names of the records that have `start` to `end` (excluded) others before them in the table, which holds `size`.
   * Loads from the end of the table that is nearer.
   */
  sliceData(entry: Entry, table: number, start: number, end: number, size: number): string[] {
    const { from, to } = tableRange(table);
    const reverse = size - start < end;
    this.#needRange(entry, from, to, reverse ? size - start : end, reverse);
    const order = this.#keyspace.residents.dataOf(entry).order(table);
    // From the end that was loaded no name is missing up to these: their ranks are right from there.
    const missing = reverse ? size - order.size : 0;
    return order.slice(start - missing, end - missing);
  }

  /** Whether everything between the names is resident. */
  knowsRange({ data }: Entry, from: string, to: string): boolean {
    return data !== undefined && data.knownUpTo(from, to) === to;
  }

  /** 32 bits, signed, that place a name among others: the same for as long as the data directory lives. */
  hashOf(name: string): number {
    return hashOf(name, this.#keyspace.seed);
  }

  /** The range is resident, or as much of it as has `limit` records. */
  #needRange(entry: Entry, from: string, to: string, limit: number, reverse: boolean): void {
    const { loader, residents } = this.#keyspace;
    const data = residents.dataOf(entry);
    for (;;) {
      const known = reverse
        ? { from: data.knownDownTo(from, to), to }
        : { from, to: data.knownUpTo(from, to) };
      if (known.from === from && known.to === to) return;
      const missing = limit - residentCount(data, known, limit);
      if (missing <= 0) return;
      const left = reverse ? { from, to: known.from } : { from: known.to, to };
      loader.missRange({ entry, ...left, reverse, limit: Math.max(missing, RANGE_RECORDS_MIN) });
    }
  }

  /** Puts a record of the collection (undefined removes it). It need not be resident: a blind write. */
  writeData(entry: Entry, sub: string, value: string | undefined): void {
    const { residents, transaction } = this.#keyspace;
    const before = entry.data?.get(sub);
    transaction.add(new DataChange(entry, entry.record as Header, sub, before, value));
    const after = { value, segment: residents.segment };
    residents.setDataRecord(entry, sub, after);
    residents.markDirty(entry);
    this.#keyspace.grow(dataBytes(sub, after));
  }

  /** What a record of the entry is called in the store: for reads of the store beside the residents. */
  storedKey(entry: Entry, sub: string): string {
    const { dataSlot, version } = entry.record as Header;
    return dataKey(entry.space, dataSlot, version, sub);
  }

  /** Resident knowledge of the key, loaded if it must be; undefined if the filter says it was never there. */
  #find(space: Space, key: string): Entry | undefined {
    const name = nameOf(key);
    return this.#known(space, key, name, slotOf(key), hashOf(name, this.#keyspace.seed));
  }

  /** The entry that a record of the key can be put at. */
  #findOrAdd(space: Space, key: string): Entry {
    const name = nameOf(key);
    const slot = slotOf(key);
    const hash = hashOf(name, this.#keyspace.seed);
    const { residents } = this.#keyspace;
    const entry = this.#known(space, key, name, slot, hash);
    if (entry === undefined) return residents.add(key, name, space, slot, hash);
    // A deletion in the log, or an expiry, may have told only the name.
    if (isShortened(name)) residents.setKey(entry, key);
    return entry;
  }

  #known(space: Space, key: string, name: string, slot: number, hash: number): Entry | undefined {
    const entry = space.resident(name, slot, hash);
    if (entry !== undefined) {
      entry.visited = true;
      return entry;
    }
    if (!space.filter.mayContain(slot, hash)) return undefined;
    return this.#keyspace.loader.missKey(space, key, name, slot, hash);
  }

  #change(entry: Entry, after: KeyRecord | undefined, moved: boolean): void {
    const { residents, transaction } = this.#keyspace;
    const before = entry.record;
    if (before === undefined && after === undefined) return;
    const change = new KeyChange(entry, before, after, moved);
    transaction.add(change);
    entry.home.recount(before, after);
    if (before === undefined) entry.home.remember(entry.slot, entry.hash);
    this.#replaceData(entry, before, after, moved);
    residents.setRecord(entry, after);
    residents.markDirty(entry);
    this.#keyspace.grow(recordBytes(after));
    if (after !== undefined) this.#schedule(entry, before, dueAt(after));
  }

  /** The queue knows one time of an entry: the one before comes back with its header. */
  #schedule(entry: Entry, before: KeyRecord | undefined, due: number): void {
    if (due === NEVER) return;
    const { expiry, transaction } = this.#keyspace;
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
    const isNew = version !== 0 && version >= this.#keyspace.storage.log.nextLsn;
    this.#keyspace.residents.setData(entry, isNew ? new Collection(true) : undefined);
  }
}

/** Records in the range, which lies in one table if there is a limit: without one nobody asks. */
function residentCount(
  data: Collection,
  { from, to }: { readonly from: string; readonly to: string },
  limit: number,
): number {
  if (limit === Number.POSITIVE_INFINITY) return 0;
  const order = data.order(from.charCodeAt(0));
  return order.rank(to) - order.rank(from);
}
