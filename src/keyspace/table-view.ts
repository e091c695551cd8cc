/**
 * What is made of the resident records of one table, or of one that they imply, when it is first asked for, and keeps up with them from then on: their
 * names in order, and a pool for draws. Of a large table either is better made in slices before.
 */

import { sortTexts } from '../base/sort-by-bytes.js';
import { DrawPool } from './draw-pool.js';
import { OrderedKeys } from './ordered-keys.js';
import type { DataRecord, RecordTable } from './record-table.js';

/** Names that have come or gone since their order began to be made, and whether they are there now. */
type LateNames = Map<string, boolean>;
/** The same of records and a pool. */
type LateRecords = Set<DataRecord>;

interface Making<Late> {
  readonly late: Late;
  readonly done: Promise<void>;
}

export class TableView {
  readonly #records: RecordTable;
  readonly #table: number;
  /** What a record, that is there, is called in the order. */
  readonly #nameOf: (record: DataRecord) => string;
  #order: OrderedKeys | undefined;
  #pool: DrawPool | undefined;
  #makingOrder: Making<LateNames> | undefined;
  #makingPool: Making<LateRecords> | undefined;

  constructor(records: RecordTable, table: number, nameOf: (record: DataRecord) => string) {
    this.#records = records;
    this.#table = table;
    this.#nameOf = nameOf;
  }

  /** The record stands from now on, or no longer, among those of the table. */
  note(record: DataRecord, exists: boolean): void {
    this.noteName(record.sub, exists);
    if (this.#pool === undefined) this.#makingPool?.late.add(record);
    else if (exists) this.#pool.add(record);
    else this.#pool.remove(record);
    if (this.#pool?.isSparse) this.forgetPool();
  }

  /** The name stands from now on, or no longer, in the order. */
  noteName(name: string, exists: boolean): void {
    if (this.#order === undefined) this.#makingOrder?.late.set(name, exists);
    else if (exists) this.#order.add(name);
    else this.#order.delete(name);
  }

  /** Whether asking for the order costs nothing. */
  get hasOrder(): boolean {
    return this.#order !== undefined;
  }

  /** The names. */
  get order(): OrderedKeys {
    // The default order of strings is by code unit, which for latin1 is by byte.
    this.#order ??= new OrderedKeys(this.#existing(this.#nameOf).sort());
    return this.#order;
  }

  /** Several may ask for it at the same time. */
  makeOrder(): Promise<void> {
    this.#makingOrder ??= begin(new Map(), (late) => this.#sortNames(late));
    return this.#makingOrder.done;
  }

  async #sortNames(late: LateNames): Promise<void> {
    const order = new OrderedKeys(await sortTexts(await this.#existingPaced(this.#nameOf)));
    this.#makingOrder = undefined;
    for (const [name, exists] of late) {
      if (exists) order.add(name);
      else order.delete(name);
    }
    this.#order ??= order;
  }

  get hasPool(): boolean {
    return this.#pool !== undefined;
  }

  /** The records, all of which must be known, until `forgetPool` is called. */
  get pool(): DrawPool {
    this.#pool ??= new DrawPool(this.#existing((record) => record));
    return this.#pool;
  }

  makePool(): Promise<void> {
    this.#makingPool ??= begin(new Set(), (late) => this.#gather(late));
    return this.#makingPool.done;
  }

  async #gather(late: LateRecords): Promise<void> {
    const records = await this.#existingPaced((record) => record);
    if (this.#makingPool?.late !== late) return;
    this.#makingPool = undefined;
    const pool = new DrawPool(records.filter((record) => !late.has(record)));
    for (const record of late) if (this.#isThere(record)) pool.add(record);
    this.#pool ??= pool;
  }

  forgetPool(): void {
    this.#pool = undefined;
    this.#makingPool = undefined;
  }

  /** What is made of each record that is there. */
  #existing<T>(make: (record: DataRecord) => T): T[] {
    const made: T[] = [];
    this.#records.forEach((record) => {
      if (this.#exists(record)) made.push(make(record));
    });
    return made;
  }

  /** The same, of each as it is when the walk comes to it. */
  async #existingPaced<T>(make: (record: DataRecord) => T): Promise<T[]> {
    const made: T[] = [];
    await this.#records.forEachPaced((record) => {
      if (this.#exists(record)) made.push(make(record));
    });
    return made;
  }

  #exists({ sub, value }: DataRecord): boolean {
    return value !== undefined && sub.charCodeAt(0) === this.#table;
  }

  /** Not only was it there: another one may have taken its place. */
  #isThere(record: DataRecord): boolean {
    return this.#exists(record) && this.#records.find(record.sub) === record;
  }
}

function begin<Late>(late: Late, make: (late: Late) => Promise<void>): Making<Late> {
  return { late, done: make(late) };
}
