/** The write-ahead log: what was written to the newest segment is synced, cut off when a fold begins, and closed. */

import { assert } from '../../base/assert.js';
import { DiskDbError } from '../../base/errors.js';
import { storageError } from '../errors.js';
import { BlockingSyncs } from './blocking-syncs.js';
import { LogWriter } from './log-writer.js';
import { SharedSync } from './shared-sync.js';

export class WriteAheadLog extends LogWriter {
  readonly #syncs = new SharedSync(() => this.#syncOnce());
  readonly #blocking = new BlockingSyncs(this.options.blockingSyncMsMax ?? 0);
  #whenIdle: (() => void) | undefined;

  flush(): void {
    if (!this.pending) return;
    const error = this.end();
    if (error) {
      // The owner undoes the group first: the state that heads the next segment must not count it.
      queueMicrotask(() => this.#cutIfWaiting());
      throw error;
    }
    this.#cutIfWaiting();
  }

  sync(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    if (!this.options.enabled || this.syncedLsn >= this.writtenLsn) return Promise.resolve();
    return this.#syncs.request();
  }

  trySync(): boolean {
    if (!this.options.enabled || this.failure || this.#syncs.isRunning) return false;
    if (!this.#blocking.shouldBlock()) return false;
    const { clock } = this.options;
    const start = clock.monotonic();
    try {
      this.#dataSyncBlocking();
    } catch {
      return false; // the log has failed: `sync` says so
    }
    this.#blocking.note(clock.monotonic() - start);
    return true;
  }

  /**
   * Makes the next segment's file ready and syncs the present one, so that the cut that follows blocks for
   * little. @throws DISK_FULL or LOG_FAILED; the log goes on in the present segment.
   */
  async prepareCut(): Promise<void> {
    if (this.failure) throw this.failure;
    try {
      await this.segments.prepareNext();
      await this.file.settle();
    } catch (error) {
      throw storageError('LOG_FAILED', 'preparing the next log segment', error);
    }
    await this.#syncs.request();
  }

  /**
   * Calls `cut` as soon as no change waits to be flushed: at once, or at the end of the flush that is due.
   * `cut` must not throw.
   */
  whenIdle(cut: () => void): void {
    assert(!this.#whenIdle, 'one cut at a time');
    if (this.isIdle) cut();
    else this.#whenIdle = cut;
  }

  /**
   * Ends the segment, which is on stable storage then, and starts the prepared one with `state` at its head.
   * @throws DISK_FULL: the log goes on in the old segment; LOG_FAILED.
   */
  cut(state: string): void {
    assert(this.isIdle, 'a cut inside a group');
    if (this.failure) throw this.failure;
    this.#syncBlocking();
    const { syncedLsn, writtenLsn } = this;
    const old = this.segments.advance({ state, baseLsn: writtenLsn + 1, syncedLsn });
    this.beginSegment();
    // An fdatasync of it may still be running in another thread.
    void this.#syncs.idle().then(() => old.close());
  }

  /** Forgets the sizes of segments that are in the store. */
  folded(segment: number): void {
    this.segments.folded(segment);
  }

  /** Flushes, syncs, notes in the file that all is synced, and closes it. */
  async close(): Promise<void> {
    try {
      this.flush();
      if (!this.failure) await this.#closeCleanly();
    } finally {
      await this.#syncs.idle();
      this.segments.close();
    }
  }

  async #closeCleanly(): Promise<void> {
    this.file.settleSync();
    await this.#syncs.request();
    this.writeEmptyFrame();
    this.file.settleSync();
    this.file.finish();
  }

  #cutIfWaiting(): void {
    const cut = this.#whenIdle;
    if (!cut || this.pending) return;
    this.#whenIdle = undefined;
    cut();
  }

  async #syncOnce(): Promise<void> {
    const covered = this.writtenLsn;
    try {
      await this.file.dataSync();
      this.syncedLsn = Math.max(this.syncedLsn, covered);
    } catch (error) {
      this.#failSync(error);
    }
    // Another sync may have failed meanwhile; then what this one covers may be lost all the same.
    if (this.failure) throw this.failure;
  }

  #syncBlocking(): void {
    try {
      this.file.settleSync();
      this.file.finish();
    } catch (error) {
      throw storageError('LOG_FAILED', `writing ${this.file.path}`, error);
    }
    this.#dataSyncBlocking();
  }

  #dataSyncBlocking(): void {
    try {
      this.file.dataSyncSync();
    } catch (error) {
      this.#failSync(error);
      throw this.failure;
    }
    this.syncedLsn = this.writtenLsn;
  }

  /** The kernel may have dropped the pages it could not write, so a second fsync would lie. */
  #failSync(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.fail(new DiskDbError('LOG_FAILED', `syncing ${this.file.path}: ${reason}`, error));
  }
}
