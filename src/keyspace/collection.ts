/**
 * The resident records of one collection, and what they are complete for: everything, ranges, or points. Names of
 * records (`sub`) start with the number of their table; within a table they are in the order of their bytes.
 */

import { Intervals } from './intervals.js';
import { type DataRecord, RecordTable } from './record-table.js';
import { TableView } from './table-view.js';

/** An estimate of what V8 takes for a record beside its strings, in bytes (118 measured). */
const DATA_BYTES = 120;

/** About the memory of a record with that name and value; undefined: it is known to be absent. */
export function dataBytes(sub: string, value: string | undefined): number {
  return DATA_BYTES + sub.length + (value?.length ?? 0);
}

/** What the record adds to the dataset: nothing, if there is none. */
export function valueBytes(sub: string, value: string | undefined): number {
  return value === undefined ? 0 : DATA_BYTES + sub.length + value.length;
}

/** What a type has made of all the records of a collection, to work with. */
export interface Derived {
  readonly value: unknown;
  /** Estimated memory. */
  readonly bytes: number;
  /** Leaves out what was made of one record, which changes. Without it, all of it goes. */
  forget?(sub: string): void;
}

/** Bounds of names: `from` is included, `to` is not. */
export interface NameRange {
  readonly from: string;
  readonly to: string;
}

/** Bounds of all names of a collection. */
export const WHOLE: NameRange = { from: '\x00', to: '\xff' };

/** Bounds of the names of one table. */
export function tableRange(table: number): NameRange {
  return { from: String.fromCharCode(table), to: String.fromCharCode(table + 1) };
}

export class Collection {
  /** Estimated memory of the records, and of what was made of them. */
  bytes = 0;
  /** Records that are known to be absent. */
  absences = 0;
  /** Counts what changed, and was undone, of the records that are not as in the store. */
  changes = 0;
  /** The checkpoint at which absences were last swept (see Residents). */
  sweptAt = -1;
  readonly #records = new RecordTable();
  /** True while the collection knows of every record: one that is not here is absent. */
  #complete: boolean;
  /** Ranges that are known as all of it would be. */
  readonly #known = new Intervals();
  /** By the numbers of the tables; few collections have any. */
  #views: Map<number, TableView> | undefined;
  #derived: Derived | undefined;
  /**
   * The name that was last looked up or set, and its record: a command reads a record before it writes it, and
   * look-ups in a large table are what it costs most (a ZADD that moves a member did fourteen, and does six).
   */
  #lastSub = '';
  #lastRecord: DataRecord | undefined;

  constructor(complete: boolean) {
    this.#complete = complete;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Resident records, absences included. */
  get size(): number {
    return this.#records.size;
  }

  get(sub: string): DataRecord | undefined {
    if (sub === this.#lastSub) return this.#lastRecord;
    this.#lastSub = sub;
    this.#lastRecord = this.#records.find(sub);
    return this.#lastRecord;
  }

  /** Where records are whose names have that hash (see RecordTable). */
  firstOfBucket(hash: number): DataRecord | undefined {
    return this.#records.firstOfBucket(hash);
  }

  /** Every resident record, absences included, in no order. None may come or go meanwhile. */
  forEach(visit: (record: DataRecord) => void): void {
    this.#records.forEach(visit);
  }

  /** So many of the records, or a few more, or all, going on where the last call stopped. */
  nextRecords(count: number): DataRecord[] {
    return this.#records.next(count);
  }

  /** What was made of the records as they are. */
  get derived(): Derived | undefined {
    return this.#derived;
  }

  setDerived(derived: Derived | undefined): void {
    this.bytes += (derived?.bytes ?? 0) - (this.#derived?.bytes ?? 0);
    this.#derived = derived;
  }

  /** Sets what is known of a record: its value, or with undefined that it is absent. What was made of it goes. */
  set(sub: string, value: string | undefined, segment: number): void {
    if (this.#derived !== undefined) this.#forgetDerived(this.#derived, sub);
    const record = this.get(sub);
    if (segment !== 0 || (record !== undefined && record.segment !== 0)) this.changes++;
    if (record === undefined) {
      const added = this.#records.add(sub, value, segment);
      this.#lastRecord = added;
      this.bytes += dataBytes(sub, value);
      if (value === undefined) this.absences++;
      else this.#note(added, true);
      return;
    }
    const before = record.value;
    record.value = value;
    record.segment = segment;
    this.bytes += (value?.length ?? 0) - (before?.length ?? 0);
    if ((value === undefined) === (before === undefined)) return;
    this.absences += value === undefined ? 1 : -1;
    this.#note(record, value !== undefined);
  }

  /** From now on nothing is known of the record, unless the collection knows the range it lies in. */
  forget(sub: string): void {
    if (this.#derived !== undefined) this.#forgetDerived(this.#derived, sub);
    const record = this.get(sub);
    if (record === undefined) return;
    this.#records.remove(record);
    if (record.segment !== 0) this.changes++;
    this.#lastRecord = undefined;
    this.bytes -= dataBytes(sub, record.value);
    if (record.value === undefined) this.absences--;
    else this.#note(record, false);
  }

  /** The record stands from now on, or no longer, among those of its table. */
  #note(record: DataRecord, exists: boolean): void {
    this.#views?.get(record.sub.charCodeAt(0))?.note(record, exists);
  }

  #forgetDerived(derived: Derived, sub: string): void {
    if (derived.forget === undefined) this.setDerived(undefined);
    else derived.forget(sub);
  }

  /** From now on what is not resident may be in the store. */
  forgetAbsences(): void {
    this.#complete = false;
    this.#known.clear();
    for (const view of this.#views?.values() ?? []) view.forgetPool();
  }

  /** From now on what is not resident in the range is absent. */
  learn(from: string, to: string): void {
    this.#known.add(from, to);
    if (this.#known.endAfter(WHOLE.from) !== WHOLE.to) return;
    this.#complete = true;
    this.#known.clear();
  }

  /** Whether it is known if the record exists. */
  knows(sub: string): boolean {
    return this.get(sub) !== undefined || this.coversAbsence(sub);
  }

  /** Whether the record would be known to be absent if nothing were noted of it. */
  coversAbsence(sub: string): boolean {
    return this.#complete || this.#known.endAfter(sub) !== undefined;
  }

  /** How far, from `from` towards `to`, every record is known; `from` itself if nothing is. */
  knownUpTo(from: string, to: string): string {
    if (this.#complete) return to;
    const end = this.#known.endAfter(from);
    if (end === undefined) return from;
    return end < to ? end : to;
  }

  /** How far down, from `to` (excluded) towards `from`, every record is known; `to` itself if nothing is. */
  knownDownTo(from: string, to: string): string {
    if (this.#complete) return from;
    const start = this.#known.startBefore(to);
    if (start === undefined) return to;
    return start > from ? start : from;
  }

  /** Of the resident records of the table. For its pool all must be known. */
  view(table: number): TableView {
    this.#views ??= new Map();
    let view = this.#views.get(table);
    if (view === undefined) {
      view = new TableView(this.#records, table);
      this.#views.set(table, view);
    }
    return view;
  }
}
