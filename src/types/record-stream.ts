/**
 * Records of a large collection for a reply that is read while it is sent: page by page from a snapshot of the
 * store, with what is dirty laid over it. The residents are left alone.
 */

import type { Database } from '../keyspace/database.js';
import { holdSnapshot } from '../keyspace/held-snapshot.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Snapshot, Storage } from '../storage/storage.js';
import type { CollectionEntry } from './collection.js';

/** Collections of more elements than this are not made resident by a read of all of them. */
const RESIDENT_COUNT = 10_000;
const PAGE = { maxRecords: 4096, maxBytes: 1024 * 1024 };

/** Bounds of names within one table: `from` is included, `to` is not. */
export interface NameRange {
  readonly from: string;
  readonly to: string;
}

/** Whether a reply with all of the range should be streamed: it is long, and a part of it is cold. */
export function shouldStream(
  db: Database,
  entry: CollectionEntry,
  { from, to }: NameRange,
): boolean {
  return entry.record.count > RESIDENT_COUNT && !db.knowsRange(entry, from, to);
}

/**
 * The records of the range in order, each as `encode` has it, in pieces of about a MiB. What is read is the
 * collection as of this moment. Faults until there is a snapshot.
 */
export function streamRecords(
  keyspace: Keyspace,
  db: Database,
  entry: CollectionEntry,
  range: NameRange,
  encode: (name: string, value: string) => string,
): AsyncIterator<string, undefined> {
  const { snapshot, release } = holdSnapshot(keyspace);
  return new RecordStream({
    storage: keyspace.storage,
    snapshot,
    release,
    prefix: db.storedKey(entry, ''),
    dirty: dirtyRecords(entry, snapshot.segment, range),
    range,
    encode,
  });
}

type Named = readonly [name: string, value: string | undefined];

function dirtyRecords(
  { data }: CollectionEntry,
  checkpoint: number,
  { from, to }: NameRange,
): readonly Named[] {
  const dirty: Named[] = [];
  for (const [name, { value, segment }] of data?.entries() ?? []) {
    if (segment > checkpoint && name >= from && name < to) dirty.push([name, value]);
  }
  return dirty.sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Source {
  readonly storage: Storage;
  readonly snapshot: Snapshot;
  readonly release: () => void;
  /** What the stored keys of the collection begin with. */
  readonly prefix: string;
  readonly dirty: readonly Named[];
  readonly range: NameRange;
  readonly encode: (name: string, value: string) => string;
}

class RecordStream implements AsyncIterator<string, undefined> {
  readonly #source: Source;
  #from: string;
  /** Dirty records that were sent, or passed over. */
  #dirtyAt = 0;
  #ended = false;
  #reading = false;
  #closed = false;

  constructor(source: Source) {
    this.#source = source;
    this.#from = source.range.from;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    while (!this.#closed && !this.#ended) {
      const piece = await this.#read();
      if (piece !== '' && !this.#closed) return { done: false, value: piece };
    }
    return this.return();
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closed = true;
    if (!this.#reading) this.#source.release();
    return { done: true, value: undefined };
  }

  /** The next page. Whoever closes meanwhile leaves the snapshot to be released here. */
  async #read(): Promise<string> {
    const { storage, snapshot, prefix, range } = this.#source;
    this.#reading = true;
    try {
      const query = { from: prefix + this.#from, to: prefix + range.to, ...PAGE, snapshot };
      const { keys, values, done } = await storage.range(query);
      this.#ended = done;
      let piece = '';
      for (const [i, key] of keys.entries()) {
        const name = key.slice(prefix.length);
        piece += this.#dirtyBefore(name) + this.#stored(name, values[i] as string);
        this.#from = `${name}\0`;
      }
      return done ? piece + this.#dirtyBefore(range.to) : piece;
    } catch (error) {
      this.#closed = true;
      throw error;
    } finally {
      this.#reading = false;
      if (this.#closed) this.#source.release();
    }
  }

  #dirtyBefore(name: string): string {
    const { dirty, encode } = this.#source;
    let piece = '';
    for (; this.#dirtyAt < dirty.length; this.#dirtyAt++) {
      const [next, value] = dirty[this.#dirtyAt] as Named;
      if (next >= name) break;
      if (value !== undefined) piece += encode(next, value);
    }
    return piece;
  }

  #stored(name: string, value: string): string {
    const { dirty, encode } = this.#source;
    const overlay = dirty[this.#dirtyAt];
    if (overlay === undefined || overlay[0] !== name) return encode(name, value);
    this.#dirtyAt++;
    return overlay[1] === undefined ? '' : encode(name, overlay[1]);
  }
}
