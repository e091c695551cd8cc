/**
 * What the storage thread does, over a store and files: it reads records, folds the log, and clears garbage. Runs
 * in that thread, or in the caller's own (tests, and the mode without a disk).
 */

import { assert } from '../base/assert.js';
import { DiskDbError } from '../base/errors.js';
import type { Files } from '../base/files.js';
import { isDiskFull, storageError } from './errors.js';
import { Fold } from './fold.js';
import { listSegments, segmentPath } from './log/segment.js';
import { Reserve } from './reserve.js';
import type { StorageStatistics } from './storage.js';
import {
  type Checkpoint,
  missingMarkers,
  NO_CHECKPOINT,
  readCheckpoint,
} from './store/checkpoint.js';
import type { Codec } from './store/codec.js';
import { reclaim } from './store/garbage.js';
import { RecordReader } from './store/record-reader.js';
import type { Store } from './store/store.js';
import { StoreMeasures } from './store/store-measures.js';

export interface ServiceOptions {
  readonly files: Files;
  readonly directory: string;
  readonly store: Store;
  readonly codec: Codec;
  readonly reserveBytes: number;
  /** Room that opening the store may take, while it brings its own log into tables. */
  readonly reopenBytes: number;
  /** Resolves when nobody else has the store open: LevelDB closes for good only with its last handle. */
  readonly beforeReopen?: () => Promise<void>;
  /** Bounds of a fold, for tests; see fold.ts. */
  readonly gatherBytes?: number;
  readonly batchBytes?: number;
}

export interface ServiceOpening {
  readonly checkpoint: Checkpoint;
  /** True if damage made it fold the last fold's segments again. */
  readonly foldedAgain: boolean;
}

