/**
 * The write-ahead log as it is appended to: groups of transactions become frames, frames go to the newest
 * segment with one write call each. The hot path of every write: a change costs some nanoseconds of
 * bookkeeping, a group one CRC and one system call, nothing is allocated per transaction.
 */

import { randomBytes } from 'node:crypto';
import { assert } from '../base/assert.js';
import { ByteWriter } from '../base/byte-writer.js';
import type { Clock } from '../base/clock.js';
import { DiskDbError } from '../base/errors.js';
import type { FileHandle, Files } from '../base/files.js';
import { DeferredFile } from './deferred-file.js';
import {
  encodeSegmentHeader,
  FRAME_HEADER_BYTES,
  FrameKind,
  SECTION_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  SectionType,
  sealFrame,
} from './frame.js';
import { storageError } from './log-errors.js';
import { segmentPath } from './segment.js';
import type { Log } from './storage.js';

const SPILL_BYTES = 4 * 1024 * 1024;
const WRITER_BYTES = 64 * 1024;
const WRITER_BYTES_KEPT = 16 * 1024 * 1024;

export interface WalOptions {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  /** Forty hexadecimal digits. */
  readonly runId: string;
  readonly epoch: number;
  /** false keeps frames in memory until the segment is cut or the log closed. */
  readonly enabled: boolean;
  /** From this size on a group is written in parts; for tests. */
  readonly spillBytes?: number;
}

export interface WalStart {
  readonly segment: number;
  readonly nextLsn: number;
  /** Heads the new segment; '' is none. */
  readonly state: string;
  /** Older segments above the checkpoint. */
  readonly unfolded: readonly { readonly segment: number; readonly bytes: number }[];
}

export class WriteAheadLog implements Log {
  readonly writer = new ByteWriter(WRITER_BYTES);
  segment = 0;
  nextLsn: number;
  writtenLsn: number;
  syncedLsn: number;
  pending = false;
  failure: Error | undefined;

  readonly #options: WalOptions;
  readonly #spillBytes: number;
  #file: FileHandle;
  #salt = 0;
  /** Where the next frame goes. */
  #position = 0;
  /** Where the open group began; a failed group is cut off here. */
  #groupPosition = 0;
  /** True once a part of the open group is in the file. */
  #chained = false;
  /** Where the open transaction's first part stands, once it has one. */
  #spilledAt: number | undefined;
  /** Why the open group can no longer be written. */
  #doom: DiskDbError | undefined;
  #sectionStart = 0;
  #transactionLsn = 0;
  #inTransaction = false;
  #frameLsn: number;

  #prepared: FileHandle | undefined;
  readonly #unfolded: { readonly segment: number; readonly bytes: number }[];
  #syncRunning: Promise<void> | undefined;
  #syncNext: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;

  /** Creates the segment file; blocks until it, its head and its name are on stable storage. */
  constructor(options: WalOptions, start: WalStart) {
    this.#options = options;
    this.#spillBytes = options.spillBytes ?? SPILL_BYTES;
    this.#unfolded = [...start.unfolded];
    this.nextLsn = start.nextLsn;
    this.#frameLsn = start.nextLsn;
    this.writtenLsn = start.nextLsn - 1;
    this.syncedLsn = this.writtenLsn;
    this.writer.length = FRAME_HEADER_BYTES;
    const { files, directory } = options;
    const file = files.openSync(segmentPath(directory, start.segment), 'create');
    this.#file = file;
    files.syncDirectorySync(`${directory}/wal`);
    this.#startSegment(file, start.segment, start.state);
    file.dataSyncSync();
  }

  get size(): number {
    return this.#unfolded.reduce((sum, { bytes }) => sum + bytes, this.#position);
  }

  beginTransaction(): void {
    const { writer } = this;
    this.#inTransaction = true;
    this.#sectionStart = writer.length;
    this.#transactionLsn = this.nextLsn;
    writer.u8(SectionType.transaction);
    writer.u32(0);
  }

