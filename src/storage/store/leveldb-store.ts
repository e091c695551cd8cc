/** The store on disk: LevelDB through classic-level. Loaded lazily, so no other mode needs the native code. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClassicLevel, Snapshot } from 'classic-level';
import { assert } from '../../base/assert.js';
import { DiskDbError, systemCode } from '../../base/errors.js';
import { isLeveldbCorruption, storageError } from '../errors.js';
import type { Store, StoreBatch, StoreRange, StoreSnapshot } from './store.js';

export interface LeveldbOptions {
  /**
   * Bytes that LevelDB gathers in memory before it writes a table; up to two such buffers exist. 64 MiB with
   * files of 16 MiB cost least CPU per record (measured: 8–11 µs).
   */
  readonly writeBufferBytes: number;
  /** Uncompressed blocks kept; small, because residents are DiskDB's own cache. */
  readonly blockCacheBytes: number;
  /**
   * Other threads of this process may open handles on the same store (shared-reader.ts). LevelDB's lock
   * then excludes other processes only.
   */
  readonly shared?: boolean;
}

type Level = ClassicLevel<Buffer, Buffer>;

const TABLE_FILE_BYTES = 16 * 1024 * 1024;
const SCAN_RECORDS = 1000;
const SCAN_KEYS = 4000;
const NO_LIMIT = -1;
/** As both ends of a range: behind every record. */
const NOTHING = Buffer.of(0xff);
/** Chunks of a large getMany that run at the same time; each occupies a thread of libuv's pool. */
const PARALLEL_READS = 2;
/** Up to so many are read one by one: from the page cache 3 µs a key, where getMany takes 7 (measured). */
const SMALL_READ = 16;

class LeveldbSnapshot implements StoreSnapshot {
  readonly level: Level;
  readonly inner: Snapshot;

