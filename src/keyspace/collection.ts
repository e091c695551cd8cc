/**
 * The resident records of one collection, and what they are complete for: everything, ranges, or points. Names of
 * records (`sub`) start with the number of their table; within a table they are in the order of their bytes.
 */

import { assert } from '../base/assert.js';
import { type ImpliedForm, ImpliedTable, impliedBytes } from './implied-table.js';
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

/** Is told of a record: its name, its value or that it is absent, and the segment of its last change. */
type VisitRecord = (sub: string, value: string | undefined, segment: number) => void;

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
  #implied: ImpliedTable | undefined;
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

  /** The same in the range, with those that are implied, and the segment of the last change of each. */
  forEachIn({ from, to }: NameRange, visit: VisitRecord): void {
    const implied = this.#implied;
    const isIn = (name: string): boolean => name >= from && name < to;
    this.#records.forEach(({ sub, value, segment }) => {
      if (isIn(sub) && !implied?.has(sub)) visit(sub, value, segment);
    });
    if (implied === undefined || tableRange(implied.form.table).to <= from) return;
    if (tableRange(implied.form.table).from >= to) return;
    this.#forEachImplied(implied, (name, value) => {
      if (isIn(name)) visit(name, value, implied.segment);
    });
  }

  #forEachImplied(implied: ImpliedTable, visit: (name: string, value: string) => void): void {
    const { form } = implied;
    this.#records.forEach(({ sub, value }) => {
      if (value === undefined || !implied.isSource(sub)) return;
      visit(form.nameOf(sub, value), form.valueOf(sub, value));
    });
  }

  /** Its table that is not kept, if it has one. */
  get implied(): ImpliedTable | undefined {
    return this.#implied;
  }

  /** Keeps no records of the table from now on, until not all that it follows from is resident. It must be new, and empty. */
  imply(form: ImpliedForm): void {
    assert(this.#complete && this.size === 0, 'the collection is not new');
    this.#implied = new ImpliedTable(form);
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
      this.#imply(sub, undefined, value);
      return;
    }
    const before = record.value;
    record.value = value;
    record.segment = segment;
    this.bytes += (value?.length ?? 0) - (before?.length ?? 0);
    this.#imply(sub, before, value);
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
    this.#imply(sub, record.value, undefined);
  }

  /** The record stands from now on, or no longer, among those of its table. */
  #note(record: DataRecord, exists: boolean): void {
    this.#views?.get(record.sub.charCodeAt(0))?.note(record, exists);
  }

  /** What follows from the record follows from now on from its new value. */
  #imply(sub: string, before: string | undefined, after: string | undefined): void {
    const implied = this.#implied;
    if (!implied?.isSource(sub)) return;
    const count = (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    implied.bytes += count * impliedBytes(sub);
    this.bytes += count * impliedBytes(sub);
    const { form } = implied;
    const view = this.#views?.get(form.table);
    if (view === undefined) return;
    if (before !== undefined) view.noteName(form.nameOf(sub, before), false);
    if (after !== undefined) view.noteName(form.nameOf(sub, after), true);
  }

  #forgetDerived(derived: Derived, sub: string): void {
    if (derived.forget === undefined) this.setDerived(undefined);
    else derived.forget(sub);
  }

  /** From now on what is not resident may be in the store: nothing is implied any more. */
  forgetAbsences(): void {
    this.#endImplied();
    this.#complete = false;
    this.#known.clear();
    for (const view of this.#views?.values() ?? []) view.forgetPool();
  }

  #endImplied(): void {
    if (this.#implied === undefined) return;
    this.bytes -= this.#implied.bytes;
    this.#views?.delete(this.#implied.form.table);
    this.#implied = undefined;
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

  /** Of the resident records of the table. For its pool all must be known, and none implied. */
  view(table: number): TableView {
    this.#views ??= new Map();
    let view = this.#views.get(table);
    if (view === undefined) {
      view = this.#newView(table);
      this.#views.set(table, view);
    }
    return view;
  }

  #newView(table: number): TableView {
    const form = this.#implied?.form;
    if (form?.table !== table) return new TableView(this.#records, table, ({ sub }) => sub);
    const nameOf = ({ sub, value }: DataRecord): string => form.nameOf(sub, value as string);
    return new TableView(this.#records, form.source, nameOf);
  }
}
