/**
 * A long string that is not resident, read piece by piece while it is sent: from a snapshot of the store, with
 * what was dirty when the command ran over it. It shows the value of that moment, whatever happens meanwhile.
 */

import { CHUNK_BYTES } from '../../base/large-string.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import type { Header } from '../../keyspace/header.js';
import { holdSnapshot } from '../../keyspace/held-snapshot.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import type { Snapshot, Storage } from '../../storage/storage.js';
import { fragmentBytes, fragmentIndex, fragmentLength, fragmentName } from './fragments.js';

/** Fragments in a piece, and in what is read from the store at once: one MiB. */
const PIECE_FRAGMENTS = 64;

/** True if the bytes from `start` to `end` can be read without a fault. */
export function isResident(entry: Entry, start: number, end: number): boolean {
  if (entry.data?.complete) return true;
  for (let at = start - (start % CHUNK_BYTES); at < end; at += CHUNK_BYTES) {
    if (!entry.data?.knows(fragmentName(at / CHUNK_BYTES))) return false;
  }
  return true;
}

/** The bytes from `start` to `end` of the string in fragments at the entry. Faults until it has a snapshot. */
export function streamRange(
  keyspace: Keyspace,
  db: Database,
  entry: Entry,
  start: number,
  end: number,
): AsyncIterator<string, undefined> {
  const { snapshot, release } = holdSnapshot(keyspace);
  return new FragmentStream({
    storage: keyspace.storage,
    snapshot,
    release,
    prefix: db.storedKey(entry, ''),
    length: (entry.record as Header).count,
    dirty: dirtyFragments(entry, snapshot.segment, start, end),
    start,
    end,
  });
}

function dirtyFragments(
  entry: Entry,
  checkpoint: number,
  start: number,
  end: number,
): ReadonlyMap<number, string | undefined> {
  const dirty = new Map<number, string | undefined>();
  const last = Math.floor((end - 1) / CHUNK_BYTES);
  for (let i = Math.floor(start / CHUNK_BYTES); i <= last; i++) {
    const record = entry.data?.get(fragmentName(i));
    if (record !== undefined && record.segment > checkpoint) dirty.set(i, record.value);
  }
  return dirty;
}

interface Source {
  readonly storage: Storage;
  readonly snapshot: Snapshot;
  readonly release: () => void;
  /** What the stored keys of the fragments begin with. */
  readonly prefix: string;
  /** Of the whole string. */
  readonly length: number;
  readonly dirty: ReadonlyMap<number, string | undefined>;
  readonly start: number;
  readonly end: number;
}

class FragmentStream implements AsyncIterator<string, undefined> {
  readonly #source: Source;
  #at: number;
  /** Stored fragments of those below `#known` that were not sent yet. */
  #stored = new Map<number, string>();
  #known: number;
  #reading = false;
  #closed = false;

  constructor(source: Source) {
    this.#source = source;
    this.#at = source.start;
    this.#known = Math.floor(source.start / CHUNK_BYTES);
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    if (this.#closed || this.#at >= this.#source.end) return this.return();
    if (this.#at >= this.#known * CHUNK_BYTES) await this.#read();
    if (this.#closed) return this.return();
    return { done: false, value: this.#piece() };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closed = true;
    if (!this.#reading) this.#source.release();
    return { done: true, value: undefined };
  }

  /** The next page of the store. Whoever closes meanwhile leaves the snapshot to be released here. */
  async #read(): Promise<void> {
    const { storage, snapshot, prefix, end } = this.#source;
    const last = Math.floor((end - 1) / CHUNK_BYTES);
    this.#reading = true;
    try {
      const page = await storage.range({
        from: prefix + fragmentName(this.#known),
        to: prefix + fragmentName(last + 1),
        maxRecords: PIECE_FRAGMENTS,
        maxBytes: PIECE_FRAGMENTS * CHUNK_BYTES,
        snapshot,
      });
      const indexes = page.keys.map((key) => fragmentIndex(key.slice(prefix.length)));
      this.#stored = new Map(indexes.map((index, i) => [index, page.values[i] as string]));
      this.#known = page.done ? last + 1 : (indexes[indexes.length - 1] as number) + 1;
    } catch (error) {
      this.#closed = true;
      throw error;
    } finally {
      this.#reading = false;
      if (this.#closed) this.#source.release();
    }
  }

  #piece(): string {
    const { end, length, dirty } = this.#source;
    const first = Math.floor(this.#at / CHUNK_BYTES);
    const next = Math.min(first + PIECE_FRAGMENTS, this.#known);
    const until = Math.min(end, next * CHUNK_BYTES);
    let piece = '';
    for (let i = first; i * CHUNK_BYTES < until; i++) {
      const stored = dirty.has(i) ? dirty.get(i) : this.#stored.get(i);
      const bytes = fragmentBytes(stored, fragmentLength(i, length));
      const at = i * CHUNK_BYTES;
      piece += bytes.slice(Math.max(0, this.#at - at), until - at);
    }
    this.#at = until;
    return piece;
  }
}
