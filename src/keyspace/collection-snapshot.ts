/**
 * A part of a large collection as it is at one moment, read while others write: pages of a snapshot of the store,
 * with what was dirty at that moment laid over them. The residents are left alone.
 */

import { lowerBound } from '../base/lower-bound.js';
import type { Snapshot, Storage } from '../storage/storage.js';
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

export interface NameCount {
  readonly count: number;
  /** What is left of the range behind the last name that was counted. */
  readonly rest: NameRange;
}

const PAGE_RECORDS = 4096;
const PAGE_BYTES = 1024 * 1024;
/** Names that a count from either end passes at first. */
const RANK_STEP = 16_384;

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

  /** How many names there are in the range, `limit` at most, counted from its start or with `reverse` from its end. */
  count(range: NameRange, reverse: boolean, limit = Number.MAX_SAFE_INTEGER): Promise<NameCount> {
    return this.#read(async (names) => {
      let rest = range;
      let count = 0;
      while (count < limit && rest.from < rest.to) {
        const window = windowOf(names, rest, reverse);
        const found = await this.#countIn(window, names, reverse, limit - count);
        count += found.count;
        const last = count < limit ? undefined : found.last;
        if (reverse) rest = { from: rest.from, to: last ?? window.from };
        else rest = { from: last === undefined ? window.to : `${last}\0`, to: rest.to };
      }
      return { count, rest };
    });
  }

  /** How many of the names in the table, which has `size`, stand before this one: counted from both ends in turn. */
  async rank(name: string, size: number): Promise<number> {
    const table = tableRange(name.charCodeAt(0));
    let below = { count: 0, rest: { from: table.from, to: name } };
    let above = { count: 0, rest: { from: name, to: table.to } };
    for (let step = RANK_STEP; ; step *= 2) {
      below = added(below, await this.count(below.rest, false, step));
      if (below.rest.from >= below.rest.to) return below.count;
      above = added(above, await this.count(above.rest, true, step));
      if (above.rest.from >= above.rest.to) return size - above.count;
    }
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

  async #countIn(
    { from, to, first, last }: Window,
    names: readonly string[],
    reverse: boolean,
    limit: number,
  ): Promise<{ readonly count: number; readonly last: string | undefined }> {
    const overlay = names.slice(first, last);
    const present = overlay.filter((name) => this.#overlay.values.get(name) !== undefined);
    if (this.#snapshot === undefined) {
      const counted = reverse ? present.reverse() : present;
      const count = Math.min(counted.length, limit);
      return { count, last: counted[count - 1] };
    }
    const prefix = this.#prefix;
    const absent = overlay.filter((name) => this.#overlay.values.get(name) === undefined);
    const found = await this.#storage.count({
      from: prefix + from,
      to: prefix + to,
      reverse,
      limit,
      present: present.map((name) => prefix + name),
      absent: absent.map((name) => prefix + name),
      snapshot: this.#snapshot,
    });
    return { count: found.count, last: found.last?.slice(prefix.length) };
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

function added(before: NameCount, more: NameCount): NameCount {
  return { count: before.count + more.count, rest: more.rest };
}
