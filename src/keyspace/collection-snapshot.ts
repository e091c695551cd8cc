/**
 * A part of a large collection as it is at one moment, read while others write: pages of a snapshot of the store,
 * with what was dirty at that moment laid over them. The residents are left alone.
 */

import { lowerBound } from '../base/lower-bound.js';
import type { CountQuery, Skipped, Snapshot, Storage } from '../storage/storage.js';
import { type NameRange, tableRange } from './collection.js';
import { dataKey } from './encoding.js';
import type { Entry } from './entry.js';
import type { Header } from './header.js';
import { holdSnapshot } from './held-snapshot.js';
import type { Keyspace } from './keyspace.js';
import { type Overlay, overlayAbove } from './overlay.js';

export interface SnapshotPage {
  /** In order, or with `reverse` downwards. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** What is left of the range; undefined at its end. */
  readonly rest: NameRange | undefined;
}

/** Names at one end of a range that were passed over. */
export interface Skip {
  readonly count: number;
  /** What is left of the range. */
  readonly rest: NameRange;
}

const PAGE_RECORDS = 4096;
const PAGE_BYTES = 1024 * 1024;

/** Where the records of a page are: none of those after it is looked at. */
interface Window extends NameRange {
  /** The overlay's names in it: from this place on, up to this one. */
  readonly first: number;
  readonly last: number;
}

export class CollectionSnapshot {
  readonly #storage: Storage;
  /** undefined if the overlay has all there is. */
  readonly #snapshot: Snapshot | undefined;
  readonly #release: () => void;
  /** What the stored keys of the collection begin with. */
  readonly #prefix: string;
  /** What the snapshot does not have. */
  readonly #overlay: Overlay;
  #reads = 0;
  #closed = false;

  /** The part of the collection that lies in the range, as it is now. Faults until there is a snapshot. */
  constructor(keyspace: Keyspace, entry: Entry, range: NameRange) {
    const { dataSlot, version } = entry.record as Header;
    this.#storage = keyspace.storage;
    this.#prefix = dataKey(entry.space, dataSlot, version, '');
    if (entry.data?.knownUpTo(range.from, range.to) === range.to) {
      this.#release = () => undefined;
      this.#overlay = overlayAbove(Number.NEGATIVE_INFINITY, entry.data, range);
      return;
    }
    const { snapshot, release } = holdSnapshot(keyspace);
    this.#snapshot = snapshot;
    this.#release = release;
    this.#overlay = overlayAbove(snapshot.segment, entry.data, range);
  }

