/**
 * What is made of the resident records of one table when it is first asked for, and keeps up with them from then on: their
 * names in order, and a pool for draws. Of a large table either is better made in slices before.
 */

import { sortTexts } from '../base/sort-by-bytes.js';
import { DrawPool } from './draw-pool.js';
import { OrderedKeys } from './ordered-keys.js';
import type { DataRecord, RecordTable } from './record-table.js';

/** Records that have come or gone since something began to be made, in the order in which they first did. */
type Late = Set<DataRecord>;

interface Making {
  readonly late: Late;
  readonly done: Promise<void>;
}

export class TableView {
  readonly #records: RecordTable;
  readonly #table: number;
  #order: OrderedKeys | undefined;
  #pool: DrawPool | undefined;
  #makingOrder: Making | undefined;
  #makingPool: Making | undefined;

  constructor(records: RecordTable, table: number) {
    this.#records = records;
    this.#table = table;
  }

  /** The record stands from now on, or no longer, among those of the table. */
  note(record: DataRecord, exists: boolean): void {
    if (this.#order === undefined) this.#makingOrder?.late.add(record);
    else if (exists) this.#order.add(record.sub);
    else this.#order.delete(record.sub);
    if (this.#pool === undefined) this.#makingPool?.late.add(record);
    else if (exists) this.#pool.add(record);
    else this.#pool.remove(record);
    if (this.#pool?.isSparse) this.forgetPool();
  }

  /** Whether asking for the order costs nothing. */
  get hasOrder(): boolean {
    return this.#order !== undefined;
  }

  /** The names. */
  get order(): OrderedKeys {
    // The default order of strings is by code unit, which for latin1 is by byte.
    this.#order ??= new OrderedKeys(namesOf(this.#existing()).sort());
    return this.#order;
  }

  /** Several may ask for it at the same time. */
  makeOrder(): Promise<void> {
    this.#makingOrder ??= begin((late) => this.#sortNames(late));
    return this.#makingOrder.done;
  }

  async #sortNames(late: Late): Promise<void> {
    const order = new OrderedKeys(await sortTexts(namesOf(await this.#existingPaced())));
    this.#makingOrder = undefined;
    for (const record of late) {
      if (this.#isThere(record)) order.add(record.sub);
      else order.delete(record.sub);
    }
    this.#order ??= order;
  }

  get hasPool(): boolean {
    return this.#pool !== undefined;
  }

  /** The records, all of which must be known, until `forgetPool` is called. */
  get pool(): DrawPool {
    this.#pool ??= new DrawPool(this.#existing());
    return this.#pool;
  }

  makePool(): Promise<void> {
    this.#makingPool ??= begin((late) => this.#gather(late));
    return this.#makingPool.done;
  }

  async #gather(late: Late): Promise<void> {
    const records = await this.#existingPaced();
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

  #existing(): DataRecord[] {
    const records: DataRecord[] = [];
    this.#records.forEach((record) => {
      if (this.#exists(record)) records.push(record);
    });
    return records;
  }

  async #existingPaced(): Promise<DataRecord[]> {
    const records: DataRecord[] = [];
    await this.#records.forEachPaced((record) => {
      if (this.#exists(record)) records.push(record);
    });
    return records;
  }

  #exists({ sub, value }: DataRecord): boolean {
    return value !== undefined && sub.charCodeAt(0) === this.#table;
  }

  /** Not only was it there: another one may have taken its place. */
  #isThere(record: DataRecord): boolean {
    return this.#exists(record) && this.#records.find(record.sub) === record;
  }
}

function namesOf(records: readonly DataRecord[]): string[] {
  return records.map(({ sub }) => sub);
}

function begin(make: (late: Late) => Promise<void>): Making {
  const late: Late = new Set();
  return { late, done: make(late) };
}
