/**
 * The resident set: memtable and cache in one. Entries queue in the order they came, and SIEVE (Zhang et al.,
 * NSDI 2024) chooses what leaves. A dirty entry (changed above the checkpoint) never leaves.
 */

import { type DataRecord, DataTable, dataBytes, Entry, entryBytes, recordBytes, tableBytes } from './entry.js';
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
  /** The segment that changes go to now. */
  segment = 0;
  /** Everything in this segment and before is in the store. */
  checkpoint = 0;

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

  isDirty(entry: Entry): boolean {
    return entry.segment > this.checkpoint;
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
    for (const [segment, bytes] of this.#dirtyBySegment) {
      if (segment > checkpoint) continue;
      this.dirtyBytes -= bytes;
      this.#dirtyBySegment.delete(segment);
    }
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

  /** Evicts until the residents fit, nothing more can go, or it has looked at enough for one turn. */
  evict(capacity: number): void {
    for (let step = 0; step < EVICTION_STEPS && this.bytes > capacity; step++) {
      const entry = this.#hand ?? this.#oldest;
      if (entry === undefined) return;
      this.#hand = entry.newer;
      if (entry.home.dropped) this.#unlink(entry);
      else if (entry.visited) entry.visited = false;
      else this.#evictEntry(entry);
    }
  }

  #evictEntry(entry: Entry): void {
    if (entry.loads > 0 || this.isLoading(entry)) return;
    if (this.isDirty(entry)) {
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
      if (record.segment > this.checkpoint) continue;
      data.complete = false;
      this.setData(entry, sub, undefined);
      this.evictions++;
    }
  }

  #unlink(entry: Entry): void {
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
