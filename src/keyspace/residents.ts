/**
 * The resident set: memtable and cache in one. Entries queue in the order they came, and SIEVE (Zhang et al.,
 * NSDI 2024) chooses what leaves. A dirty entry (changed above the checkpoint) never leaves.
 */

import { Collection, type Derived, dataBytes } from './collection.js';
import { Entry, entryBytes, keyBytes, recordBytes } from './entry.js';
import { EntryQueue } from './entry-queue.js';
import type { KeyRecord } from './header.js';
import type { KeyName } from './key-name.js';
import { loadedBytesMax } from './limits.js';
import type { Space } from './space.js';
import { isVisited, Usage, unvisited } from './usage.js';

/** What one call of `evict` may look at, so that a turn never stops for a long queue of dirty entries … */
const EVICTION_STEPS = 4096;
/** … and for each entry that came since the last: a turn that brings many evicts as many, and old ones besides. */
const STEPS_PER_ENTRY = 4;
/** What one step of the hand looks at of a collection that is larger than this: it leaves a piece at a time. */
const PIECE_RECORDS = 512;
/** Records that one call of `evict` may look at, besides a multiple of those that came since the last. */
const EVICTION_RECORDS = 1024;
const STEPS_PER_RECORD = 4;
/** Fewer absences in a collection are not worth a sweep. */
const ABSENCES_MIN = 64;

/** How far the hand turns. */
interface HandBounds {
  /** Until the residents fit into so many bytes. */
  readonly capacity: number;
  /** Entries, and records of large collections, that are looked at. */
  readonly steps: number;
  readonly records: number;
  /** Records of a large collection that are looked at in one step. */
  readonly piece: number;
  /** Up to so many bytes of residents what is read part by part stays. */
  readonly sparedBytes: number;
}

/** What is being loaded. */
export interface LoadsUnderWay {
  /** Whether a load of the entry's header or data is under way: it must find the entry again. */
  isLoading(entry: Entry): boolean;
  /** Whether the entry's collection is read part by part: the request would have to read again what left meanwhile. */
  isKept(entry: Entry): boolean;
}

const NO_LOADS: LoadsUnderWay = { isLoading: () => false, isKept: () => false };

export class Residents {
  /** Estimated memory of all keys of spaces in use, were all resident. */
  datasetBytes = 0;
  readonly usage = new Usage();
  /** Estimated memory of all residents of spaces in use. */
  bytes = 0;
  /** Of those, bytes changed since the checkpoint (an estimate from above). */
  dirtyBytes = 0;
  evictions = 0;
  /** The segment that changes go to now. */
  segment = 0;
  /** Everything in this segment and before is in the store. */
  checkpoint = 0;

  /** Checkpoints that a reader still merges with: what changed after them stays. */
  readonly #pinned = new Set<{ readonly checkpoint: number }>();
  /** What changed up to this segment may be evicted. */
  #evictable = 0;
  readonly #dirtyBySegment = new Map<number, number>();
  /** Memory of entries in the queue whose space is gone. */
  #goneBytes = 0;
  /** Entries that came since the last call of `evict`. */
  #added = 0;
  /** Records of collections that did. */
  #addedRecords = 0;
  readonly #queue = new EntryQueue();
  loads: LoadsUnderWay = NO_LOADS;

  /** Keys that something is known of. */
  get entries(): number {
    return this.#queue.size;
  }

  /** Makes an entry that knows nothing yet: its key is absent until `record` is set. */
  add({ key, name, slot, hash }: KeyName, home: Space): Entry {
    const entry = new Entry(key, name, home, slot, hash);
    entry.usage = this.usage.ofNew;
    home.add(entry);
    this.#resize(home, entryBytes(entry));
    this.#queue.add(entry);
    this.#added++;
    return entry;
  }

  /** Sets what is known of the key, without making it dirty. */
  setRecord(entry: Entry, record: KeyRecord | undefined): void {
    const { record: before } = entry;
    if (before === undefined) entry.home.residentKeys++;
    if (record === undefined) entry.home.residentKeys--;
    this.#replace(entry, record, recordBytes(record) - recordBytes(before));
  }

