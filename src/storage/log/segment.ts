/** Segment files of the log: their names, headers, and reading their frames in sequence. */

import type { FileHandle, Files } from '../../base/files.js';
import {
  claimedLength,
  decodeFrame,
  decodeSegmentHeader,
  FRAME_HEADER_BYTES,
  type Frame,
  headState,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './frame.js';

const CHUNK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);
const SUFFIX = '.wal';

/** `wal/0000000042.wal` */
export function segmentPath(directory: string, segment: number): string {
  return `${directory}/wal/${String(segment).padStart(10, '0')}${SUFFIX}`;
}

/** The numbers of the segment files, ascending. */
export function listSegments(files: Files, directory: string): number[] {
  return files
    .listSync(`${directory}/wal`)
    .filter((name) => /^\d{10}\.wal$/.test(name))
    .map((name) => Number(name.slice(0, -SUFFIX.length)));
}

/** A place in a segment that cannot be read as a frame. */
export interface BadFrame {
  readonly bad: string;
  readonly offset: number;
}

/**
 * Reads frames one after the other in chunks of 1 MiB, so memory stays bounded by the largest frame.
 * A frame's bytes stay valid after the next read.
 */
export class SegmentReader {
  readonly path: string;
  readonly size: number;
  readonly header: SegmentHeader | undefined;
  /** True if the place of the header was never wholly written: too short, or only zeros. */
  readonly blank: boolean;
  readonly #handle: FileHandle;
  #chunk: Buffer = Buffer.alloc(0);
  #chunkOffset = SEGMENT_HEADER_BYTES;
  #at = 0;

  /** @throws FORMAT_UNKNOWN if a newer version wrote the segment. */
  constructor(files: Files, directory: string, segment: number) {
    this.path = segmentPath(directory, segment);
    this.#handle = files.openSync(this.path, 'read');
    try {
      this.size = this.#handle.sizeSync();
      const bytes = this.#read(0, SEGMENT_HEADER_BYTES);
      this.blank = bytes.length < SEGMENT_HEADER_BYTES || bytes.every((byte) => byte === 0);
      const header = decodeSegmentHeader(bytes);
      this.header = header?.segment === segment ? header : undefined;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Where the next frame starts. */
  get offset(): number {
    return this.#chunkOffset + this.#at;
  }

  set offset(offset: number) {
    this.#chunk = Buffer.alloc(0);
    this.#chunkOffset = offset;
    this.#at = 0;
  }

  /** The next frame; undefined if no byte but zero follows; a BadFrame if what stands there is none. */
  next(): Frame | BadFrame | undefined {
    const { offset } = this;
    if (offset >= this.size) return undefined;
    if (!this.header) return { bad: 'the segment header is damaged', offset: 0 };
    this.#need(FRAME_HEADER_BYTES);
    const length = claimedLength(this.#chunk, this.#at);
    if (length === undefined) {
      return this.#isBlankFrom(offset) ? undefined : { bad: 'no frame header', offset };
    }
    if (length > this.size - offset) return { bad: 'the frame ends outside the file', offset };
    this.#need(length);
    const bytes = this.#chunk.subarray(this.#at, this.#at + length);
    const frame = decodeFrame(bytes, offset, this.header.salt);
    if (!frame) return { bad: 'the checksum of the frame is wrong', offset };
    this.#at += length;
    return frame;
  }

  /** The offset of the next occurrence of `pattern` at `from` or behind it. */
  find(pattern: Buffer, from: number): number | undefined {
    for (let at = from; at < this.size; at += CHUNK_BYTES) {
      const found = this.#read(at, CHUNK_BYTES + pattern.length - 1).indexOf(pattern);
      if (found >= 0) return at + found;
    }
    return undefined;
  }

  close(): void {
    this.#handle.closeSync();
  }

  #isBlankFrom(offset: number): boolean {
    for (let at = offset; at < this.size; at += CHUNK_BYTES) {
      const bytes = this.#read(at, CHUNK_BYTES);
      if (!bytes.equals(ZEROS.subarray(0, bytes.length))) return false;
    }
    return true;
  }

  /** Sees to it that `count` bytes from the current place are in the chunk, or all to the file's end. */
  #need(count: number): void {
    if (this.#chunk.length - this.#at >= count) return;
    const { offset } = this;
    const wanted = Math.min(Math.max(count, CHUNK_BYTES), this.size - offset);
    if (this.#chunk.length - this.#at >= wanted) return;
    this.#chunk = this.#read(offset, wanted);
    this.#chunkOffset = offset;
    this.#at = 0;
  }

  #read(offset: number, count: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(count, this.size - offset)));
    return bytes.subarray(0, this.#handle.readSync(bytes, offset));
  }
}

export function isBad(found: Frame | BadFrame): found is BadFrame {
  return 'bad' in found;
}

/** The state that the segment's head holds; undefined if there is no such segment, or its head is damaged. */
export function stateAtHead(files: Files, directory: string, segment: number): string | undefined {
  if (!listSegments(files, directory).includes(segment)) return undefined;
  const reader = new SegmentReader(files, directory, segment);
  try {
    const head = reader.next();
    return head === undefined || isBad(head) ? undefined : headState(head);
  } finally {
    reader.close();
  }
}
