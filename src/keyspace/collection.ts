/**
 * The resident records of one collection, and what they are complete for: everything, ranges, or points. Names of
 * records (`sub`) start with the number of their table; within a table they are in the order of their bytes.
 */

import { Intervals } from './intervals.js';
import { OrderedKeys } from './ordered-keys.js';

/** One resident record of a collection. */
export interface DataRecord {
  /** undefined: known to be absent. */
  readonly value: string | undefined;
  /** The segment that holds its last change; 0 if it came from the store. */
  readonly segment: number;
}

/** An estimate of what V8 takes for a record beside its strings, in bytes (125 measured, in a Map). */
const DATA_BYTES = 120;

export function dataBytes(sub: string, record: DataRecord | undefined): number {
  if (record === undefined) return 0;
  return DATA_BYTES + sub.length + (record.value?.length ?? 0);
}

/** What a type has made of all the records of a collection, to work with. */
export interface Derived {
  readonly value: unknown;
  /** Estimated memory. */
  readonly bytes: number;
  /** Leaves out what was made of one record, which changes. Without it, all of it goes. */
  forget?(sub: string): void;
}

/** Bounds of all names of a collection. */
export const WHOLE = { from: '\x00', to: '\xff' } as const;

/** Bounds of the names of one table. */
export function tableRange(table: number): { readonly from: string; readonly to: string } {
  return { from: String.fromCharCode(table), to: String.fromCharCode(table + 1) };
}

export class Collection {
  /** Estimated memory of the records, and of what was made of them. */
  bytes = 0;
  /** Records that are known to be absent. */
  absences = 0;
  /** The checkpoint at which absences were last swept (see Residents). */
  sweptAt = -1;
  readonly #records = new Map<string, DataRecord>();
  #hand: IterableIterator<[string, DataRecord]> | undefined;
  /** True while the collection knows of every record: one that is not here is absent. */
  #complete: boolean;
  /** Ranges that are known as all of it would be. */
  readonly #known = new Intervals();
  /** The names that stand in each table, in order; made when first asked for. */
  readonly #orders = new Map<number, OrderedKeys>();
  #derived: Derived | undefined;
  /**
   * The name that was last looked up or set, and what is known of it: a command reads a record before it writes it, and
   * a look-up in a large map is what it costs most (a ZADD that moves a member did fourteen, and does six).
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
    this.#lastRecord = this.#records.get(sub);
    return this.#lastRecord;
  }

  /** Every resident record with its name, absences included, in the order they came. */
  entries(): IterableIterator<[string, DataRecord]> {
    return this.#records.entries();
  }

  /** The same in two thirds of the time (measured), and without garbage: for those who look at all of a large collection. */
  forEach(visit: (sub: string, record: DataRecord) => void): void {
    this.#records.forEach((record, sub) => {
      visit(sub, record);
    });
  }

  /** So many of the entries, or all, going on where the last call stopped. */
  nextEntries(count: number): [string, DataRecord][] {
    const found: [string, DataRecord][] = [];
    const most = Math.min(count, this.#records.size);
    while (found.length < most) {
      this.#hand ??= this.#records.entries();
      const { value, done } = this.#hand.next();
      if (done === true) this.#hand = undefined;
      else found.push(value);
    }
    return found;
  }

  /** What was made of the records as they are. */
  get derived(): Derived | undefined {
    return this.#derived;
  }

  setDerived(derived: Derived | undefined): void {
    this.bytes += (derived?.bytes ?? 0) - (this.#derived?.bytes ?? 0);
    this.#derived = derived;
  }

  /**
   * Sets what is known of a record; undefined: nothing is, unless the collection knows the range it lies in. What was
   * made of the record goes.
   */
  set(sub: string, record: DataRecord | undefined): void {
    if (this.#derived !== undefined) this.#forgetDerived(this.#derived, sub);
    const before = this.get(sub);
    this.#lastRecord = record;
    this.bytes += dataBytes(sub, record) - dataBytes(sub, before);
    if (record === undefined) this.#records.delete(sub);
    else this.#records.set(sub, record);
    this.absences += isAbsence(record) - isAbsence(before);
    const stands = record?.value !== undefined;
    if (stands === (before?.value !== undefined)) return;
    const order = this.#orders.get(sub.charCodeAt(0));
    if (stands) order?.add(sub);
    else order?.delete(sub);
  }

  #forgetDerived(derived: Derived, sub: string): void {
    if (derived.forget === undefined) this.setDerived(undefined);
    else derived.forget(sub);
  }

  /** From now on what is not resident may be in the store. */
  forgetAbsences(): void {
    this.#complete = false;
    this.#known.clear();
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

  /** The names in a table, of records that exist and are resident. */
  order(table: number): OrderedKeys {
    let order = this.#orders.get(table);
    if (order === undefined) {
      const names: string[] = [];
      for (const [sub, { value }] of this.#records) {
        if (value !== undefined && sub.charCodeAt(0) === table) names.push(sub);
      }
      order = new OrderedKeys(names);
      this.#orders.set(table, order);
    }
    return order;
  }
}

function isAbsence(record: DataRecord | undefined): number {
  return record !== undefined && record.value === undefined ? 1 : 0;
}
