/**
 * The records of collections as types see them: all as if they were in memory. What is not resident throws the
 * fault; nothing here is asynchronous, ever.
 */

import type { ChangedBytes } from './changed-bytes.js';
import { KeyChange } from './changes.js';
import {
  type Collection,
  type Derived,
  dataBytes,
  type NameRange,
  tableRange,
  WHOLE,
} from './collection.js';
import { DataChange, ImpliedChange } from './data-changes.js';
import type { DrawPool } from './draw-pool.js';
import { dataKey } from './encoding.js';
import type { Entry } from './entry.js';
import type { Header } from './header.js';
import type { ImpliedForm, ImpliedTable } from './implied-table.js';
import type { Keyspace } from './keyspace.js';
import type { OrderedKeys } from './ordered-keys.js';

export interface DataRange extends NameRange {
  /** Default: all. */
  readonly limit?: number;
  readonly reverse?: boolean;
}

/** What a change takes beside the record that it brings, in bytes (an estimate). */
const CHANGE_BYTES = 120;
/** A collection up to this size is not worth a change of its header. */
const SMALL_BYTES = 4096;
/** Fewer are not worth a fault. */
const RANGE_RECORDS_MIN = 64;
/** Of so many records the order, or a pool, is made at once: some milliseconds. */
const MADE_AT_ONCE = 10_000;

/** Each method takes the entry of the collection, whose record must be a header with a version. */
export class CollectionView {
  protected readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /**
   * One record of the collection at the entry; undefined if it has none. `sub` starts with the number of its
   * table.
   */
  readData(entry: Entry, sub: string): string | undefined {
    const { data } = entry;
    const record = data?.get(sub);
    if (record !== undefined) return record.value;
    if (data?.implied?.has(sub)) return this.#impliedValue(data, data.implied, sub);
    if (data?.coversAbsence(sub)) return undefined;
    this.keyspace.loader.missData(entry, [sub]);
    return entry.data?.get(sub)?.value;
  }

