/** The segment that the log is writing: its file, and where the next frame goes. */

import { randomBytes } from 'node:crypto';
import { ByteWriter } from '../../base/byte-writer.js';
import type { FileHandle } from '../../base/files.js';
import { storageError } from '../errors.js';
import { AheadFile } from './ahead-file.js';
import { DeferredFile } from './deferred-file.js';
import {
  encodeSegmentHeader,
  FRAME_HEADER_BYTES,
  FrameKind,
  SEGMENT_HEADER_BYTES,
  SectionType,
  sealFrame,
} from './frame.js';

export interface SegmentBeginning {
  readonly segment: number;
  readonly baseLsn: number;
  readonly syncedLsn: number;
  readonly runId: string;
  readonly epoch: number;
  readonly timeMs: number;
  /** '' is none. */
  readonly state: string;
}

/** How the frames of a segment reach its file. */
export interface WriteMode {
  /** Keeps frames in memory until they are settled. */
  readonly deferred: boolean;
  /** Whether room is written ahead of them, asked whenever there is none. */
  readonly ahead: () => boolean;
}

export class SegmentFile {
  readonly segment: number;
  readonly salt: number;
  /** Where the next frame goes. */
  position: number;
  readonly #handle: FileHandle;

  /** Writes header and head to an empty file. */
  constructor(handle: FileHandle, beginning: SegmentBeginning, mode: WriteMode) {
    this.segment = beginning.segment;
    this.salt = randomBytes(4).readUInt32BE();
    const head = encodeHead(beginning, this.salt);
    try {
      handle.writeSync(head, 0);
    } catch (error) {
      handle.truncateSync(0);
      throw storageError('LOG_FAILED', `starting ${handle.path}`, error);
    }
    this.position = head.length;
    this.#handle = mode.deferred ? new DeferredFile(handle) : new AheadFile(handle, mode.ahead);
  }

  get path(): string {
    return this.#handle.path;
  }

  append(frame: Uint8Array): void {
    this.#handle.writeSync(frame, this.position);
    this.position += frame.length;
  }

  /** Cuts off what lies behind the position: a part of a frame, or a group that was given up. */
  cut(): void {
    this.#handle.truncateSync(this.position);
  }

  /** Writes what was deferred, in pieces between which the event loop turns. */
  async settle(): Promise<void> {
    if (this.#handle instanceof DeferredFile) await this.#handle.settle();
  }

  settleSync(): void {
    if (this.#handle instanceof DeferredFile) this.#handle.settleSync();
  }

  /** No frame will follow: room that was written ahead goes. */
  finish(): void {
    if (this.#handle instanceof AheadFile) this.#handle.trimSync();
  }

  dataSync(): Promise<void> {
    return this.#handle.dataSync();
  }

  dataSyncSync(): void {
    this.#handle.dataSyncSync();
  }

  close(): void {
    this.#handle.closeSync();
  }
}

function encodeHead(beginning: SegmentBeginning, salt: number): Buffer {
  const { state, baseLsn, timeMs, syncedLsn } = beginning;
  const writer = new ByteWriter(state.length + 256);
  writer.bytes(encodeSegmentHeader({ ...beginning, salt }));
  writer.length += FRAME_HEADER_BYTES;
  if (state !== '') {
    writer.u8(SectionType.state);
    writer.u32(state.length);
    writer.latin1(state);
  }
  const range = { firstLsn: baseLsn, lastLsn: baseLsn - 1, timeMs, syncedLsn };
  const frame = writer.view().subarray(SEGMENT_HEADER_BYTES);
  sealFrame(frame, salt, { kind: FrameKind.head, ...range });
  return writer.view();
}
