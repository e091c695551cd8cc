/** A keyspace over simulated files and a store in memory, for tests that hold loads back, lose power, or fail writes. */

import { SimulatedFiles } from '../../src/base/simulated-files.js';
import type { UnsyncedOperation } from '../../src/base/simulated-inode.js';
import { Checkpointer } from '../../src/keyspace/checkpointer.js';
import { dataBytes, valueBytes, WHOLE } from '../../src/keyspace/collection.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { entryBytes, keyBytes } from '../../src/keyspace/entry.js';
import type { FilterKeeper } from '../../src/keyspace/filter-keeper.js';
import { GroupCommit, type Waiter } from '../../src/keyspace/group-commit.js';
import { Header, type KeyRecord, NEVER, ValueType } from '../../src/keyspace/header.js';
import { impliedBytes } from '../../src/keyspace/implied-table.js';
import type { KeyLocks } from '../../src/keyspace/key-locks.js';
import { locate, slotOf } from '../../src/keyspace/key-name.js';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { openKeyspace } from '../../src/keyspace/open-keyspace.js';
import { stateOf } from '../../src/keyspace/state.js';
import { suspend } from '../../src/keyspace/suspension.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import type {
  CountQuery,
  CutOptions,
  RangePage,
  RangeQuery,
  ReplaySink,
  Skipped,
  SkipQuery,
  Snapshot,
  Storage,
  StorageStatistics,
} from '../../src/storage/storage.js';
import { MemoryStore } from '../../src/storage/store/memory-store.js';
import { ManualClock } from '../support/command-harness.js';

export const DIRECTORY = '/data';

export class RecordingLogger {
  readonly messages: string[] = [];

  debug(): void {
    // Of no interest to tests.
  }

  info(): void {
    // Of no interest to tests.
  }

  warn(_: object, message: string): void {
    this.messages.push(message);
  }

  error(_: object, message: string): void {
    this.messages.push(message);
  }
}

interface HeldLoad {
  readonly keys: readonly string[];
  release(): void;
}

/** The storage, with loads and ranges that can be held back after the store was read. */
export class GatedStorage implements Storage {
  readonly inner: DiskStorage;
  /** While true loads read the store but do not return. */
  holds = false;
  readonly held: HeldLoad[] = [];
  /** Called before each range is read. */
  beforeRange: (() => Promise<void>) | undefined;
  /** Called when a range was read, before it returns. */
  afterRange: (() => Promise<void>) | undefined;
  loads: string[][] = [];
  syncLoads: string[][] = [];
  ranges = 0;
  /** Keys whose load fails. */
  readonly damaged = new Map<string, Error>();

  constructor(inner: DiskStorage) {
    this.inner = inner;
  }

  get log() {
    return this.inner.log;
  }

  get checkpoint(): number {
    return this.inner.checkpoint;
  }

  async load(keys: readonly string[]): Promise<(string | undefined)[]> {
    this.loads.push([...keys]);
    const released = this.#holdBack(keys);
    const damage = keys.map((key) => this.damaged.get(key)).find((error) => error !== undefined);
    const values = this.inner.loadSync(keys);
    await released;
    if (damage !== undefined) throw damage;
    return values;
  }

  /** Lets what was held back return, the oldest first, and waits until it has. */
  async releaseAll(): Promise<void> {
    this.holds = false;
    for (const { release } of this.held.splice(0)) release();
    await settled();
  }

  loadSync(keys: readonly string[]): (string | undefined)[] {
    this.syncLoads.push([...keys]);
    return this.inner.loadSync(keys);
  }

  async range(query: RangeQuery): Promise<RangePage> {
    this.ranges++;
    const released = this.#holdBack([query.from]);
    await this.beforeRange?.();
    const page = await this.inner.range(query);
    await released;
    await this.afterRange?.();
    return page;
  }

