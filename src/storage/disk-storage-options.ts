/** What DiskStorage can be told, and what holds where it is not told. */

import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../base/clock.js';
import type { Files } from '../base/files.js';
import { systemFiles } from '../base/system-files.js';
import { RUN_ID_BYTES } from './log/frame.js';
import type { RecoveryProgress } from './recovery.js';
import type { ReplaySink } from './storage.js';
import type { Compression } from './store/codec.js';
import type { Store } from './store/store.js';

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
  /** While they take up to so many milliseconds on average, syncs block the calling thread; see BlockingSyncs. Default 0: none does. */
  readonly blockingSyncMsMax?: number;
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

/** The options with nothing left open. */
export type DiskStorageSettings = Required<Omit<DiskStorageOptions, 'store' | 'spillBytes'>> &
  Pick<DiskStorageOptions, 'store' | 'spillBytes'>;

export function withDefaults(options: DiskStorageOptions): DiskStorageSettings {
  const { store, maxLogSize = 100 * MEBIBYTE } = options;
  return {
    compression: store === undefined ? 'lz4' : 'none',
    walEnabled: true,
    writeAhead: () => false,
    blockingSyncMsMax: 0,
    cacheBytes: 256 * MEBIBYTE,
    reserveBytes: options.files === undefined ? defaultReserve(maxLogSize) : 0,
    runId: randomBytes(RUN_ID_BYTES).toString('hex'),
    epoch: 0,
    clock: systemClock,
    files: systemFiles,
    inProcess: store !== undefined,
    onProgress: () => undefined,
    onWarning: () => undefined,
    ...options,
    maxLogSize,
  };
}

function defaultReserve(maxLogSize: number): number {
  return Math.min(1.25 * maxLogSize, 128 * MEBIBYTE);
}
