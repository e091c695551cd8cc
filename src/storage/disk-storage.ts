/** Storage as the command thread holds it: the log here, the store behind a backend, recovery at open. */

import { assert } from '../base/assert.js';
import { DiskDbError } from '../base/errors.js';
import { yieldTurn } from '../base/yield-turn.js';
import {
  type DiskStorageOptions,
  type DiskStorageSettings,
  withDefaults,
} from './disk-storage-options.js';
import { isDiskFull } from './errors.js';
import { openLocked, removeHolder, writeHolder } from './holder.js';
import { WriteAheadLog } from './log/wal.js';
import { type RecoveredLog, recoverLog } from './recovery.js';
import { Reserve } from './reserve.js';
import type {
  CountQuery,
  CutOptions,
  Log,
  RangePage,
  RangeQuery,
  Skipped,
  SkipQuery,
  Snapshot,
  Storage,
  StorageStatistics,
} from './storage.js';
import { StorageService } from './storage-service.js';
import type { Checkpoint } from './store/checkpoint.js';
import { Codec } from './store/codec.js';
import { LeveldbStore } from './store/leveldb-store.js';
import { type Backend, LocalBackend } from './thread/backend.js';
import { LoadQueue } from './thread/load-queue.js';
import { ThreadBackend } from './thread/thread-backend.js';

const MEBIBYTE = 1024 * 1024;
const FOLDED_AGAIN =
  'The store had lost a part of its last fold; it was folded again from the kept log.';

interface Parts {
  readonly settings: DiskStorageSettings;
  readonly backend: Backend;
  readonly log: WriteAheadLog;
  readonly reserve: Reserve;
  readonly checkpoint: number;
}

export class DiskStorage implements Storage {
  readonly log: Log;
  readonly #settings: DiskStorageSettings;
  readonly #wal: WriteAheadLog;
  readonly #backend: Backend;
  readonly #loads: LoadQueue;
  readonly #reserve: Reserve;
  #checkpoint: number;
  #folding: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.#settings = parts.settings;
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
    const settings = withDefaults(options);
    const { files, directory, clock } = settings;
    files.makeDirectorySync(directory);
    files.makeDirectorySync(`${directory}/wal`);
    const backend = makeBackend(settings);
    const opening = await openLocked(files, directory, () => backend.open());
    try {
      writeHolder(files, directory, clock.now());
      if (opening.foldedAgain) settings.onWarning(FOLDED_AGAIN);
      const recovered = await recover(settings, backend, opening.checkpoint);
      const log = startLog(settings, recovered);
      const reserve = new Reserve(files, directory, settings.reserveBytes);
      backend.startBackground();
      const checkpoint = recovered.checkpoint.segment;
      return new DiskStorage({ settings, backend, log, reserve, checkpoint });
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

  count(query: CountQuery): Promise<number> {
    return this.#backend.count(query);
  }

  skip(query: SkipQuery): Promise<Skipped> {
    return this.#backend.skip(query);
  }

  sizeOf(from: string, to: string): Promise<number> {
    return this.#backend.sizeOf(from, to);
  }

  snapshot(): Promise<Snapshot> {
    return this.#backend.snapshot();
  }

  release(snapshot: Snapshot): void {
    this.#backend.release(snapshot);
  }

  async fold(state: () => string, options: CutOptions = {}): Promise<void> {
    assert(!this.#folding, 'one fold at a time');
    this.#folding = this.#fold(state, options);
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
    const { files, directory } = this.#settings;
    try {
      await this.#wal.close();
    } finally {
      removeHolder(files, directory);
      await this.#backend.close();
    }
  }

  async #fold(state: () => string, options: CutOptions): Promise<void> {
    await this.#cutWithRoom(state, options);
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
  async #cutWithRoom(state: () => string, options: CutOptions): Promise<void> {
    try {
      await this.#cut(state, options);
    } catch (error) {
      if (!isDiskFull(error) || !this.#reserve.free()) throw error;
      await yieldTurn();
      await this.#cut(state, options);
    }
  }

  async #cut(state: () => string, options: CutOptions): Promise<void> {
    await this.#wal.prepareCut();
    const release = options.quiet?.want();
    try {
      while (!(await this.#cutWhenQuiet(state, options)));
    } finally {
      release?.();
    }
  }

  async #cutWhenQuiet(state: () => string, options: CutOptions): Promise<boolean> {
    const { quiet } = options;
    if (quiet?.isSuspended) {
      await quiet.settled();
      // It may have written much: the cut is not to block until that is synced.
      await this.#wal.sync();
    }
    // Out of the promise's continuation, which may run within a turn that has run commands.
    await yieldTurn();
    return this.#cutIfQuiet(state, options);
  }

  #cutIfQuiet(state: () => string, { quiet, onCut }: CutOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#wal.whenIdle(() => {
        try {
          const isQuiet = quiet?.isSuspended !== true;
          if (isQuiet) {
            this.#wal.cut(state());
            onCut?.();
          }
          resolve(isQuiet);
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

function makeBackend(settings: DiskStorageSettings): Backend {
  const { directory, files, store, inProcess, compression, reserveBytes } = settings;
  const leveldb = leveldbOptions(settings.cacheBytes);
  const path = `${directory}/store`;
  if (!inProcess) {
    return new ThreadBackend({
      directory,
      compression,
      reserveBytes,
      reopenBytes: leveldb.writeBufferBytes,
      store: { path, ...leveldb, shared: true },
    });
  }
  const service = new StorageService({
    files,
    directory,
    store: store ?? new LeveldbStore(path, leveldb),
    codec: new Codec(compression),
    reserveBytes,
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

async function recover(
  settings: DiskStorageSettings,
  backend: Backend,
  checkpoint: RecoveredLog['checkpoint'],
): Promise<RecoveredLog> {
  const fold = (through: number): Promise<Checkpoint> => backend.fold(through);
  const recovered = await recoverLog({ ...settings, checkpoint, fold });
  const { tornTail } = recovered;
  if (tornTail) {
    const { path, offset, bytes, reason } = tornTail;
    settings.onWarning(`Cut ${bytes} bytes off ${path} at offset ${offset}: ${reason}.`);
  }
  return recovered;
}

function startLog(settings: DiskStorageSettings, recovered: RecoveredLog): WriteAheadLog {
  const { nextSegment: segment, nextLsn, unfolded } = recovered;
  const start = { segment, nextLsn, state: settings.state(), unfolded };
  return new WriteAheadLog({ ...settings, enabled: settings.walEnabled }, start);
}

function clamp(value: number, least: number, most: number): number {
  return Math.floor(Math.min(most, Math.max(least, value)));
}