  constructor(level: Level) {
    this.level = level;
    this.inner = level.snapshot();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** A chained batch: 0.8 µs a record where `batch(operations)` takes 8 (measured). */
class LeveldbBatch implements StoreBatch {
  readonly #batch: ReturnType<Level['batch']>;

  constructor(level: Level) {
    this.#batch = level.batch();
  }

  put(key: Buffer, value: Buffer): void {
    try {
      this.#batch.put(key, value);
    } catch (error) {
      throw writeError(error);
    }
  }

  delete(key: Buffer): void {
    try {
      this.#batch.del(key);
    } catch (error) {
      throw writeError(error);
    }
  }

  async write(): Promise<void> {
    try {
      await this.#batch.write({ sync: true });
    } catch (error) {
      throw writeError(error);
    }
  }
}

export class LeveldbStore implements Store {
  readonly #path: string;
  readonly #options: LeveldbOptions;
  #level: Level | undefined;

  constructor(path: string, options: LeveldbOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** @throws DIRECTORY_LOCKED if another process has it open, STORE_FAILED. */
  async open(): Promise<void> {
    const { ClassicLevel } = await import('classic-level');
    const { writeBufferBytes, blockCacheBytes } = this.#options;
    const level: Level = new ClassicLevel(this.#path, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      // The envelope compresses; doing it again would cost time for nothing.
      compression: false,
      cacheSize: blockCacheBytes,
      writeBufferSize: writeBufferBytes,
      maxFileSize: TABLE_FILE_BYTES,
      multithreading: this.#options.shared ?? false,
    });
    try {
      await level.open();
    } catch (error) {
      throw openError(this.#path, error);
    }
    this.#level = level;
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    const level = this.#level;
    this.#level = undefined;
    await level?.close();
  }

  /** A few keys are read one by one in this thread, many in parallel on libuv's threads. */
  async getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    if (keys.length <= SMALL_READ) return keys.map((key) => this.getSync(key));
    const level = this.#opened();
    const share = Math.ceil(keys.length / PARALLEL_READS);
    const chunks: Promise<(Buffer | undefined)[]>[] = [];
    for (let at = 0; at < keys.length; at += share) {
      chunks.push(level.getMany(keys.slice(at, at + share)));
    }
    try {
      return (await Promise.all(chunks)).flat();
    } catch (error) {
      throw readError(error);
    }
  }

  getSync(key: Buffer): Buffer | undefined {
    const level = this.#opened();
    try {
      return level.getSync(key);
    } catch (error) {
      throw readError(error);
    }
  }

  async scan(range: StoreRange, visit: (key: Buffer, value: Buffer) => boolean): Promise<void> {
    const iterator = this.#opened().iterator(this.#iteratorOptions(range));
    try {
      for (;;) {
        const entries = await iterator.nextv(SCAN_RECORDS);
        if (entries.length === 0) return;
        for (const [key, value] of entries) if (!visit(key, value)) return;
      }
    } catch (error) {
      throw readError(error);
    } finally {
      await iterator.close();
    }
  }

  async scanKeys(range: StoreRange, visit: (keys: readonly Buffer[]) => boolean): Promise<void> {
    const iterator = this.#opened().keys(this.#iteratorOptions(range));
    try {
      for (;;) {
        const keys = await iterator.nextv(SCAN_KEYS);
        if (keys.length === 0 || !visit(keys)) return;
      }
    } catch (error) {
      throw readError(error);
    } finally {
      await iterator.close();
    }
  }

  /** By the values, as text of whatever kind: 2.0 µs a record, where Buffers of the keys take 2.8 (measured). */
  async countKeys(range: StoreRange): Promise<number> {
    const options = { ...this.#iteratorOptions(range), valueEncoding: 'utf8' } as const;
    const iterator = this.#opened().values(options);
    try {
      for (let count = 0; ; ) {
        const { length } = await iterator.nextv(SCAN_KEYS);
        if (length === 0) return count;
        count += length;
      }
    } catch (error) {
      throw readError(error);
    } finally {
      await iterator.close();
    }
  }

  async hasMany(keys: readonly Buffer[], snapshot?: StoreSnapshot): Promise<boolean[]> {
    try {
      return await this.#opened().hasMany([...keys], this.#snapshotOption(snapshot));
    } catch (error) {
      throw readError(error);
    }
  }

  snapshot(): StoreSnapshot {
    return new LeveldbSnapshot(this.#opened());
  }

  batch(): StoreBatch {
    return new LeveldbBatch(this.#opened());
  }

  async clear(range: StoreRange, limit: number): Promise<Buffer | undefined> {
    const level = this.#opened();
    const bounds = { gte: range.from, lt: range.to };
    await level.clear({ ...bounds, limit });
    const [left] = await level.keys({ ...bounds, limit: 1 }).all();
    return left;
  }

  /** LevelDB writes a table of what its log holds, and begins a new one, before it compacts; here there is nothing to. */
  flush(): Promise<void> {
    return this.compact(NOTHING, NOTHING);
  }

  compact(from: Buffer, to: Buffer): Promise<void> {
    return this.#opened().compactRange(from, to);
  }

  sizeOf(from: Buffer, to: Buffer): Promise<number> {
    return this.#opened().approximateSize(from, to);
  }

  async size(): Promise<number> {
    let bytes = 0;
    for (const name of await readdir(this.#path)) {
      bytes += await fileSize(join(this.#path, name));
    }
    return bytes;
  }

  #opened(): Level {
    if (!this.#level) throw new DiskDbError('CLOSED', 'the store is closed');
    return this.#level;
  }

  #iteratorOptions(range: StoreRange) {
    return {
      gte: range.from,
      lt: range.to,
      reverse: range.reverse ?? false,
      limit: range.limit ?? NO_LIMIT,
      highWaterMarkBytes: 256 * 1024,
      ...this.#snapshotOption(range.snapshot),
    };
  }

  #snapshotOption(snapshot: StoreSnapshot | undefined): { snapshot?: Snapshot } {
    if (snapshot === undefined) return {};
    assert(snapshot instanceof LeveldbSnapshot, 'a snapshot of another store');
    if (snapshot.level !== this.#level) {
      throw new DiskDbError('STORE_FAILED', 'the store was reopened: its snapshots are gone');
    }
    return { snapshot: snapshot.inner };
  }
}

function openError(path: string, error: unknown): DiskDbError {
  const cause = error instanceof Error ? error.cause : undefined;
  if (systemCode(cause) === 'LEVEL_LOCKED') {
    return new DiskDbError('DIRECTORY_LOCKED', `another process uses ${path}`, error);
  }
  const code = isLeveldbCorruption(cause) ? 'STORE_CORRUPT' : 'STORE_FAILED';
  return storageError(code, `opening ${path}`, cause ?? error);
}

function readError(error: unknown): DiskDbError {
  return storageError('STORE_FAILED', 'reading the store', error);
}

function writeError(error: unknown): DiskDbError {
  return storageError('STORE_FAILED', 'writing to the store', error);
}

/** LevelDB deletes files while they are counted. */
async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