  #impliedValue(data: Collection, { form }: ImpliedTable, name: string): string | undefined {
    const sub = form.sourceOf(name, this.keyspace.memberNames);
    const value = data.get(sub)?.value;
    if (value === undefined || form.nameOf(sub, value) !== name) return undefined;
    return form.valueOf(sub, value);
  }

  /** Makes sure that the records are resident, faulting once for all that are not. */
  needData(entry: Entry, subs: readonly string[]): void {
    if (entry.data?.complete) return;
    const missing = subs.filter((sub) => !entry.data?.knows(sub));
    if (missing.length > 0) this.keyspace.loader.missData(entry, missing);
  }

  /** The same of one record of each of many collections. */
  needEach(records: readonly (readonly [entry: Entry, sub: string])[]): void {
    const { loader } = this.keyspace;
    for (const [entry, sub] of records) if (!entry.data?.knows(sub)) loader.wantData(entry, sub);
    loader.missWanted();
  }

  /**
   * Makes sure that records which follow each other, none left out, in one table are resident: many that are
   * missing are loaded as a range.
   */
  needRun(entry: Entry, subs: readonly string[]): void {
    if (entry.data?.complete) return;
    const missing = subs.filter((sub) => !entry.data?.knows(sub));
    const [from] = missing;
    if (from === undefined) return;
    const { loader } = this.keyspace;
    if (missing.length < RANGE_RECORDS_MIN) {
      loader.missData(entry, missing);
      return;
    }
    const to = `${missing[missing.length - 1]}\0`;
    loader.missRange({ entry, from, to, reverse: false, limit: Number.POSITIVE_INFINITY });
  }

  /** Loads ranges of names, each in one table, for what reads them after each other. */
  needRanges(entry: Entry, ranges: readonly NameRange[]): void {
    for (const { from, to } of ranges) {
      this.#needRange(entry, from, to, Number.POSITIVE_INFINITY, false);
    }
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
    const order = this.#orderOf(entry, from.charCodeAt(0));
    const start = order.rank(from);
    const end = order.rank(to);
    if (reverse) return order.slice(Math.max(start, end - limit), end).reverse();
    return order.slice(start, Math.min(end, start + limit));
  }

  /** Names of all records of the collection, table by table. */
  allData(entry: Entry): string[] {
    this.#needRange(entry, WHOLE.from, WHOLE.to, Number.POSITIVE_INFINITY, false);
    const names: string[] = [];
    this.keyspace.residents.dataOf(entry).forEachIn(WHOLE, (sub, value) => {
      if (value !== undefined) names.push(sub);
    });
    return names.sort();
  }

  /** How many records of the collection have names from `from` (included) to `to` (excluded), both in one table. */
  countData(entry: Entry, from: string, to: string): number {
    this.#needRange(entry, from, to, Number.POSITIVE_INFINITY, false);
    const order = this.#orderOf(entry, from.charCodeAt(0));
    return order.rank(to) - order.rank(from);
  }

  /** The name of a record of the table by chance; undefined if it has none. All of the table is loaded. */
  drawData(entry: Entry, table: number): string | undefined {
    return this.#poolOf(entry, table).draw(this.keyspace.transaction.random)?.sub;
  }

  /** The names of so many different records of the table by chance, or of all if it has not so many. All of it is loaded. */
  sampleData(entry: Entry, table: number, count: number): string[] {
    return this.#poolOf(entry, table)
      .sample(count, this.keyspace.transaction.random)
      .map(({ sub }) => sub);
  }

  #poolOf(entry: Entry, table: number): DrawPool {
    const { from, to } = tableRange(table);
    this.#needRange(entry, from, to, Number.POSITIVE_INFINITY, false);
    const data = this.keyspace.residents.dataOf(entry);
    const view = data.view(table);
    if (!view.hasPool)
      this.#makeBefore(data, `pool:${entry.space}:${entry.key}:${table}`, () => view.makePool());
    return view.pool;
  }

  /**
   * How many records of its table, which holds `size`, stand before the name. Loads from both ends in turn until
   * one side of the name is resident; undefined if more than `most` would have to be on each.
   */
  rankOf(entry: Entry, name: string, size: number, most: number): number | undefined {
    const { from, to } = tableRange(name.charCodeAt(0));
    const order = this.#orderOf(entry, name.charCodeAt(0));
    for (let limit = RANGE_RECORDS_MIN; limit <= most; limit *= 2) {
      this.#needRange(entry, from, name, limit, false);
      if (this.knowsRange(entry, from, name)) return order.rank(name);
      this.#needRange(entry, name, to, limit, true);
      if (this.knowsRange(entry, name, to)) return size - order.size + order.rank(name);
    }
    return undefined;
  }

  /**
   * Names of the records that have `start` to `end` (excluded) others before them in the table, which holds `size`.
   * Loads from the end of the table that is nearer.
   */
  sliceData(entry: Entry, table: number, start: number, end: number, size: number): string[] {
    const { from, to } = tableRange(table);
    const reverse = size - start < end;
    this.#needRange(entry, from, to, reverse ? size - start : end, reverse);
    const order = this.#orderOf(entry, table);
    // From the end that was loaded no name is missing up to these: their ranks are right from there.
    const missing = reverse ? size - order.size : 0;
    return order.slice(start - missing, end - missing);
  }

  /** About what the running request has loaded, in bytes. */
  get loadedBytes(): number {
    return this.keyspace.transaction.loadedBytes;
  }

  /** Whether everything between the names is resident. */
  knowsRange({ data }: Entry, from: string, to: string): boolean {
    return data !== undefined && data.knownUpTo(from, to) === to;
  }

  /**
   * Puts a record of the collection (undefined removes it). It need not be resident: a blind write. `changed`: all other bytes of it
   * are as they were.
   */
  writeData(entry: Entry, sub: string, value: string | undefined, changed?: ChangedBytes): void {
    const { residents, transaction } = this.keyspace;
    const change = new DataChange(entry, sub, value);
    if (changed !== undefined) change.changesOnly(changed, residents.segment);
    transaction.add(change);
    this.#grow(entry, change);
    residents.setDataRecord(entry, sub, value, residents.segment);
    residents.markDirty(entry);
    this.keyspace.grow(dataBytes(sub, value) + CHANGE_BYTES);
  }

  /** Of a new collection: a table will follow from another one, and be changed by `writeImplied` alone. */
  implyTable(entry: Entry, form: ImpliedForm): void {
    this.keyspace.residents.dataOf(entry).imply(form);
  }

  /**
   * The same as `writeData` with a record that follows from another one, which must have been changed already. `before` is what
   * it was, undefined if there was none.
   */
  writeImplied(
    entry: Entry,
    sub: string,
    before: string | undefined,
    after: string | undefined,
  ): void {
    const { residents, transaction } = this.keyspace;
    const implied = entry.data?.implied;
    if (implied === undefined || implied.isClosing) {
      // From now on a record of it is kept.
      if (implied && before !== undefined && !entry.data?.get(sub)) {
        residents.setDataRecord(entry, sub, before, 0);
      }
      this.writeData(entry, sub, after);
      return;
    }
    const change = new ImpliedChange(entry, sub, before, after);
    transaction.add(change);
    this.#grow(entry, change);
    implied.segment = residents.segment;
    residents.markDirty(entry);
    this.keyspace.grow(dataBytes(sub, after) + CHANGE_BYTES);
  }

  /**
   * What the collection takes stands in its header, which is not written with each change of an element: it is when the
   * size has become another by a quarter or so, so that it is never far off once the collection has left the memory.
   */
  #grow(entry: Entry, { header, growth }: DataChange | ImpliedChange): void {
    if (growth === 0) return;
    const { residents, transaction } = this.keyspace;
    const before = sizeClass(header.bytes);
    header.bytes += growth;
    residents.resizeDataset(entry.home, growth);
    if (sizeClass(header.bytes) === before) return;
    transaction.add(new KeyChange(entry, header, header, false));
  }

  /** Fails before any work is done if one transaction has no room to write so many records. @throws CommandTooLarge */
  needRoom(records: number): void {
    const each = dataBytes('', undefined) + CHANGE_BYTES;
    this.keyspace.checkChanged(this.keyspace.transaction.bytes + records * each);
  }

  /** Fails before any work is done if the request may not load so many records of the collection. @throws CommandTooLarge */
  needRoomToLoad(entry: Entry, records: number): void {
    const resident = entry.data?.size ?? 0;
    if (records > resident) this.keyspace.loader.needRoom(records - resident);
  }

  /** Notes that the request takes so much more memory. @throws CommandTooLarge */
  reserve(bytes: number): void {
    this.keyspace.grow(bytes);
  }

  /** What was made of records of the collection and kept with it; undefined once it went with one that has changed. */
  derivedOf(entry: Entry): unknown {
    return entry.data?.derived?.value;
  }

  /** Keeps what was made of the records as they are now, or with `undefined` forgets it. */
  keepDerived(entry: Entry, derived: Derived | undefined): void {
    this.keyspace.residents.setDerived(entry, derived);
  }

  /** What a record of the entry is called in the store: for reads of the store beside the residents. */
  storedKey(entry: Entry, sub: string): string {
    const { dataSlot, version } = entry.record as Header;
    return dataKey(entry.space, dataSlot, version, sub);
  }

  /** The range is resident, or as much of it as has `limit` records. */
  #needRange(entry: Entry, from: string, to: string, limit: number, reverse: boolean): void {
    const { loader, residents } = this.keyspace;
    const data = residents.dataOf(entry);
    for (;;) {
      const known = reverse
        ? { from: data.knownDownTo(from, to), to }
        : { from, to: data.knownUpTo(from, to) };
      if (known.from === from && known.to === to) return;
      const missing = limit - this.#countResident(entry, known, limit);
      if (missing <= 0) return;
      const left = reverse ? { from, to: known.from } : { from: known.to, to };
      loader.missRange({ entry, ...left, reverse, limit: Math.max(missing, RANGE_RECORDS_MIN) });
    }
  }

  /** Records in the range, which lies in one table if there is a limit: without one nobody asks. */
  #countResident(entry: Entry, { from, to }: NameRange, limit: number): number {
    if (limit === Number.POSITIVE_INFINITY) return 0;
    const order = this.#orderOf(entry, from.charCodeAt(0));
    return order.rank(to) - order.rank(from);
  }

  /** The order of the collection's names in a table. */
  #orderOf(entry: Entry, table: number): OrderedKeys {
    const data = this.keyspace.residents.dataOf(entry);
    const view = data.view(table);
    if (!view.hasOrder)
      this.#makeBefore(data, `order:${entry.space}:${entry.key}:${table}`, () => view.makeOrder());
    return view.order;
  }

  /** Faults while it is made, if the collection is large and the request can wait. */
  #makeBefore(data: Collection, name: string, make: () => Promise<void>): void {
    const { transaction } = this.keyspace;
    if (data.size > MADE_AT_ONCE && !transaction.mustFinish) transaction.await(name, make);
  }
}

/** Four of them from each power of two to the next; one for all that are small. Logarithms take too long for each change. */
function sizeClass(bytes: number): number {
  if (bytes < SMALL_BYTES) return 0;
  // Ten powers of two less, for what is no integer of 32 bits.
  if (bytes >= 2 ** 31) return 40 + sizeClass(bytes / 1024);
  const power = 31 - Math.clz32(bytes);
  return power * 4 + (bytes >>> (power - 2));
}
