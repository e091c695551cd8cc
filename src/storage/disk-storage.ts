/** Storage as the command thread holds it: the log here, the store behind a backend, recovery at open. */

import { randomBytes } from 'node:crypto';
import { assert } from '../base/assert.js';
import { type Clock, systemClock } from '../base/clock.js';
import { DiskDbError } from '../base/errors.js';
import type { Files } from '../base/files.js';
import { systemFiles } from '../base/system-files.js';
import { yieldTurn } from '../base/yield-turn.js';
import { isDiskFull } from './errors.js';
import { openLocked, removeHolder, writeHolder } from './holder.js';
import { RUN_ID_BYTES } from './log/frame.js';
import { WriteAheadLog } from './log/wal.js';
import { type RecoveredLog, type RecoveryProgress, recoverLog } from './recovery.js';
import { Reserve } from './reserve.js';
import type {
  Log,
  RangePage,
  RangeQuery,
  ReplaySink,
  Snapshot,
  Storage,
  StorageStatistics,
} from './storage.js';
import { StorageService } from './storage-service.js';
import { Codec, type Compression } from './store/codec.js';
import { LeveldbStore } from './store/leveldb-store.js';
import type { Store } from './store/store.js';
import { type Backend, LocalBackend } from './thread/backend.js';
import { LoadQueue } from './thread/load-queue.js';
import { ThreadBackend } from './thread/thread-backend.js';

const MEBIBYTE = 1024 * 1024;

export interface DiskStorageOptions {
  /** Created if it does not exist. */
  readonly directory: string;
  /** Receives what the log holds above the checkpoint, before `open` resolves. */
  readonly sink: ReplaySink;
  /** The server's state as of all that the sink was given: it heads the segment that recovery starts. */
  readonly state: () => string;
  /** How new records are written; every codec can be read. Default lz4, none over a given `store`. */
  readonly compression?: Compression;
  /** false buffers the log in memory until the next checkpoint. Default true. */
  readonly walEnabled?: boolean;
  /** Whether the log writes room ahead of itself, which makes syncs cheaper; see AheadFile. Default: never. */
  readonly writeAhead?: () => boolean;
  /** Bytes of log at which the owner folds; here it sizes the reserve. Default 100 MiB. */
  readonly maxLogSize?: number;
  /** The server's `cache_size`; the store's own buffers are small shares of it. Default 256 MiB. */
  readonly cacheBytes?: number;
  /**
   * Room kept for a fold on a full disk; 0 keeps none. Default 1.25 times maxLogSize (a fold of distinct records
   * takes about 1.4 times its log), at most 128 MiB.
   */
  readonly reserveBytes?: number;
  /** Written into each segment; forty hexadecimal digits, default random. */
  readonly runId?: string;
  readonly epoch?: number;
  readonly clock?: Clock;
  /** Default: the operating system's. */
  readonly files?: Files;
  /** Default: LevelDB in `directory`/store. A given one is used in the caller's thread. */
  readonly store?: Store;
  /** Runs the storage service in the caller's thread. rangeSync then needs a store in memory. */
  readonly inProcess?: boolean;
  /** From this size on a group is written in parts. Default 4 MiB. */
  readonly spillBytes?: number;
  /** At most once a second during a long recovery. */
  readonly onProgress?: (progress: RecoveryProgress) => void;
  /** Told in a full sentence of what the owner of the data should know: a torn tail, a store folded again. */
  readonly onWarning?: (message: string) => void;
}

interface Parts {
  readonly backend: Backend;
  readonly log: WriteAheadLog;
  readonly reserve: Reserve;
  readonly checkpoint: number;
}

export class DiskStorage implements Storage {
  readonly log: Log;
  readonly #options: DiskStorageOptions;
  readonly #wal: WriteAheadLog;
  readonly #backend: Backend;
  readonly #loads: LoadQueue;
  readonly #reserve: Reserve;
  #checkpoint: number;
  #folding: Promise<void> | undefined;

  private constructor(options: DiskStorageOptions, parts: Parts) {
    this.#options = options;
    this.#wal = parts.log;
    this.log = parts.log;
    this.#backend = parts.backend;
    this.#reserve = parts.reserve;
    this.#checkpoint = parts.checkpoint;
    this.#loads = new LoadQueue((keys) => parts.backend.load(keys));
  }

  /**
   * Locks the directory, opens the store, replays the log into the sink and starts a new segment.
   * @throws DIRECTORY_LOCKED, LOG_CORRUPT, STORE_CORRUPT, STORE_FAILED, FORMAT_UNKNOWN, DISK_FULL
   */
  static async open(options: DiskStorageOptions): Promise<DiskStorage> {
    const { directory, files = systemFiles, clock = systemClock } = options;
    files.makeDirectorySync(directory);
    files.makeDirectorySync(`${directory}/wal`);
    const backend = makeBackend(options);
    const opening = await openLocked(files, directory, () => backend.open());
    try {
      writeHolder(files, directory, clock.now());
      if (opening.foldedAgain) warnFoldedAgain(options);
      const recovered = await recover(options, backend, opening.checkpoint);
      const log = startLog(options, recovered);
      const reserve = new Reserve(files, directory, reserveBytes(options));
      backend.startBackground();
      const checkpoint = recovered.checkpoint.segment;
      return new DiskStorage(options, { backend, log, reserve, checkpoint });
    } catch (error) {
      removeHolder(files, directory);
      await backend.close();
      throw error;
    }
  }

  get checkpoint(): number {
    return this.#checkpoint;
  }

  load(keys: readonly string[]): Promise<(string | undefined)[]> {
    return this.#loads.load(keys);
  }

