/**
 * How the log is written: transactions gather in a group, which goes to the newest segment as one frame with one write call; a
 * long one as several that are chained. The hot path of every write: a change costs some nanoseconds of bookkeeping, a
 * group one CRC and one system call.
 */

import { assert } from '../../base/assert.js';
import { ByteWriter } from '../../base/byte-writer.js';
import { DiskDbError } from '../../base/errors.js';
import { storageError } from '../errors.js';
import type { DeferredChange, Log, Stage } from '../storage.js';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  SECTION_HEADER_BYTES,
  SectionType,
  sealFrame,
} from './frame.js';
import { LogSegments } from './log-segments.js';
import type { SegmentFile } from './segment-file.js';
import type { WalOptions, WalStart } from './wal-options.js';

const SPILL_BYTES = 4 * 1024 * 1024;
const WRITER_BYTES = 64 * 1024;
const WRITER_BYTES_KEPT = 16 * 1024 * 1024;

const STAGES: Readonly<Record<Stage, number>> = {
  first: SectionType.firstStage,
  next: SectionType.stage,
  last: SectionType.lastStage,
};

interface Repeated {
  readonly written: DeferredChange;
  last: DeferredChange | undefined;
}

/** All of the log but when it flushes, syncs, is cut and is closed. */
export abstract class LogWriter implements Log {
  readonly writer = new ByteWriter(WRITER_BYTES);
  nextLsn: number;
  writtenLsn: number;
  syncedLsn: number;
  pending = false;
  failure: Error | undefined;

  protected readonly options: WalOptions;
  protected readonly segments: LogSegments;
  readonly #spillBytes: number;
  /** Where the open group began; a failed group is cut off here. */
  #groupPosition: number;
  /** True once a part of the open group is in the file. */
  #chained = false;
  /** Where the open transaction's first part stands, once it has one. */
  #spilledAt: number | undefined;
  /** Of what several changes of the open group change, the one that was written at once and the last one. */
  readonly #repeated = new Map<object, Repeated>();
  /** Why the open group can no longer be written. */
  #doom: DiskDbError | undefined;
  #sectionStart = 0;
  #transactionLsn = 0;
  #inTransaction = false;
  #frameLsn: number;

  /** Blocks until the segment's file, its head and its name are on stable storage. */
  constructor(options: WalOptions, start: WalStart) {
    this.options = options;
    this.#spillBytes = options.spillBytes ?? SPILL_BYTES;
    this.nextLsn = start.nextLsn;
    this.#frameLsn = start.nextLsn;
    this.writtenLsn = start.nextLsn - 1;
    this.syncedLsn = this.writtenLsn;
    this.writer.length = FRAME_HEADER_BYTES;
    this.segments = new LogSegments(options, start);
    this.#groupPosition = this.file.position;
  }

  abstract flush(): void;

  abstract sync(): Promise<void>;

  abstract trySync(): boolean;

  get segment(): number {
    return this.file.segment;
  }

  get size(): number {
    return this.segments.size;
  }

  /** Of the segment that is being written. */
  protected get file(): SegmentFile {
    return this.segments.current;
  }

  /** Nothing stands between two groups. */
  protected get isIdle(): boolean {
    return !this.pending && !this.#inTransaction;
  }

  beginTransaction(stage?: Stage): void {
    if (stage !== undefined) this.#writeDeferred();
    this.#beginSection(stage === undefined ? SectionType.transaction : STAGES[stage]);
    // That the transaction has ended is to be synced, too, and what is synced is told by LSNs.
    if (stage === 'last') this.nextLsn++;
  }

  #beginSection(type: number): void {
    const { writer } = this;
    this.#inTransaction = true;
    this.#sectionStart = writer.length;
    this.#transactionLsn = this.nextLsn;
    writer.u8(type);
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

  isFirst(subject: object, change: DeferredChange): boolean {
    if (this.#repeated.has(subject)) return false;
    this.#repeated.set(subject, { written: change, last: change });
    return true;
  }

  defer(subject: object, change: DeferredChange | undefined): void {
    const repeated = this.#repeated.get(subject);
    if (repeated === undefined) return;
    repeated.last = change;
    if (change !== undefined) this.pending = true;
  }

  abortTransaction(): void {
    this.#inTransaction = false;
    this.writer.length = this.#sectionStart;
    this.nextLsn = this.#transactionLsn;
    if (this.#spilledAt === undefined) return;
    this.file.position = this.#spilledAt;
    this.#spilledAt = undefined;
    this.#chained = this.file.position > this.#groupPosition;
    this.#frameLsn = this.nextLsn;
    this.#cutFile();
  }

  /** After it nothing is acknowledged any more. */
  fail(error: Error): void {
    this.failure ??= error;
  }

  /** Writes what is left of the group. Returns the error for which all of it is forgotten. */
  protected end(): Error | undefined {
    assert(!this.#inTransaction, 'flush inside a transaction');
    this.#writeDeferred();
    const empty = !this.#chained && this.writer.length === FRAME_HEADER_BYTES;
    if (!this.failure && !this.#doom && !empty) {
      this.#writeFrame(this.#chained ? FrameKind.commit : FrameKind.whole, this.nextLsn - 1);
    }
    const error = this.failure ?? this.#doom;
    if (error) this.#forget();
    this.#reset();
    return error;
  }

  /** A frame without changes: it says what is synced. */
  protected writeEmptyFrame(): void {
    this.#writeFrame(FrameKind.whole, this.nextLsn - 1);
  }

  /** The next group stands in the segment that has just begun. */
  protected beginSegment(): void {
    this.#groupPosition = this.file.position;
  }

  #writeDeferred(): void {
    if (this.#repeated.size === 0) return;
    this.#beginSection(SectionType.transaction);
    for (const { written, last } of this.#repeated.values()) {
      if (last !== written) last?.log(this);
    }
    this.endTransaction();
    this.#repeated.clear();
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
    this.#spilledAt ??= this.file.position;
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
    const timeMs = this.options.clock.now();
    const firstLsn = this.#frameLsn;
    sealFrame(bytes, this.file.salt, {
      kind,
      firstLsn,
      lastLsn,
      timeMs,
      syncedLsn: this.syncedLsn,
    });
    try {
      this.file.append(bytes);
    } catch (error) {
      this.#doom = storageError('LOG_FAILED', `writing ${this.file.path}`, error);
    }
    writer.length = FRAME_HEADER_BYTES;
  }

  /** The group's bytes go from the file, its LSNs are given back. */
  #forget(): void {
    if (this.#doom && this.#doom.code !== 'DISK_FULL') this.fail(this.#doom);
    this.file.position = this.#groupPosition;
    this.nextLsn = this.writtenLsn + 1;
    this.#cutFile();
  }

  /** Cuts the file at the position. If that fails, what lies behind could come back: nothing may follow. */
  #cutFile(): void {
    try {
      this.file.cut();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fail(new DiskDbError('LOG_FAILED', `cutting ${this.file.path}: ${reason}`, error));
    }
  }

  #reset(): void {
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
    this.#groupPosition = this.file.position;
  }
}