  #replace(entry: Entry, record: KeyRecord | undefined, delta: number): void {
    entry.record = record;
    if (delta === 0) return;
    this.#resize(entry.home, delta);
    if (entry.segment === this.segment) this.dirtyBytes += delta;
  }

  /** The same as a change of the key: the counts of its space and of the dataset follow. Its undo is the same backwards. */
  changeRecord(entry: Entry, after: KeyRecord | undefined): void {
    const { record: before, home } = entry;
    if (typeof before === 'string' && typeof after === 'string') {
      this.#changeString(entry, before, after);
      return;
    }
    home.recount(before, after);
    this.resizeDataset(home, keyBytes(entry, after) - keyBytes(entry, before));
    this.setRecord(entry, after);
  }

  /** What most changes are. Beside their lengths strings without an expiry are alike (recordBytes): all counts stay. */
  #changeString(entry: Entry, before: string, after: string): void {
    const delta = after.length - before.length;
    if (delta !== 0) this.resizeDataset(entry.home, delta);
    this.#replace(entry, after, delta);
  }

  /** The keys of the space take so many bytes more. Of no keys nothing is left, whatever was estimated. */
  resizeDataset(space: Space, delta: number): void {
    const bytes = space.count === 0 ? 0 : Math.max(0, space.datasetBytes + delta);
    if (!space.dropped) this.datasetBytes += bytes - space.datasetBytes;
    space.datasetBytes = bytes;
  }

  /** Gives an entry that stood for an absent long key, of which only the name was known, its whole key. */
  setKey(entry: Entry, key: string): void {
    this.#resize(entry.home, key.length - entry.key.length);
    entry.key = key;
  }

  setData(entry: Entry, data: Collection | undefined): void {
    this.#resize(entry.home, (data?.bytes ?? 0) - (entry.data?.bytes ?? 0));
    entry.data = data;
  }

  /** What is resident of the entry's collection; made if it has nothing yet. */
  dataOf(entry: Entry): Collection {
    entry.data ??= new Collection(false);
    return entry.data;
  }

  /** Sets what is known of one record of the entry's collection: its value, or with undefined that it is absent. */
  setDataRecord(entry: Entry, sub: string, value: string | undefined, segment: number): void {
    const data = this.dataOf(entry);
    const before = data.get(sub);
    const { bytes } = data;
    if (before === undefined) this.#addedRecords++;
    else if (before.segment === this.segment) this.dirtyBytes -= dataBytes(sub, before.value);
    data.set(sub, value, segment);
    this.#resize(entry.home, data.bytes - bytes);
    if (segment === this.segment) this.dirtyBytes += dataBytes(sub, value);
    if (data.absences >= ABSENCES_MIN && data.absences * 2 > data.size) {
      this.#sweepAbsences(entry, data);
    }
  }

  /** From now on nothing is known of the record. */
  forgetDataRecord(entry: Entry, sub: string): void {
    const data = this.dataOf(entry);
    const { bytes } = data;
    const before = data.get(sub);
    if (before?.segment === this.segment) this.dirtyBytes -= dataBytes(sub, before.value);
    data.forget(sub);
    this.#resize(entry.home, data.bytes - bytes);
  }

  /** Keeps, or forgets, what a type has made of the records of the entry's collection. */
  setDerived(entry: Entry, derived: Derived | undefined): void {
    const data = this.dataOf(entry);
    const { bytes } = data;
    data.setDerived(derived);
    this.#resize(entry.home, data.bytes - bytes);
  }

  /** A queue leaves an absence for each element that was taken: they go once the store knows of them, too. */
  #sweepAbsences(entry: Entry, data: Collection): void {
    if (data.sweptAt === this.#evictable) return;
    data.sweptAt = this.#evictable;
    const known: string[] = [];
    data.forEach(({ sub, value, segment }) => {
      const isClean = value === undefined && segment <= this.#evictable;
      if (isClean && data.coversAbsence(sub)) known.push(sub);
    });
    for (const sub of known) this.forgetDataRecord(entry, sub);
  }

  /** Notes that the entry's header changed in the current segment. */
  markDirty(entry: Entry): void {
    if (entry.segment !== this.segment) this.dirtyBytes += entryBytes(entry);
    entry.segment = this.segment;
  }

  /** The header's change in the current segment is undone: the last one was in an earlier segment. */
  unmarkDirty(entry: Entry, segment: number): void {
    if (entry.segment !== this.segment || segment === this.segment) return;
    this.dirtyBytes -= entryBytes(entry);
    entry.segment = segment;
  }

  /** Changes from now on go to this segment. */
  cut(segment: number): void {
    if (segment === this.segment) return;
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
   * function is called: for readers that merge what the store had then with what came later, and for loads, so that
   * what they bring can never be older than what left.
   */
  pinCheckpoint(checkpoint: number): () => void {
    const pin = { checkpoint };
    this.#pinned.add(pin);
    if (checkpoint < this.#evictable) this.#evictable = checkpoint;
    return () => {
      this.#pinned.delete(pin);
      if (checkpoint < this.checkpoint) this.#updateEvictable();
    };
  }

  #updateEvictable(): void {
    this.#evictable = this.checkpoint;
    for (const pin of this.#pinned) this.#evictable = Math.min(this.#evictable, pin.checkpoint);
  }

  /** The space is no database's any more, but may be again: its entries stay, though they are not counted. */
  drop(space: Space): void {
    space.dropped = true;
    this.bytes -= space.bytes;
    this.datasetBytes -= space.datasetBytes;
  }

  /** Undoes `drop`. */
  restore(space: Space): void {
    space.dropped = false;
    this.bytes += space.bytes;
    this.datasetBytes += space.datasetBytes;
  }

  /** A dropped space will be no database's again: its entries leave as the hand passes them. */
  letGo(space: Space): void {
    space.gone = true;
    this.#goneBytes += space.bytes;
  }

  /** Evicts until the residents fit, with what is left of spaces that are gone, or so much was looked at as a turn has time for. */
  evict(capacity: number): void {
    const steps = EVICTION_STEPS + STEPS_PER_ENTRY * this.#added;
    const records = EVICTION_RECORDS + STEPS_PER_RECORD * this.#addedRecords;
    this.#added = 0;
    this.#addedRecords = 0;
    const sparedBytes = loadedBytesMax(capacity);
    this.#turnHand({ capacity, steps, records, piece: PIECE_RECORDS, sparedBytes });
  }

  /** Evicts until the residents fit, or nothing is left but what is dirty, however long it takes. */
  evictNow(capacity: number): void {
    const all = Number.POSITIVE_INFINITY;
    const steps = this.entries * 2;
    this.#turnHand({ capacity, steps, records: all, piece: all, sparedBytes: 0 });
  }

  /** Evicts everything that is not dirty. */
  evictAll(): void {
    this.evictNow(0);
  }

  #turnHand(bounds: HandBounds): void {
    const { capacity, steps } = bounds;
    let left = bounds.records;
    let before = Number.POSITIVE_INFINITY;
    let fruitless = 0;
    for (let step = 0; step < steps && left > 0; step++) {
      const bytes = this.bytes + this.#goneBytes;
      fruitless = bytes < before ? 0 : fruitless + 1;
      // Twice around: once to find what was not used since, and once to find nothing that may go.
      if (bytes <= capacity || fruitless > this.entries * 2) return;
      before = bytes;
      const entry = this.#queue.next();
      if (entry === undefined) return;
      if (entry.home.gone) this.#forget(entry);
      else if (entry.home.dropped) continue;
      else if (this.bytes <= capacity) continue;
      else if (isVisited(entry.usage)) entry.usage = unvisited(entry.usage);
      else left -= this.#evictEntry(entry, bounds);
    }
  }

  /** Returns how many records of the entry's collection were looked at. */
  #evictEntry(entry: Entry, { piece, sparedBytes }: HandBounds): number {
    const size = entry.data?.size ?? 0;
    if (this.bytes <= sparedBytes && this.loads.isKept(entry)) return 0;
    const isLoading = this.loads.isLoading(entry);
    const mustStay = entry.segment > this.#evictable || isLoading;
    if (mustStay || size > piece) return this.#evictPiece(entry, piece);
    entry.home.remove(entry);
    this.#forget(entry);
    this.evictions++;
    return 0;
  }

  #forget(entry: Entry): void {
    if (entry.record !== undefined) entry.home.residentKeys--;
    this.#queue.remove(entry);
    this.#resize(entry.home, -(entryBytes(entry) + (entry.data?.bytes ?? 0)));
  }

  /** Of a collection that stays, or is large, some records that did not change. Returns how many were looked at. */
  #evictPiece(entry: Entry, piece: number): number {
    const { data } = entry;
    if (data === undefined || !this.#mayLeave(data)) return 0;
    this.setDerived(entry, undefined);
    let looked = 0;
    for (const { sub, segment } of data.nextRecords(piece)) {
      looked++;
      if (segment > this.#evictable) continue;
      this.#forgetAbsences(entry, data);
      this.forgetDataRecord(entry, sub);
      this.evictions++;
    }
    return looked;
  }

  /**
   * Whether some of the collection may leave: then the store must have all changes of which no record is kept. If it is large such
   * changes come to an end with the next checkpoint, before which all of it has to stay, as if it were dirty.
   */
  #mayLeave(data: Collection): boolean {
    const { implied } = data;
    if (implied === undefined || implied.segment <= this.#evictable) return true;
    if (data.size > PIECE_RECORDS && !implied.isClosing) {
      implied.isClosing = true;
      this.dirtyBytes += data.bytes;
    }
    return false;
  }

  #forgetAbsences(entry: Entry, data: Collection): void {
    const { bytes } = data;
    data.forgetAbsences();
    this.#resize(entry.home, data.bytes - bytes);
  }

  #resize(space: Space, delta: number): void {
    space.bytes += delta;
    if (space.gone) this.#goneBytes += delta;
    else if (!space.dropped) this.bytes += delta;
  }
}