  #holdBack(keys: readonly string[]): Promise<void> | undefined {
    if (!this.holds) return undefined;
    return new Promise<void>((release) => this.held.push({ keys, release }));
  }

  rangeSync(query: RangeQuery): RangePage {
    return this.inner.rangeSync(query);
  }

  count(query: CountQuery): Promise<number> {
    return this.inner.count(query);
  }

  skip(query: SkipQuery): Promise<Skipped> {
    return this.inner.skip(query);
  }

  sizeOf(from: string, to: string): Promise<number> {
    return this.inner.sizeOf(from, to);
  }

  snapshot(): Promise<Snapshot> {
    return this.inner.snapshot();
  }

  release(snapshot: Snapshot): void {
    this.inner.release(snapshot);
  }

  fold(state: () => string, options?: CutOptions): Promise<void> {
    return this.inner.fold(state, options);
  }

  statistics(): Promise<StorageStatistics> {
    return this.inner.statistics();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

export interface WorldOptions {
  readonly cacheBytes?: number;
  readonly transactionBytes?: number;
  readonly databases?: number;
  readonly sync?: 'always' | 'no';
  /** Of the log; see BlockingSyncs. */
  readonly blockingSyncMsMax?: number;
  readonly maxLogSize?: number;
  readonly files?: SimulatedFiles;
  readonly store?: MemoryStore;
  readonly clock?: ManualClock;
  readonly random?: () => number;
}

export class World {
  readonly options: WorldOptions;
  readonly clock: ManualClock;
  readonly files: SimulatedFiles;
  readonly store: MemoryStore;
  readonly logger = new RecordingLogger();
  keyspace!: Keyspace;
  storage!: GatedStorage;
  commit!: GroupCommit;
  checkpointer!: Checkpointer;
  filters!: FilterKeeper;

  private constructor(options: WorldOptions) {
    this.options = options;
    this.files = options.files ?? new SimulatedFiles();
    this.store = options.store ?? new MemoryStore();
    this.clock = options.clock ?? new ManualClock();
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    await world.#open();
    return world;
  }

  async #open(): Promise<void> {
    const { cacheBytes = 1 << 30, transactionBytes = 1 << 30, databases = 16 } = this.options;
    const { clock, files, store, logger } = this;
    const random = this.options.random ?? (() => 0.5);
    const keyspace = new Keyspace({ databases, cacheBytes, transactionBytes }, clock, random);
    this.keyspace = keyspace;
    const openStorage = async (sink: ReplaySink): Promise<Storage> => {
      const state = (): string => stateOf(keyspace);
      const { blockingSyncMsMax = 0 } = this.options;
      const options = { directory: DIRECTORY, sink, state, files, store, clock, blockingSyncMsMax };
      this.storage = new GatedStorage(
        await DiskStorage.open({ ...options, inProcess: true, reserveBytes: 0 }),
      );
      return this.storage;
    };
    this.filters = await openKeyspace({
      keyspace,
      files,
      directory: DIRECTORY,
      logger,
      openStorage,
    });
    this.storage.ranges = 0;
    this.commit = new GroupCommit(keyspace, () => this.options.sync === 'always');
    this.checkpointer = new Checkpointer(keyspace, logger, {
      maxLogSize: () => this.options.maxLogSize ?? 1 << 30,
      afterFold: () => this.filters.save(),
    });
  }

  get db(): Database {
    return this.keyspace.database(0);
  }

  get residents() {
    return this.keyspace.residents;
  }

  /** Runs the task as one request; its turn does not end. */
  async run<T>(task: (db: Database) => T): Promise<T> {
    return this.keyspace.runner.run({ run: () => task(this.db) });
  }

  /** Runs the task as one request, and ends the turn. Resolves when the group is safe. */
  async turn<T>(task: (db: Database) => T): Promise<T> {
    const result = await this.run(task);
    await this.endTurn();
    return result;
  }

  endTurn(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.commit.endTurn({ release: resolve, fail: reject });
    });
  }

  /**
   * A task of these steps, between which it suspends itself; what stands beside it runs while it is. With locks that is a task like
   * any other.
   */
  inSteps(
    steps: readonly (() => void)[],
    beside: () => void = () => undefined,
    locks?: KeyLocks,
  ): () => void {
    const { runner } = this.keyspace;
    const besideIt = { run: beside, runsBeside: () => true };
    const runFrom = (at: number): void => {
      steps[at]?.();
      if (at === steps.length - 1) return;
      setImmediate(() => (locks ? runner.run(besideIt) : runner.runBeside(besideIt)));
      suspend({ resume: () => runFrom(at + 1), abandon: () => undefined, ...(locks && { locks }) });
    };
    return () => runFrom(0);
  }

  /** Ends the turn with a waiter that writes down what became of it. */
  endTurnNoting(name: string, into: string[]): void {
    const waiter: Waiter = {
      release: () => into.push(`${name} released`),
      fail: (error) => into.push(`${name} failed: ${(error as Error & { code?: string }).code}`),
    };
    this.commit.endTurn(waiter);
  }

  set(key: string, value: KeyRecord, index = 0): Promise<void> {
    return this.turn(() => void this.keyspace.database(index).put(key, value));
  }

  get(key: string, index = 0): Promise<KeyRecord | undefined> {
    return this.turn(() => this.keyspace.database(index).get(key));
  }

  fold(): Promise<void> {
    return this.checkpointer.checkpoint();
  }

  /** Folds and evicts: what is read next comes from the store. */
  async chill(): Promise<void> {
    await this.fold();
    this.residents.evictAll();
  }

  resident(key: string, index = 0): Entry | undefined {
    return this.keyspace.databases.spaces[index]?.resident(locate(key, this.keyspace.names.seed));
  }

  /** The process is killed, or the power fails if `keep` is given; then it starts again. */
  async restart(keep?: (operation: UnsyncedOperation) => boolean | number): Promise<void> {
    this.files.crash(keep ?? (() => true));
    await this.#open();
  }

  /** Every key with what it holds, database by database. Reads them all. */
  async contents(): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const [index, space] of this.keyspace.databases.spaces.entries()) {
      if (space === undefined) continue;
      const page = await this.storage.inner.range({
        from: 'm',
        to: 'n',
        maxRecords: 1e6,
        maxBytes: 1e9,
      });
      const names = new Set(page.keys.map((key) => key.slice(11)));
      for (const entry of space.residents()) names.add(entry.name);
      for (const name of [...names].sort()) {
        const record = await this.get(name, index);
        if (record === undefined) continue;
        const value = typeof record === 'string' ? record : `${record.value}@${record.expireAt}`;
        all[`${index}/${name}`] = value;
      }
    }
    return all;
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}

