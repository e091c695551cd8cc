/**
 * The records of a table in no order, of which some are drawn by chance: each is as likely as any other. A draw takes the
 * same time whatever their number; what was drawn is removed as fast, and anything else once it is come upon. It keeps no order: a
 * request that is run again may draw others.
 */

import type { DataRecord } from './record-table.js';

/** With one that is gone among so many a pool is sparse. */
const GONE_SHARE = 4;

/** At least 0 and less than 1. */
type Random = () => number;

export class DrawPool {
  /** Each once, and those that are gone. */
  readonly #records: DataRecord[];
  readonly #gone = new Set<DataRecord>();
  /** Where the one stands that was drawn last, or the next of a sample: it is often the next to be removed. -1: none was drawn. */
  #drawnAt = -1;

  /** Distinct ones. */
  constructor(records: DataRecord[]) {
    this.#records = records;
  }

  get size(): number {
    return this.#records.length - this.#gone.size;
  }

  /** Adds a record that is not there. */
  add(record: DataRecord): void {
    if (!this.#gone.delete(record)) this.#records.push(record);
  }

  /** Removes a record that is there. */
  remove(record: DataRecord): void {
    if (this.#records[this.#drawnAt] === record) {
      this.#takeOut(this.#drawnAt);
      this.#drawnAt++; // the next of a sample
    } else {
      this.#gone.add(record);
    }
  }

  /** Of those that are gone so many hold memory that another pool is worth its making. */
  get isSparse(): boolean {
    return this.#gone.size * GONE_SHARE > this.#records.length;
  }

  /** One of them; undefined if there is none. */
  draw(random: Random): DataRecord | undefined {
    this.#drawnAt = this.#find(0, random);
    return this.#records[this.#drawnAt];
  }

  /** So many different ones, or all if there are not so many. They are put before the rest. */
  sample(count: number, random: Random): readonly DataRecord[] {
    const records = this.#records;
    const most = Math.min(count, this.size);
    for (let i = 0; i < most; i++) {
      const other = this.#find(i, random);
      [records[i], records[other]] = [records[other] as DataRecord, records[i] as DataRecord];
    }
    this.#drawnAt = 0;
    return records.slice(0, most);
  }

  /** The place of one of those that stand from `from` on; the end if there is none. Takes out what is gone. */
  #find(from: number, random: Random): number {
    for (;;) {
      const { length } = this.#records;
      const at = from + Math.floor(random() * (length - from));
      const record = this.#records[at];
      if (record === undefined || !this.#gone.delete(record)) return at;
      this.#takeOut(at);
    }
  }

  /** The last one takes its place. */
  #takeOut(at: number): void {
    const last = this.#records.pop() as DataRecord;
    if (at < this.#records.length) this.#records[at] = last;
  }
}