  change(flags: number, keyLength: number, valueLength: number): void {
    const { writer } = this;
    if (writer.length >= this.#spillBytes) this.#spill();
    writer.u8(flags);
    writer.varint(keyLength);
    writer.varint(valueLength);
    this.nextLsn++;
  }

  endTransaction(): void {
    const { writer } = this;
    this.#inTransaction = false;
    this.#spilledAt = undefined;
    if (this.nextLsn === this.#transactionLsn) {
      writer.length = this.#sectionStart;
      return;
    }
    this.#closeSection();
    this.pending = true;
  }

  abortTransaction(): void {
    this.#inTransaction = false;
    this.writer.length = this.#sectionStart;
    this.nextLsn = this.#transactionLsn;
    if (this.#spilledAt === undefined) return;
    this.#position = this.#spilledAt;
    this.#spilledAt = undefined;
    this.#chained = this.#position > this.#groupPosition;
    this.#frameLsn = this.nextLsn;
    this.#cutFile();
  }

  flush(): void {
    if (!this.pending) return;
    assert(!this.#inTransaction, 'flush inside a transaction');
    const empty = !this.#chained && this.writer.length === FRAME_HEADER_BYTES;
    if (!this.failure && !this.#doom && !empty) {
      this.#writeFrame(this.#chained ? FrameKind.commit : FrameKind.whole, this.nextLsn - 1);
    }
    const error = this.failure ?? this.#doom;
    if (error) this.#forgetGroup();
    this.#endGroup();
    if (error) throw error;
  }

  sync(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    if (!this.#options.enabled || this.syncedLsn >= this.writtenLsn) return Promise.resolve();
    if (!this.#syncRunning) return this.#startSync();
    const again = () => {
      this.#syncNext = undefined;
      return this.sync();
    };
    this.#syncNext ??= this.#syncRunning.then(again, again);
    return this.#syncNext;
  }

  /**
   * Makes the next segment's file ready and syncs the present one, so that the cut that follows blocks for
   * little. @throws DISK_FULL or LOG_FAILED; the log goes on in the present segment.
   */
  async prepareCut(): Promise<void> {
    if (this.failure) throw this.failure;
    try {
      await this.#prepareFile();
      if (this.#file instanceof DeferredFile) await this.#file.settle();
    } catch (error) {
      throw storageError('LOG_FAILED', 'preparing the next log segment', error);
    }
    await this.#syncAlone();
  }

  /**
   * Calls `cut` as soon as no change waits to be flushed: at once, or at the end of the flush that is due.
   * `cut` must not throw.
   */
  whenIdle(cut: () => void): void {
    assert(!this.#whenIdle, 'one cut at a time');
    if (this.pending || this.#inTransaction) this.#whenIdle = cut;
    else cut();
  }

  /**
   * Ends the segment, which is on stable storage then, and starts the prepared one with `state` at its head.
   * @throws DISK_FULL: the log goes on in the old segment; LOG_FAILED.
   */
  cut(state: string): void {
    assert(!this.pending && !this.#inTransaction, 'a cut inside a group');
    const next = this.#prepared;
    assert(next, 'a cut without a prepared segment');
    if (this.failure) throw this.failure;
    this.#syncBlocking();
    const old = { file: this.#file, segment: this.segment, bytes: this.#position };
    this.#startSegment(next, old.segment + 1, state);
    this.#prepared = undefined;
    this.#unfolded.push({ segment: old.segment, bytes: old.bytes });
    this.#closeLater(old.file);
  }

  /** Forgets the sizes of segments that are in the store. */
  folded(segment: number): void {
    while ((this.#unfolded[0]?.segment ?? Number.POSITIVE_INFINITY) <= segment) {
      this.#unfolded.shift();
    }
  }

  /** After it nothing is acknowledged any more. */
  fail(error: Error): void {
    this.failure ??= error;
  }

  /** Flushes, syncs, notes in the file that all is synced, and closes it. */
  async close(): Promise<void> {
    try {
      this.flush();
      if (!this.failure) await this.#closeCleanly();
    } finally {
      await this.#syncRunning?.catch(() => undefined);
      this.#file.closeSync();
      this.#prepared?.closeSync();
    }
  }

  async #closeCleanly(): Promise<void> {
    if (this.#file instanceof DeferredFile) this.#file.settleSync();
    await this.#syncAlone();
    this.#writeFrame(FrameKind.whole, this.nextLsn - 1);
    if (this.#file instanceof DeferredFile) this.#file.settleSync();
  }

  async #prepareFile(): Promise<void> {
    const { files, directory } = this.#options;
    this.#prepared ??= files.openSync(segmentPath(directory, this.segment + 1), 'create');
    await files.syncDirectory(`${directory}/wal`);
  }

  /** Header and head in one write; only then is the file the log's. */
  #startSegment(file: FileHandle, segment: number, state: string): void {
    const { runId, epoch, clock, enabled } = this.#options;
    const salt = randomBytes(4).readUInt32BE();
    const baseLsn = this.writtenLsn + 1;
    const head = new ByteWriter(state.length + 256);
    head.bytes(encodeSegmentHeader({ segment, baseLsn, salt, runId, epoch }));
    head.length += FRAME_HEADER_BYTES;
    if (state !== '') {
      head.u8(SectionType.state);
      head.u32(state.length);
      head.latin1(state);
    }
    const { syncedLsn } = this;
    const range = { firstLsn: baseLsn, lastLsn: baseLsn - 1, timeMs: clock.now(), syncedLsn };
    const frame = head.view().subarray(SEGMENT_HEADER_BYTES);
    sealFrame(frame, salt, { kind: FrameKind.head, ...range });
    try {
      file.writeSync(head.view(), 0);
    } catch (error) {
      file.truncateSync(0);
      throw storageError('LOG_FAILED', `starting log segment ${segment}`, error);
    }
    this.#file = enabled ? file : new DeferredFile(file);
    this.segment = segment;
    this.#salt = salt;
    this.#position = head.length;
    this.#groupPosition = head.length;
  }

  #closeSection(): void {
    const { writer } = this;
    const start = this.#sectionStart;
    writer.setU32(start + 1, writer.length - start - SECTION_HEADER_BYTES);
  }

  /**
   * Writes what the buffer holds as parts of the group: first the transactions that have ended, then what
   * there is of the open one. Never throws: a group that cannot be written is doomed, and flush says so.
   */
  #spill(): void {
    const { writer } = this;
    this.pending = true;
    if (this.#sectionStart > FRAME_HEADER_BYTES) this.#spillEnded();
    if (writer.length < this.#spillBytes) return;
    this.#closeSection();
    this.#spilledAt ??= this.#position;
    this.#writePart(this.nextLsn - 1);
    this.#sectionStart = FRAME_HEADER_BYTES;
    writer.u8(SectionType.continuation);
    writer.u32(0);
  }

  #spillEnded(): void {
    const { writer } = this;
    const open = Buffer.from(writer.buffer.subarray(this.#sectionStart, writer.length));
    writer.length = this.#sectionStart;
    this.#writePart(this.#transactionLsn - 1);
    writer.bytes(open);
    this.#sectionStart = FRAME_HEADER_BYTES;
  }

  #writePart(lastLsn: number): void {
    if (this.#doom || this.failure) this.writer.length = FRAME_HEADER_BYTES;
    else this.#writeFrame(this.#chained ? FrameKind.part : FrameKind.begin, lastLsn);
    this.#chained = true;
    this.#frameLsn = lastLsn + 1;
  }

  /** Writes the buffer as one frame and empties it. A failure dooms the group. */
  #writeFrame(kind: number, lastLsn: number): void {
    const { writer } = this;
    const bytes = writer.buffer.subarray(0, writer.length);
    const timeMs = this.#options.clock.now();
    const firstLsn = this.#frameLsn;
    sealFrame(bytes, this.#salt, { kind, firstLsn, lastLsn, timeMs, syncedLsn: this.syncedLsn });
    try {
      this.#file.writeSync(bytes, this.#position);
      this.#position += bytes.length;
    } catch (error) {
      this.#doom = storageError('LOG_FAILED', `writing ${this.#file.path}`, error);
    }
    writer.length = FRAME_HEADER_BYTES;
  }

  /** The group's bytes go from the file, its LSNs are given back. */
  #forgetGroup(): void {
    if (this.#doom && this.#doom.code !== 'DISK_FULL') this.fail(this.#doom);
    this.#position = this.#groupPosition;
    this.nextLsn = this.writtenLsn + 1;
    this.#cutFile();
  }

  /** Cuts the file at the position. If that fails, what lies behind could come back: nothing may follow. */
  #cutFile(): void {
    try {
      this.#file.truncateSync(this.#position);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fail(new DiskDbError('LOG_FAILED', `cutting ${this.#file.path}: ${reason}`, error));
    }
  }

  #endGroup(): void {
    const { writer } = this;
    writer.length = FRAME_HEADER_BYTES;
    if (writer.buffer.length > WRITER_BYTES_KEPT) {
      writer.buffer = Buffer.allocUnsafeSlow(WRITER_BYTES);
    }
    this.#doom = undefined;
    this.#chained = false;
    this.pending = false;
    this.writtenLsn = this.nextLsn - 1;
    this.#frameLsn = this.nextLsn;
    this.#groupPosition = this.#position;
    const cut = this.#whenIdle;
    if (!cut) return;
    this.#whenIdle = undefined;
    cut();
  }

  /** Syncs once no other sync is in flight, whether or not the log is enabled. */
  async #syncAlone(): Promise<void> {
    while (this.#syncRunning) await this.#syncRunning.catch(() => undefined);
    await this.#startSync();
  }

  #startSync(): Promise<void> {
    const running = this.#syncOnce();
    this.#syncRunning = running;
    return running;
  }

  async #syncOnce(): Promise<void> {
    const covered = this.writtenLsn;
    try {
      await this.#file.dataSync();
      this.syncedLsn = Math.max(this.syncedLsn, covered);
    } catch (error) {
      this.#failSync(error);
    } finally {
      this.#syncRunning = undefined;
    }
    // Another sync may have failed meanwhile; then what this one covers may be lost all the same.
    if (this.failure) throw this.failure;
  }

  #syncBlocking(): void {
    try {
      if (this.#file instanceof DeferredFile) this.#file.settleSync();
    } catch (error) {
      throw storageError('LOG_FAILED', `writing ${this.#file.path}`, error);
    }
    try {
      this.#file.dataSyncSync();
    } catch (error) {
      this.#failSync(error);
      throw this.failure;
    }
    this.syncedLsn = this.writtenLsn;
  }

  /** The kernel may have dropped the pages it could not write, so a second fsync would lie. */
  #failSync(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.fail(new DiskDbError('LOG_FAILED', `syncing ${this.#file.path}: ${reason}`, error));
  }

  /** An fdatasync of it may still be running in another thread. */
  #closeLater(file: FileHandle): void {
    const close = () => file.closeSync();
    if (this.#syncRunning) this.#syncRunning.then(close, close);
    else close();
  }
}