export class StorageService {
  /** Reads of the store, for everybody. */
  readonly records: RecordReader;
  readonly #options: ServiceOptions;
  readonly #store: Store;
  readonly #codec: Codec;
  readonly #reserve: Reserve;
  readonly #measures: StoreMeasures;
  #checkpoint = NO_CHECKPOINT;
  #folding = false;
  #closing = false;
  #reclaiming: Promise<void> | undefined;
  #reserving: Promise<void> | undefined;
  #folds = 0;
  #lastFoldMs = 0;
  #foldFailure: string | undefined;
  #backgroundFailure: string | undefined;
  /** After a failed write the store may refuse all others until it was opened again. */
  #storeBroken = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#codec = options.codec;
    this.#measures = new StoreMeasures(options.store);
    this.#reserve = new Reserve(options.files, options.directory, options.reserveBytes);
    this.records = new RecordReader(options.store, options.codec);
  }

  /** @throws DIRECTORY_LOCKED, STORE_FAILED, STORE_CORRUPT */
  async open(): Promise<ServiceOpening> {
    await this.#codec.open();
    await this.#store.open();
    try {
      this.#checkpoint = await readCheckpoint(this.#store, this.#codec);
      const missing = await missingMarkers(this.#store, this.#codec, this.#checkpoint);
      if (missing.length > 0) await this.#foldAgain();
      this.records.advance(this.#checkpoint.segment);
      return { checkpoint: this.#checkpoint, foldedAgain: missing.length > 0 };
    } catch (error) {
      await this.#store.close();
      throw error;
    }
  }

  /** Starts what runs beside: called once recovery is over. */
  startBackground(): void {
    this.#startReclaim();
    this.#makeReserve();
  }

  /**
   * Folds the segments above the checkpoint up to `through`, of which the next one has been started.
   * @throws LOG_FAILED, LOG_CORRUPT, STORE_FAILED, DISK_FULL: then the checkpoint has not moved
   */
  async fold(through: number): Promise<Checkpoint> {
    assert(!this.#folding, 'one fold at a time');
    this.#folding = true;
    const startedAt = performance.now();
    try {
      await this.#reclaiming;
      await this.#syncLog(through + 1);
      const { segment: previous } = this.#checkpoint;
      this.#checkpoint = await this.#foldWithRoom(previous, through);
      this.records.advance(through);
      this.#removeSegments(previous);
      this.#folds++;
      this.#foldFailure = undefined;
      this.#backgroundFailure = undefined;
      return this.#checkpoint;
    } catch (error) {
      this.#foldFailure = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      this.#folding = false;
      this.#measures.forget();
      this.#lastFoldMs = performance.now() - startedAt;
      this.startBackground();
    }
  }

  statistics(): Promise<StorageStatistics> {
    return this.records.read(() => this.#statistics());
  }

  async #statistics(): Promise<StorageStatistics> {
    return {
      ...(await this.#measures.get()),
      folds: this.#folds,
      foldFailure: this.#foldFailure ?? this.#backgroundFailure,
      lastFoldMs: this.#lastFoldMs,
    };
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#reclaiming;
    await this.#reserving;
    await this.records.close();
    await this.#store.close();
  }

  /** Folds once more what the last fold read: LevelDB has lost a part of what that wrote. */
  async #foldAgain(): Promise<void> {
    const { files, directory } = this.#options;
    const { previous, segment } = this.#checkpoint;
    const kept = new Set(listSegments(files, directory));
    for (let number = previous + 1; number <= segment; number++) {
      if (kept.has(number)) continue;
      throw new DiskDbError(
        'STORE_CORRUPT',
        `the store has lost records, and ${segmentPath(directory, number)}, which held them, is gone. ` +
          'Run `diskdb check`, and restore a backup or run `diskdb repair`.',
      );
    }
    this.#checkpoint = await this.#runFold(previous, segment);
  }

  /** A change in the store whose log was lost would be half a transaction: the log goes first. */
  async #syncLog(through: number): Promise<void> {
    const { files, directory } = this.#options;
    for (const segment of listSegments(files, directory)) {
      if (segment <= this.#checkpoint.segment || segment > through) continue;
      const handle = files.openSync(segmentPath(directory, segment), 'read-write');
      try {
        await handle.dataSync();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new DiskDbError('LOG_FAILED', `syncing ${handle.path}: ${reason}`, error);
      } finally {
        handle.closeSync();
      }
    }
  }

  /** On a full disk once more, without the reserve. */
  async #foldWithRoom(previous: number, through: number): Promise<Checkpoint> {
    try {
      return await this.#runFold(previous, through);
    } catch (error) {
      if (!isDiskFull(error) || !this.#reserve.free()) throw error;
      return this.#runFold(previous, through);
    }
  }

  async #runFold(previous: number, through: number): Promise<Checkpoint> {
    if (this.#storeBroken) await this.#reopen();
    try {
      return await new Fold(this.#options, this.#checkpoint).run(previous, through);
    } catch (error) {
      this.#storeBroken = true;
      throw storageError('STORE_FAILED', 'folding the log', error);
    }
  }

  /**
   * Not without room: a store that only refuses writes can still be read, one that cannot open cannot. Reads
   * are held back only when nobody else has it open: the caller of a blocking read could not let it go.
   */
  async #reopen(): Promise<void> {
    const { files, directory, reopenBytes, beforeReopen } = this.#options;
    if (files.freeBytes(directory) < reopenBytes) {
      throw new DiskDbError(
        'DISK_FULL',
        'there is no room to open the store again after a failure',
      );
    }
    await beforeReopen?.();
    await this.records.reopen(this.#checkpoint.segment);
    this.#storeBroken = false;
  }

  /** The segments of the last fold stay, so that a damaged store can be folded again. */
  #removeSegments(through: number): void {
    const { files, directory } = this.#options;
    for (const segment of listSegments(files, directory)) {
      if (segment <= through) files.removeSync(segmentPath(directory, segment));
    }
  }

  #startReclaim(): void {
    if (this.#reclaiming || this.#closing || this.#storeBroken) return;
    const mayGoOn = () => !this.#folding && !this.#closing;
    this.#reclaiming = reclaim(this.#store, this.#codec, mayGoOn)
      .catch((error: unknown) => this.#noteFailure('clearing garbage', error))
      .finally(() => {
        this.#reclaiming = undefined;
        this.#measures.forget();
      });
  }

  #makeReserve(): void {
    if (this.#reserving || this.#closing) return;
    this.#reserving = this.#reserve
      .make(() => !this.#closing)
      .catch((error: unknown) => this.#noteFailure('making the reserve', error))
      .finally(() => {
        this.#reserving = undefined;
      });
  }

  /** Background work is tried again after the next fold; until then INFO shows why it stopped. */
  #noteFailure(what: string, error: unknown): void {
    const failure = storageError('STORE_FAILED', what, error);
    this.#backgroundFailure = failure.message;
    if (failure.code === 'STORE_FAILED') this.#storeBroken = true;
  }
}
