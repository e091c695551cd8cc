/**
 * The resident set: memtable and cache in one. Entries queue in the order they came, and SIEVE (Zhang et al.,
 * NSDI 2024) chooses what leaves. A dirty entry (changed above the checkpoint) never leaves.
 */

import {
  type DataRecord,
  DataTable,
  dataBytes,
  Entry,
  entryBytes,
  recordBytes,
  tableBytes,
} from './entry.js';
import type { KeyRecord } from './header.js';
import type { Space } from './space.js';

/** What one call of `evict` may look at, so that a turn never stops for a long queue of dirty entries. */
const EVICTION_STEPS = 4096;

export class Residents {
  /** Estimated memory of all residents of spaces in use. */
  bytes = 0;
  /** Of those, bytes changed since the checkpoint (an estimate from above). */
  dirtyBytes = 0;
  evictions = 0;
  /** Entries in the queue. */
  entries = 0;
  /** The segment that changes go to now. */
  segment = 0;
  /** Everything in this segment and before is in the store. */
  checkpoint = 0;

  /** Checkpoints that a reader still merges with: what changed after them stays. */
  readonly #pinned: number[] = [];
  /** What changed up to this segment may be evicted. */
  #evictable = 0;
  readonly #dirtyBySegment = new Map<number, number>();
  #newest: Entry | undefined;
  #oldest: Entry | undefined;
  #hand: Entry | undefined;
  /** Whether a load of the entry's header is under way (set by the loader). */
  isLoading: (entry: Entry) => boolean = () => false;

  /** Makes an entry that knows nothing yet: its key is absent until `record` is set. */
  add(key: string, name: string, home: Space, slot: number, hash: number): Entry {
    const entry = new Entry(key, name, home, slot, hash);
    home.add(entry);
    this.#resize(home, entryBytes(entry));
    this.entries++;
    entry.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
    return entry;
  }

  /** Sets what is known of the key, without making it dirty. */
  setRecord(entry: Entry, record: KeyRecord | undefined): void {
    this.#resize(entry.home, recordBytes(record) - recordBytes(entry.record));
    entry.record = record;
  }

  setTable(entry: Entry, table: DataTable | undefined): void {
    this.#resize(entry.home, tableBytes(table) - tableBytes(entry.data));
    entry.data = table;
  }

  setData(entry: Entry, sub: string, record: DataRecord | undefined): void {
    entry.data ??= new DataTable(false);
    const { records } = entry.data;
    this.#resize(entry.home, dataBytes(sub, record) - dataBytes(sub, records.get(sub)));
    if (record === undefined) records.delete(sub);
    else records.set(sub, record);
  }

  /** Notes that the entry changed in the current segment. */
  markDirty(entry: Entry, bytes: number): void {
    entry.segment = this.segment;
    this.dirtyBytes += bytes;
  }

  /** Changes from now on go to this segment. */
  cut(segment: number): void {
    let earlier = 0;
    for (const bytes of this.#dirtyBySegment.values()) earlier += bytes;
    this.#dirtyBySegment.set(this.segment, this.dirtyBytes - earlier);
    this.segment = segment;
  }

  /** Everything up to the segment is in the store: it is clean from now on. */
  advance(checkpoint: number): void {
    this.checkpoint = checkpoint;
    this.#updateEvictable();
    for (const [segment, bytes] of this.#dirtyBySegment) {
      if (segment > checkpoint) continue;
      this.dirtyBytes -= bytes;
      this.#dirtyBySegment.delete(segment);
    }
  }

  /**
   * Keeps everything that changed after the checkpoint resident, tombstones included, until the returned
   * function is called: for readers that merge what the store had then with what came later.
   */
  pinCheckpoint(checkpoint: number): () => void {
    this.#pinned.push(checkpoint);
    this.#updateEvictable();
    return () => {
      this.#pinned.splice(this.#pinned.indexOf(checkpoint), 1);
      this.#updateEvictable();
    };
  }

  #updateEvictable(): void {
    this.#evictable = Math.min(this.checkpoint, ...this.#pinned);
  }

  /** The space is no database's any more; its entries leave as the hand passes them. */
  drop(space: Space): void {
    space.dropped = true;
    this.bytes -= space.bytes;
  }

  /** Undoes `drop`. */
  restore(space: Space): void {
    space.dropped = false;
    this.bytes += space.bytes;
  }

  /** Evicts until the residents fit, or `steps` entries were looked at. */
  evict(capacity: number, steps = EVICTION_STEPS): void {
    for (let step = 0; step < steps && this.bytes > capacity; step++) {
      const entry = this.#hand ?? this.#oldest;
      if (entry === undefined) return;
      this.#hand = entry.newer;
      if (entry.home.dropped) this.#unlink(entry);
      else if (entry.visited) entry.visited = false;
      else this.#evictEntry(entry);
    }
  }

  /** Evicts everything that is not dirty. */
  evictAll(): void {
    this.evict(0, this.entries * 2);
  }

  #evictEntry(entry: Entry): void {
    if (entry.loads > 0 || this.isLoading(entry)) return;
    if (entry.segment > this.#evictable) {
      this.#evictCleanData(entry);
      return;
    }
    this.#unlink(entry);
    entry.home.remove(entry);
    this.#resize(entry.home, -(entryBytes(entry) + tableBytes(entry.data)));
    this.evictions++;
  }

  /** Of a collection that changed, the records that did not. */
  #evictCleanData(entry: Entry): void {
    const { data } = entry;
    if (data === undefined) return;
    for (const [sub, record] of data.records) {
      if (record.segment > this.#evictable) continue;
      data.complete = false;
      this.setData(entry, sub, undefined);
      this.evictions++;
    }
  }

  #unlink(entry: Entry): void {
    this.entries--;
    if (entry.newer !== undefined) entry.newer.older = entry.older;
    else this.#newest = entry.older;
    if (entry.older !== undefined) entry.older.newer = entry.newer;
    else this.#oldest = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }

  #resize(space: Space, delta: number): void {
    space.bytes += delta;
    if (!space.dropped) this.bytes += delta;
  }
}
