/** Reads a range of a collection from the store, page by page, and makes it resident. */

import type { RangePage, RangeQuery } from '../storage/storage.js';
import { type Collection, dataBytes } from './collection.js';
import { dataKey } from './encoding.js';
import type { WantedRange } from './fault.js';
import { countsBytes, type Header, versionOf } from './header.js';
import type { Keyspace } from './keyspace.js';

const PAGE_RECORDS = 1000;
const PAGE_BYTES = 1024 * 1024;

/** A range with no more is read at a stretch: a request may need many such, one after the other. */
const SHORT_RECORDS = 1000;
/** What a piece of a long value has at least, about. */
const PIECE_BYTES = 4096;

export function isShort({ entry, limit }: WantedRange): boolean {
  const header = entry.record as Header;
  const records = countsBytes(header) ? header.count / PIECE_BYTES : header.count;
  return Math.min(limit, records) <= SHORT_RECORDS;
}

export class RangeLoad {
  /** True once the range, or as many records as were asked for, is resident. */
  done = false;
  records = 0;
  /** About what the records take in memory. */
  bytes = 0;
  readonly #keyspace: Keyspace;
  readonly #range: WantedRange;
  readonly #version: number;
  /** What every key of the collection starts with. */
  readonly #prefix: string;
  /** What is left to be read. */
  #from: string;
  #to: string;

  constructor(keyspace: Keyspace, range: WantedRange) {
    this.#keyspace = keyspace;
    this.#range = range;
    const { version, dataSlot } = range.entry.record as Header;
    this.#version = version;
    this.#prefix = dataKey(range.entry.space, dataSlot, version, '');
    this.#from = range.from;
    this.#to = range.to;
  }

  query(): RangeQuery {
    const { limit, reverse } = this.#range;
    return {
      from: this.#prefix + this.#from,
      to: this.#prefix + this.#to,
      reverse,
      maxRecords: Math.min(PAGE_RECORDS, limit - this.records),
      maxBytes: PAGE_BYTES,
    };
  }

  /** What was not read yet. */
  get rest(): WantedRange {
    const { limit } = this.#range;
    return { ...this.#range, from: this.#from, to: this.#to, limit: limit - this.records };
  }

  /** Takes the page that the query brought. Newer truths that are resident already stay. */
  install({ keys, values, done }: RangePage): void {
    const { entry, limit, reverse } = this.#range;
    if (!this.#isCurrent()) {
      this.done = true;
      return;
    }
    const { residents } = this.#keyspace;
    const data = residents.dataOf(entry);
    let last = '';
    for (const [i, key] of keys.entries()) {
      last = key.slice(this.#prefix.length);
      const value = values[i] as string;
      this.bytes += dataBytes(last, value);
      if (!data.knows(last)) residents.setDataRecord(entry, last, value, 0);
    }
    this.records += keys.length;
    this.#learn(data, reverse, done, last);
    this.done = done || this.records >= limit;
  }

  #isCurrent(): boolean {
    const { home, record } = this.#range.entry;
    return !home.dropped && record !== undefined && versionOf(record) === this.#version;
  }

  #learn(data: Collection, reverse: boolean, done: boolean, last: string): void {
    if (reverse) {
      const from = done ? this.#from : last;
      data.learn(from, this.#to);
      this.#to = from;
    } else {
      const to = done ? this.#to : `${last}\0`;
      data.learn(this.#from, to);
      this.#from = to;
    }
  }
}
