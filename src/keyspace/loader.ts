/**
 * Brings cold records in. Every load under way is listed: a second fault on the same record joins it, and the entry
 * that it brings records to stays. What changed since it began cannot be evicted before it returns, so that what it
 * brings can never be older than what left.
 */

import { dataBytes, tableRange, WHOLE } from './collection.js';
import { dataKey, keyRecordKey, parseHeader } from './encoding.js';
import type { Entry } from './entry.js';
import { fault, type Want, type WantedRange } from './fault.js';
import { countsBytes, Header, ValueType, versionOf } from './header.js';
import { type KeyName, keyNameOf } from './key-name.js';
import type { Keyspace } from './keyspace.js';
import { isShort, RangeLoad } from './range-load.js';
import type { LoadsUnderWay } from './residents.js';
import type { Space } from './space.js';

/**
 * Bytes of a range that the first fault brings. Each later one may bring as much as all before it: a request that reads
 * many runs few times.
 */
const RANGE_BYTES = 4 * 1024 * 1024;
/** A collection of so many elements is loaded whole when anything of it is missed. */
const WHOLE_COUNT = 128;

/** Where the tables begin that have a record for each element (docs/formats/records.md), and a collection as a whole. */
const ELEMENTS = new Set([
  WHOLE.from,
  ...[2, 3, 4, 5, 6, 7].map((table) => tableRange(table).from),
]);

/** What the smallest record takes. */
const SMALLEST = dataBytes('', undefined);