  loadSync(keys: readonly string[]): (string | undefined)[] {
    return this.#backend.loadSync(keys);
  }

  range(query: RangeQuery): Promise<RangePage> {
    return this.#backend.range(query);
  }

  rangeSync(query: RangeQuery): RangePage {
    return this.#backend.rangeSync(query);
  }

  snapshot(): Promise<Snapshot> {
    return this.#backend.snapshot();
  }

  release(snapshot: Snapshot): void {
    this.#backend.release(snapshot);
  }

  async fold(state: () => string): Promise<void> {
    assert(!this.#folding, 'one fold at a time');
    this.#folding = this.#fold(state);
    try {
      await this.#folding;
    } finally {
      this.#folding = undefined;
    }
  }

  statistics(): Promise<StorageStatistics> {
    return this.#backend.statistics();
  }

  async close(): Promise<void> {
    await this.#folding?.catch(() => undefined);
    const { files = systemFiles, directory } = this.#options;
    try {
      await this.#wal.close();
    } finally {
      removeHolder(files, directory);
      await this.#backend.close();
    }
  }

  async #fold(state: () => string): Promise<void> {
    await this.#cutWithRoom(state);
    try {
      const { segment } = await this.#backend.fold(this.#wal.segment - 1);
      this.#checkpoint = segment;
      this.#wal.folded(segment);
    } catch (error) {
      // The service syncs the log, too; after a failed sync nothing may be acknowledged any more.
      if (error instanceof DiskDbError && error.code === 'LOG_FAILED') this.#wal.fail(error);
      throw error;
    }
  }

  /** On a full disk once more, without the reserve. */
  async #cutWithRoom(state: () => string): Promise<void> {
    try {
      await this.#cut(state);
    } catch (error) {
      if (!isDiskFull(error) || !this.#reserve.free()) throw error;
      await yieldTurn();
      await this.#cut(state);
    }
  }

  async #cut(state: () => string): Promise<void> {
    await this.#wal.prepareCut();
    // Out of the promise's continuation, which may run within a turn that has run commands.
    await yieldTurn();
    return new Promise((resolve, reject) => {
      this.#wal.whenIdle(() => {
        try {
          this.#wal.cut(state());
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

function makeBackend(options: DiskStorageOptions): Backend {
  const { directory, files = systemFiles, store, inProcess = store !== undefined } = options;
  const compression = options.compression ?? (store ? 'none' : 'lz4');
  const leveldb = leveldbOptions(options.cacheBytes ?? 256 * MEBIBYTE);
  const path = `${directory}/store`;
  if (!inProcess) {
    return new ThreadBackend({
      directory,
      compression,
      reserveBytes: reserveBytes(options),
      reopenBytes: leveldb.writeBufferBytes,
      store: { path, ...leveldb, shared: true },
    });
  }
  const service = new StorageService({
    files,
    directory,
    store: store ?? new LeveldbStore(path, leveldb),
    codec: new Codec(compression),
    reserveBytes: reserveBytes(options),
    reopenBytes: store ? 0 : leveldb.writeBufferBytes,
  });
  return new LocalBackend(service);
}

/** 64 MiB of write buffer cost least CPU per record; a small cache gets a sixteenth of itself. */
function leveldbOptions(cacheBytes: number): { writeBufferBytes: number; blockCacheBytes: number } {
  return {
    writeBufferBytes: clamp(cacheBytes / 16, 2 * MEBIBYTE, 64 * MEBIBYTE),
    blockCacheBytes: clamp(cacheBytes / 64, MEBIBYTE, 8 * MEBIBYTE),
  };
}

function reserveBytes({ reserveBytes: bytes, maxLogSize, files }: DiskStorageOptions): number {
  if (bytes !== undefined) return bytes;
  return files === undefined ? Math.min(1.25 * (maxLogSize ?? 100 * MEBIBYTE), 128 * MEBIBYTE) : 0;
}

async function recover(
  options: DiskStorageOptions,
  backend: Backend,
  checkpoint: RecoveredLog['checkpoint'],
): Promise<RecoveredLog> {
  const { directory, sink, files = systemFiles, clock = systemClock, onProgress } = options;
  const recovered = await recoverLog({
    files,
    directory,
    clock,
    sink,
    checkpoint,
    fold: (through) => backend.fold(through),
    onProgress: onProgress ?? (() => undefined),
  });
  const { tornTail } = recovered;
  if (tornTail) {
    const { path, offset, bytes, reason } = tornTail;
    options.onWarning?.(`Cut ${bytes} bytes off ${path} at offset ${offset}: ${reason}.`);
  }
  return recovered;
}

function startLog(options: DiskStorageOptions, recovered: RecoveredLog): WriteAheadLog {
  const { directory, files = systemFiles, clock = systemClock, spillBytes } = options;
  return new WriteAheadLog(
    {
      files,
      directory,
      clock,
      runId: options.runId ?? randomBytes(RUN_ID_BYTES).toString('hex'),
      epoch: options.epoch ?? 0,
      enabled: options.walEnabled ?? true,
      ...(options.writeAhead === undefined ? {} : { writeAhead: options.writeAhead }),
      ...(spillBytes === undefined ? {} : { spillBytes }),
    },
    {
      segment: recovered.nextSegment,
      nextLsn: recovered.nextLsn,
      state: options.state(),
      unfolded: recovered.unfolded,
    },
  );
}

function warnFoldedAgain({ onWarning }: DiskStorageOptions): void {
  onWarning?.('The store had lost a part of its last fold; it was folded again from the kept log.');
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}