/** Puts a collection of the given records at the key. */
export function putCollection(
  db: Database,
  key: string,
  records: Readonly<Record<string, string>>,
): void {
  const count = Object.keys(records).length;
  const header = new Header({
    type: ValueType.hash,
    expireAt: NEVER,
    version: db.newVersion(),
    count,
    dataSlot: slotOf(key),
  });
  const entry = db.put(key, header);
  for (const [sub, value] of Object.entries(records)) db.writeData(entry, sub, value);
}

export function readRecord(db: Database, key: string, sub: string): string | undefined {
  const entry = db.entry(key);
  return entry === undefined ? undefined : db.readData(entry, sub);
}

export function writeRecord(
  db: Database,
  key: string,
  sub: string,
  value: string | undefined,
): void {
  const entry = db.entry(key);
  if (entry === undefined) throw new Error(`no key ${key}`);
  if (!(entry.record instanceof Header) || entry.record.version === 0)
    throw new Error(`no collection at ${key}`);
  db.writeData(entry, sub, value);
}

/** What the accounts must say of the residents of the spaces in use, counted anew. */
export function countedBytes(keyspace: Keyspace): number {
  let total = 0;
  for (const space of keyspace.databases.spaces) {
    if (space === undefined) continue;
    for (const entry of space.residents()) total += entryBytes(entry) + countedData(entry);
  }
  return total;
}

/** What the dataset must be said to take, of keys that are all resident: counted anew. */
export function countedDataset(keyspace: Keyspace): number {
  let total = 0;
  for (const space of keyspace.databases.spaces) {
    for (const entry of space?.residents() ?? []) {
      if (entry.record === undefined) continue;
      total += keyBytes(entry, entry.record);
      if (entry.record instanceof Header) total += countedValues(entry) - entry.record.bytes;
    }
  }
  return total;
}

function countedValues({ data, record }: Entry): number {
  if (!(record instanceof Header) || record.version === 0) return 0;
  let total = 0;
  data?.forEachIn(WHOLE, (sub, value) => {
    total += valueBytes(sub, value);
  });
  return total;
}

function countedData({ data }: Entry): number {
  let total = data?.derived?.bytes ?? 0;
  data?.forEach(({ sub, value }) => {
    total += dataBytes(sub, value);
    if (value !== undefined && data.implied?.isSource(sub)) total += impliedBytes(sub);
  });
  return total;
}

/** Until what can happen without anybody's doing has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
