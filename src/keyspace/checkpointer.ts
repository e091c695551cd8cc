/**
 * Decides when the log is folded into the store, and holds writers back while too much is dirty.
 *
 * A fold starts when the log has reached its size, when half of the cache is dirty, when the server has been
 * idle for a while, or when asked. One runs at a time.
 */

import type { Logger } from '../base/log.js';
import type { Keyspace } from './keyspace.js';
import { stateOf } from './state.js';

/** With nothing written for this long, what is dirty is folded, in milliseconds. */
const IDLE_MS = 10_000;
/** After a failed fold, the next attempt waits this long, in milliseconds. */
const RETRY_MS = 1_000;

export interface CheckpointerOptions {
  /** Size of the log that starts a fold, in bytes. */
  readonly maxLogSize: () => number;
  /** Called when a fold is done, before writers go on. */
  readonly afterFold?: () => Promise<void>;
}

export class Checkpointer {
  readonly #keyspace: Keyspace;
  readonly #logger: Logger;
  readonly #options: CheckpointerOptions;
  #running: Promise<void> | undefined;
  #retryAt = 0;
  #cutLsn = 0;
  #checkpointLsn: number;
  #lastLsn = 0;
  #lastWriteAt = 0;
  #room: { promise: Promise<void>; resolve(): void; reject(error: Error): void } | undefined;

  /** Why the last fold failed; undefined once one has succeeded. */
  failure: Error | undefined;
  /** Checkpoints since the start. */
  completed = 0;
  /** How long the last one took, in milliseconds. */
  lastMs: number | undefined;
  /** Of the monotonic clock: when the fold began that is running. */
  #startedAt = 0;
  /** Milliseconds since 1970 of the last checkpoint, or of the start. */
  lastCheckpointAt: number;

  constructor(keyspace: Keyspace, logger: Logger, options: CheckpointerOptions) {
    this.#keyspace = keyspace;
    this.#logger = logger;
    this.#options = options;
    this.lastCheckpointAt = keyspace.clock.now();
    this.#checkpointLsn = keyspace.storage.log.writtenLsn;
  }

  /** Changes since the last checkpoint, or since the start. */
  get changes(): number {
    return this.#keyspace.storage.log.writtenLsn - this.#checkpointLsn;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** How long the fold that is running has taken so far, in milliseconds; undefined if none is. */
  get runningMs(): number | undefined {
    return this.running ? this.#keyspace.clock.monotonic() - this.#startedAt : undefined;
  }

  /** False while writers must wait: all that the cache may hold is dirty. */
  get hasRoom(): boolean {
    return this.#keyspace.residents.dirtyBytes < this.#keyspace.options.cacheBytes;
  }

  /** Resolves when there is room for writes again; rejects if the fold that would make it fails. */
  room(): Promise<void> {
    if (this.hasRoom) return Promise.resolve();
    this.#room ??= makeRoom();
    void this.#start();
    return this.#room.promise;
  }

  /** Looks whether a fold is due: at the end of each turn that wrote, and once a second. */
  check(): void {
    if (this.#keyspace.runner.isSuspended || this.#running !== undefined) return;
    if (this.#keyspace.clock.now() < this.#retryAt) return;
    const { residents, options, storage } = this.#keyspace;
    const isDue =
      storage.log.size >= this.#options.maxLogSize() ||
      residents.dirtyBytes * 2 >= options.cacheBytes ||
      this.#isIdle();
    if (isDue) void this.#start();
  }

  /** Folds all that has been written by now. Joins no fold that started before. */
  async checkpoint(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.#start();
    if (this.failure !== undefined) throw this.failure;
  }

  #isIdle(): boolean {
    const { storage, clock } = this.#keyspace;
    if (storage.log.writtenLsn !== this.#lastLsn) {
      this.#lastLsn = storage.log.writtenLsn;
      this.#lastWriteAt = clock.now();
    }
    return this.#keyspace.residents.dirtyBytes > 0 && clock.now() - this.#lastWriteAt > IDLE_MS;
  }

  /** Never rejects: `failure` says how it went. */
  #start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    await this.#fold();
    this.#running = undefined;
    this.#letWritersGo();
  }

  async #fold(): Promise<void> {
    const { storage, clock } = this.#keyspace;
    this.#startedAt = clock.monotonic();
    try {
      const onCut = () => this.#noteCut();
      await storage.fold(() => stateOf(this.#keyspace), { quiet: this.#keyspace.runner, onCut });
      this.#keyspace.advance(storage.checkpoint);
      await this.#options.afterFold?.();
      this.failure = undefined;
      this.completed++;
      this.lastMs = clock.monotonic() - this.#startedAt;
      this.#keyspace.onLatency?.('fold', this.lastMs);
      this.lastCheckpointAt = clock.now();
      this.#checkpointLsn = this.#cutLsn;
    } catch (error) {
      this.#noteFailure(error as Error);
      this.failure = error as Error;
      this.#retryAt = clock.now() + RETRY_MS;
    }
  }

  /** A disk that stays full fails the fold once a second: that is said once. */
  #noteFailure(error: Error): void {
    if (error.message === this.failure?.message) return;
    this.#logger.error(
      { err: error },
      'the log could not be folded into the store; it keeps everything, and folding is tried again',
    );
  }

  /** What is written from now on belongs to the segment that has begun. */
  #noteCut(): void {
    const { log } = this.#keyspace.storage;
    this.#cutLsn = log.writtenLsn;
    this.#keyspace.cut(log.segment);
  }

  #letWritersGo(): void {
    if (this.#room === undefined) return;
    if (this.failure === undefined && !this.hasRoom) {
      void this.#start(); // what was dirtied while the fold ran is more than the cache may hold
      return;
    }
    if (this.failure === undefined) this.#room.resolve();
    else this.#room.reject(this.failure);
    this.#room = undefined;
  }
}

function makeRoom() {
  let resolve = (): void => undefined;
  let reject = (_: Error): void => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
