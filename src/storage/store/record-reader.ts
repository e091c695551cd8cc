/** Reads of the store with its records decoded: by key, by range, now or as of a snapshot, also while it is opened again. */

import { assert } from '../../base/assert.js';
import type { Snapshot } from '../storage.js';
import type { Codec } from './codec.js';
import { type Corrections, KeyCounter, type Skipping } from './key-counter.js';
import { ReadGate } from './read-gate.js';
import { Snapshots } from './snapshots.js';
import type { Store, StoreRange, StoreSnapshot } from './store.js';

export interface RecordRange {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly reverse: boolean;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** The id of a snapshot; undefined reads the store as it is. */
  readonly snapshot: number | undefined;
}

export interface RecordPage {
  readonly keys: Buffer[];
  readonly values: Buffer[];
  readonly done: boolean;
}

/** See CountQuery. */
export interface KeyRange extends Corrections {
  readonly from: Buffer;
  readonly to: Buffer;
  /** The id of a snapshot; undefined counts in the store as it is. */
  readonly snapshot: number | undefined;
}

/** See SkipQuery. */
export interface SkippedRange extends KeyRange, Skipping {}

/** A page before its values are decoded. */
interface StoredPage {
  readonly keys: Buffer[];
  readonly stored: Buffer[];
  done: boolean;
}

export class RecordReader {
  readonly #store: Store;
  readonly #codec: Codec;
  readonly #snapshots: Snapshots;
  readonly #gate = new ReadGate();

  constructor(store: Store, codec: Codec) {
    this.#store = store;
    this.#codec = codec;
    this.#snapshots = new Snapshots(store);
  }

  /** Values by key, decoded; undefined is absent. @throws STORE_CORRUPT */
  async load(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    const stored = await this.#gate.read(() => this.#store.getMany(keys));
    return this.#decodeAll(keys, stored);
  }

  /** Only while the store is not being opened again. @throws STORE_CORRUPT */
  loadSync(keys: readonly Buffer[]): (Buffer | undefined)[] {
    assert(!this.#gate.isClosed, 'a blocking read while the store is opened again');
    return keys.map((key) => this.#decodeSync(key, this.#store.getSync(key)));
  }

  async range(range: RecordRange): Promise<RecordPage> {
    const page: StoredPage = { keys: [], stored: [], done: true };
    await this.#gate.read(() =>
      this.#store.scan(this.#storeRange(range), pageCollector(range, page)),
    );
    const values = await this.#decodeAll(page.keys, page.stored);
    return { keys: page.keys, values: values as Buffer[], done: page.done };
  }

  /** Only over a store in memory. */
  rangeSync(range: RecordRange): RecordPage {
    assert(this.#store.scanSync, 'a blocking range over a store that reads asynchronously');
    const page: StoredPage = { keys: [], stored: [], done: true };
    this.#store.scanSync(this.#storeRange(range), pageCollector(range, page));
    const values = page.keys.map((key, at) => this.#decodeSync(key, page.stored[at]) as Buffer);
    return { keys: page.keys, values, done: page.done };
  }

  count({ from, to, present, absent, snapshot }: KeyRange): Promise<number> {
    return this.#gate.read(async () => {
      const view = this.#snapshotOption(snapshot);
      const stored = await this.#store.countKeys({ from, to, ...view });
      const known = [...present, ...absent];
      if (known.length === 0) return stored;
      const found = await this.#store.hasMany(known, view.snapshot);
      return stored - found.filter(Boolean).length + present.length;
    });
  }

  async skip(range: SkippedRange): Promise<{ count: number; last: Buffer | undefined }> {
    const { from, to, reverse } = range;
    const counter = new KeyCounter(range);
    const stored = { from, to, reverse, ...this.#snapshotOption(range.snapshot) };
    await this.#gate.read(() => this.#store.scanKeys(stored, (keys) => counter.take(keys)));
    counter.finish();
    return { count: counter.count, last: counter.last };
  }

  /** About the bytes that the range takes. */
  sizeOf(from: Buffer, to: Buffer): Promise<number> {
    return this.#gate.read(() => this.#store.sizeOf(from, to));
  }

  /** Runs any other read of the store, when it is open. */
  read<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.read(work);
  }

  /** The store as of the latest checkpoint. */
  snapshot(): Promise<Snapshot> {
    return this.#gate.read(() => this.#snapshots.acquire());
  }

  release(id: number): void {
    this.#snapshots.release(id);
  }

  /** The store has reached a checkpoint. */
  advance(segment: number): void {
    this.#snapshots.advance(segment);
  }

  /** Opens the store again, with all that was folded up to the segment. Reads wait; snapshots are gone. */
  reopen(segment: number): Promise<void> {
    return this.#gate.exclude(async () => {
      await this.#snapshots.close();
      await this.#store.reopen();
      this.#snapshots.advance(segment);
    });
  }

  /** Ends the snapshots; the store is its owner's to close. */
  close(): Promise<void> {
    return this.#snapshots.close();
  }

  #storeRange({ from, to, reverse, maxRecords, snapshot }: RecordRange): StoreRange {
    return { from, to, reverse, limit: maxRecords + 1, ...this.#snapshotOption(snapshot) };
  }

  #snapshotOption(id: number | undefined): { snapshot?: StoreSnapshot } {
    return id === undefined ? {} : { snapshot: this.#snapshots.get(id) };
  }

  async #decodeAll(
    keys: readonly Buffer[],
    stored: readonly (Buffer | undefined)[],
  ): Promise<(Buffer | undefined)[]> {
    const values: (Buffer | undefined | Promise<Buffer>)[] = [];
    let waiting = false;
    for (let at = 0; at < keys.length; at++) {
      const bytes = stored[at];
      const value = bytes && this.#codec.decode(keys[at] as Buffer, bytes);
      waiting ||= value instanceof Promise;
      values.push(value);
    }
    return waiting ? Promise.all(values) : (values as (Buffer | undefined)[]);
  }

  #decodeSync(key: Buffer, stored: Buffer | undefined): Buffer | undefined {
    const value = stored && this.#codec.decode(key, stored);
    assert(!(value instanceof Promise), 'a blocking read of a value whose codec is asynchronous');
    return value;
  }
}

/** Takes records into the page until its bounds are passed, and one more to know that it is not the end. */
function pageCollector(
  { maxRecords, maxBytes }: RecordRange,
  page: StoredPage,
): (key: Buffer, value: Buffer) => boolean {
  let bytes = 0;
  return (key, value) => {
    if (page.keys.length >= maxRecords || (bytes >= maxBytes && page.keys.length > 0)) {
      page.done = false;
      return false;
    }
    page.keys.push(key);
    page.stored.push(value);
    bytes += key.length + value.length;
    return true;
  };
}