  /** The first records of the range, or with `reverse` the last ones. */
  page(range: NameRange, reverse: boolean): Promise<SnapshotPage> {
    return this.#read(async (names) => {
      const window = windowOf(names, range, reverse);
      const stored = await this.#stored(window, reverse);
      const part = { from: reverse ? stored.end : range.from, to: reverse ? range.to : stored.end };
      const overlay = names.slice(lowerBound(names, part.from), lowerBound(names, part.to));
      const rest = reverse ? { from: range.from, to: part.from } : { from: part.to, to: range.to };
      const page = this.#merge(stored, overlay, reverse);
      return { ...page, rest: rest.from < rest.to ? rest : undefined };
    });
  }

  /** How many names there are in the range. */
  count(range: NameRange): Promise<number> {
    return this.#read(async (names) => {
      let count = 0;
      for (let rest = range; rest.from < rest.to; ) {
        const window = windowOf(names, rest, false);
        count += await this.#countIn(window, names);
        rest = { from: window.to, to: rest.to };
      }
      return count;
    });
  }

  /** Passes over so many names from the range's start, or with `reverse` from its end; over all if there are fewer. */
  skip(range: NameRange, reverse: boolean, limit = Number.MAX_SAFE_INTEGER): Promise<Skip> {
    return this.#read(async (names) => {
      let rest = range;
      let count = 0;
      while (count < limit && rest.from < rest.to) {
        const window = windowOf(names, rest, reverse);
        const found = await this.#skipIn(window, names, reverse, limit - count);
        count += found.count;
        const last = count < limit ? undefined : found.last;
        if (reverse) rest = { from: rest.from, to: last ?? window.from };
        else rest = { from: last === undefined ? window.to : `${last}\0`, to: rest.to };
      }
      return { count, rest };
    });
  }

  /** How many of the names in the table, which has `size`, stand before this one: counted from the nearer end. */
  async rank(name: string, size: number): Promise<number> {
    const table = tableRange(name.charCodeAt(0));
    const below = { from: table.from, to: name };
    const above = { from: name, to: table.to };
    if (this.#snapshot === undefined) return this.count(below);
    const sizes = [this.#sizeOf(below), this.#sizeOf(above)] as const;
    const [bytesBelow, bytesAbove] = await Promise.all(sizes);
    if (bytesBelow <= bytesAbove) return this.count(below);
    return size - (await this.count(above));
  }

  /** Must be called in the end; what is being read then still comes. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#reads === 0) this.#release();
  }

  async #read<T>(work: (names: readonly string[]) => Promise<T>): Promise<T> {
    this.#reads++;
    try {
      return await work(await this.#overlay.names);
    } finally {
      this.#reads--;
      if (this.#closed && this.#reads === 0) this.#release();
    }
  }

  /** The stored records of the window, ascending, and how far they go. */
  async #stored(window: Window, reverse: boolean): Promise<Stored> {
    const end = reverse ? window.from : window.to;
    if (this.#snapshot === undefined) return { names: [], values: [], end };
    const { keys, values, done } = await this.#storage.range({
      from: this.#prefix + window.from,
      to: this.#prefix + window.to,
      reverse,
      maxRecords: PAGE_RECORDS,
      maxBytes: PAGE_BYTES,
      snapshot: this.#snapshot,
    });
    const names = keys.map((key) => key.slice(this.#prefix.length));
    const last = names.at(-1);
    if (!reverse) return { names, values, end: done ? end : `${last}\0` };
    const ascending = { names: names.reverse(), values: values.toReversed() };
    return { ...ascending, end: done ? end : (last as string) };
  }

  #merge(stored: Stored, overlay: readonly string[], reverse: boolean): Omit<SnapshotPage, 'rest'> {
    const names: string[] = [];
    const values: string[] = [];
    const add = (name: string, value: string | undefined): void => {
      if (value === undefined) return;
      names.push(name);
      values.push(value);
    };
    let at = 0;
    for (const [i, name] of stored.names.entries()) {
      for (; at < overlay.length && (overlay[at] as string) < name; at++) {
        add(overlay[at] as string, this.#overlay.values.get(overlay[at] as string));
      }
      if (overlay[at] !== name) add(name, stored.values[i]);
    }
    for (const name of overlay.slice(at)) add(name, this.#overlay.values.get(name));
    return reverse ? { names: names.reverse(), values: values.reverse() } : { names, values };
  }

  async #countIn(window: Window, names: readonly string[]): Promise<number> {
    const query = this.#countQuery(window, names);
    return this.#snapshot === undefined ? query.present.length : this.#storage.count(query);
  }

  async #skipIn(
    window: Window,
    names: readonly string[],
    reverse: boolean,
    limit: number,
  ): Promise<Skipped> {
    const { length } = this.#prefix;
    const query = this.#countQuery(window, names);
    if (this.#snapshot === undefined) {
      const passed = reverse ? query.present.toReversed() : query.present;
      const count = Math.min(passed.length, limit);
      return { count, last: passed[count - 1]?.slice(length) };
    }
    const { count, last } = await this.#storage.skip({ ...query, reverse, limit });
    return { count, last: last?.slice(length) };
  }

  #countQuery({ from, to, first, last }: Window, names: readonly string[]): CountQuery {
    const prefix = this.#prefix;
    const present: string[] = [];
    const absent: string[] = [];
    for (const name of names.slice(first, last)) {
      const isPresent = this.#overlay.values.get(name) !== undefined;
      (isPresent ? present : absent).push(prefix + name);
    }
    const bounds = { from: prefix + from, to: prefix + to };
    return { ...bounds, present, absent, ...(this.#snapshot && { snapshot: this.#snapshot }) };
  }

  #sizeOf({ from, to }: NameRange): Promise<number> {
    return this.#storage.sizeOf(this.#prefix + from, this.#prefix + to);
  }
}

interface Stored {
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** Of the range up to here, or with `reverse` down to here, nothing is missing. */
  readonly end: string;
}

/** As much of the range as has no more of the names than a page. */
function windowOf(names: readonly string[], { from, to }: NameRange, reverse: boolean): Window {
  const first = lowerBound(names, from);
  const last = lowerBound(names, to);
  if (last - first <= PAGE_RECORDS) return { from, to, first, last };
  if (reverse) {
    const start = last - PAGE_RECORDS;
    return { from: names[start] as string, to, first: start, last };
  }
  const end = first + PAGE_RECORDS;
  return { from, to: names[end] as string, first, last: end };
}