export class Loader implements LoadsUnderWay {
  readonly #keyspace: Keyspace;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Loads under way by the version whose data they bring: RENAME takes a version to another entry. */
  readonly #loadsOfVersion = new Map<number, number>();
  /** Ranges that are read part by part, by the version of their collection. */
  readonly #kept = new Map<number, number>();
  loads = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  isLoading(entry: Entry): boolean {
    if (this.#underWay.size === 0 && this.#loadsOfVersion.size === 0) return false;
    const version = entry.record === undefined ? 0 : versionOf(entry.record);
    return this.#loadsOfVersion.has(version) || this.#underWay.has(keyRecordKey(entry));
  }

  /** The key's header is missing: faults, or blocks if the attempt is escalated. */
  missKey(space: Space, name: KeyName): Entry | undefined {
    this.wantKey(space, name);
    this.#miss();
    return space.resident(name);
  }

  /** Records of the entry's collection are missing: faults, or blocks if the attempt is escalated. */
  missData(entry: Entry, subs: readonly string[]): void {
    if (isSmall(entry.record as Header)) {
      this.missRange(wholeOf(entry));
      return;
    }
    this.#checkRoom(subs.length * dataBytes(subs[0] as string, undefined));
    for (const sub of subs) this.wantData(entry, sub);
    this.#miss();
  }

  /** Records of a range of the entry's collection are missing: faults, or blocks as far as the attempt may. */
  missRange(range: WantedRange): void {
    this.needRoom(leastRecords(range));
    const { transaction, storage } = this.#keyspace;
    const { version } = range.entry.record as Header;
    const load = new RangeLoad(this.#keyspace, range);
    const most = this.#blockingBytesFor(range);
    while (!load.done && load.bytes < most) {
      load.install(storage.rangeSync(load.query()));
      this.#checkRoom(load.bytes);
    }
    transaction.loadedBytes += load.bytes;
    if (!isShort(range)) transaction.blockingBytes -= load.bytes;
    if (load.done) return;
    fault.range = load.rest;
    fault.rangeVersion = version;
    throw fault;
  }

  /** How much of the range may be read by blocking calls: others wait meanwhile. */
  #blockingBytesFor(range: WantedRange): number {
    const { escalated, mustFinish, blockingBytes } = this.#keyspace.transaction;
    const isFree = mustFinish || (escalated && isShort(range));
    return isFree ? Number.POSITIVE_INFINITY : blockingBytes;
  }

  /**
   * The beginning of the range, as much as is asked for or as one fault may bring, is resident when this resolves,
   * to the bytes that it takes. Others have their turn between its pages. `loadedBytes` is what the request has loaded.
   */
  async satisfyRange(range: WantedRange, loadedBytes = 0): Promise<number> {
    const { version } = range.entry.record as Header;
    const unpin = this.#pinCheckpoint();
    count(this.#loadsOfVersion, version, 1);
    let release = (): void => undefined;
    try {
      const load = new RangeLoad(this.#keyspace, range);
      const most = Math.max(RANGE_BYTES, loadedBytes);
      for (let page = 1; !load.done && load.bytes < most; page++) {
        if (page === 2) release = this.keep(version);
        load.install(await this.#keyspace.storage.range(load.query()));
        this.#keyspace.checkLoaded(loadedBytes + load.bytes);
      }
      this.loads += load.records;
      return load.bytes;
    } finally {
      release();
      count(this.#loadsOfVersion, version, -1);
      unpin();
    }
  }

  /** What is loaded of the collection stays, as far as there is room, until the returned function is called. */
  keep(version: number): () => void {
    count(this.#kept, version, 1);
    count(this.#loadsOfVersion, version, 1);
    return () => {
      count(this.#kept, version, -1);
      count(this.#loadsOfVersion, version, -1);
    };
  }

  /** Whether what is loaded of the entry's collection is to stay. */
  isKept({ record }: Entry): boolean {
    return this.#kept.size > 0 && record !== undefined && this.#kept.has(versionOf(record));
  }

  /** Whether there is a collection, and no string in fragments, of which not all is resident. */
  isCold({ record, data }: Entry): boolean {
    if (!(record instanceof Header) || record.version === 0) return false;
    if (record.type === ValueType.string || data?.complete) return false;
    return data?.knownUpTo(WHOLE.from, WHOLE.to) !== WHOLE.to;
  }

  isColdAndSmall(entry: Entry): boolean {
    return this.isCold(entry) && isSmall(entry.record as Header);
  }

  /** Loads the collections at once, as many as one fault may bring. What cannot be read is for who needs it. */
  async loadWhole(entries: readonly Entry[]): Promise<void> {
    let bytes = 0;
    const within = entries.filter(({ record }) => {
      const more = (record as Header).bytes;
      if (bytes + more > RANGE_BYTES) return false;
      bytes += more;
      return true;
    });
    await Promise.allSettled(within.map((entry) => this.satisfyRange(wholeOf(entry))));
  }

  /** Adds a key's header to the wants of the running fault. */
  wantKey(space: Space, key: KeyName): void {
    const { slot, hash, name } = key;
    const recordKey = keyRecordKey({ space: space.id, slot, hash, name });
    fault.wants.push({
      recordKey,
      version: 0,
      install: (value) => this.#installKey(space, key, value),
    });
  }

  /** Adds a record of the entry's collection to the wants of the running fault. */
  wantData(entry: Entry, sub: string): void {
    fault.wants.push(this.#dataWant(entry, sub));
  }

  /** If anything is wanted, that is missing: faults, or blocks if the attempt is escalated. */
  missWanted(): void {
    if (fault.wants.length > 0) this.#miss();
  }

  /**
   * Everything that is wanted is resident, or known to be absent, when this resolves, to the bytes that it takes
   * but for what others had asked for before.
   */
  async satisfy(wants: readonly Want[]): Promise<number> {
    const joined = new Set<Promise<void>>();
    const fresh = new Map<string, Want>();
    for (const want of wants) {
      const underWay = this.#underWay.get(want.recordKey);
      // Another record of that load may be the one that cannot be read: then this one is loaded again.
      if (underWay !== undefined) joined.add(underWay.catch(() => undefined));
      else fresh.set(want.recordKey, want);
    }
    const [bytes] = await Promise.all([
      fresh.size > 0 ? this.#load([...fresh.values()]) : 0,
      ...joined,
    ]);
    return bytes;
  }

  async #load(wants: readonly Want[]): Promise<number> {
    this.loads += wants.length;
    const keys = wants.map((want) => want.recordKey);
    const unpin = this.#pinCheckpoint();
    const loaded = this.#keyspace.storage.load(keys);
    let bytes = 0;
    const done = loaded.then((values) => {
      bytes = installAll(wants, values);
    });
    for (const want of wants) this.#begin(want, done);
    try {
      await done;
      return bytes;
    } finally {
      for (const want of wants) this.#end(want);
      unpin();
    }
  }

  #pinCheckpoint(): () => void {
    const { residents } = this.#keyspace;
    return residents.pinCheckpoint(residents.checkpoint);
  }

  #begin(want: Want, done: Promise<void>): void {
    this.#underWay.set(want.recordKey, done);
    if (want.version !== 0) count(this.#loadsOfVersion, want.version, 1);
  }

  #end(want: Want): void {
    this.#underWay.delete(want.recordKey);
    if (want.version !== 0) count(this.#loadsOfVersion, want.version, -1);
  }

  #miss(): void {
    if (!this.#keyspace.transaction.escalated) throw fault;
    const wants = [...fault.wants];
    fault.clear();
    this.loads += wants.length;
    const values = this.#keyspace.storage.loadSync(wants.map((want) => want.recordKey));
    const bytes = installAll(wants, values);
    this.#checkRoom(bytes);
    this.#keyspace.transaction.loadedBytes += bytes;
  }

  /** @throws CommandTooLarge if the request may not load so many records, be they as small as can be */
  needRoom(records: number): void {
    this.#checkRoom(records * SMALLEST);
  }

  #checkRoom(bytes: number): void {
    this.#keyspace.checkLoaded(this.#keyspace.transaction.loadedBytes + bytes);
  }

  #installKey(space: Space, name: KeyName, value: string | undefined): void {
    if (space.dropped || space.resident(name) !== undefined) return;
    const { residents } = this.#keyspace;
    const parsed = value === undefined ? undefined : parseHeader(value);
    const entry = residents.add(keyNameOf(name, parsed?.key ?? name.key), space);
    residents.setRecord(entry, parsed?.record);
    this.#keyspace.orphans.adopt(entry);
  }

  #dataWant(entry: Entry, sub: string): Want {
    const { dataSlot, version } = entry.record as Header;
    return {
      recordKey: dataKey(entry.space, dataSlot, version, sub),
      version,
      install: (value) => this.#installData(entry, version, sub, value),
    };
  }

  #installData(entry: Entry, version: number, sub: string, value: string | undefined): void {
    if (entry.home.dropped || entry.record === undefined) return;
    if (versionOf(entry.record) !== version || entry.data?.knows(sub)) return;
    this.#keyspace.residents.setDataRecord(entry, sub, value, 0);
  }
}

function count(counts: Map<number, number>, version: number, by: number): void {
  const sum = (counts.get(version) ?? 0) + by;
  if (sum === 0) counts.delete(version);
  else counts.set(version, sum);
}

function isSmall({ type, count }: Header): boolean {
  return type !== ValueType.string && count <= WHOLE_COUNT;
}

function wholeOf(entry: Entry): WantedRange {
  return { entry, ...WHOLE, reverse: false, limit: Number.POSITIVE_INFINITY };
}

/** How many records are wanted at least: of a whole table it is known before they are read. */
function leastRecords({ entry, from, to, limit }: WantedRange): number {
  const header = entry.record as Header;
  const isPart = from.length > 1 || to.length > 1;
  return isPart || countsBytes(header) || !ELEMENTS.has(from) ? 0 : Math.min(limit, header.count);
}

/** Returns the bytes that it takes, about. */
function installAll(wants: readonly Want[], values: readonly (string | undefined)[]): number {
  let bytes = 0;
  for (const [i, want] of wants.entries()) {
    const value = values[i];
    want.install(value);
    bytes += dataBytes(want.recordKey, value);
  }
  return bytes;
}
