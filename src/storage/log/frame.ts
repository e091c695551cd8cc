/**
 * The byte layout of the write-ahead log: segment header, frames, sections, changes.
 * Described in docs/formats/wal.md; nothing else in DiskDB knows these bytes.
 */

import { crc32 } from 'node:zlib';
import { DiskDbError } from '../../base/errors.js';

export const SEGMENT_HEADER_BYTES = 64;
export const FRAME_HEADER_BYTES = 48;
export const SECTION_HEADER_BYTES = 5;
/** The second has patches; otherwise the first is the same. */
const FORMAT_VERSION = 2;
export const RUN_ID_BYTES = 20;

const SEGMENT_MAGIC = 'DiskDBlg';
const FRAME_MAGIC = 0xd15cdbf7;
export const FRAME_MAGIC_BYTES = Buffer.from([0xd1, 0x5c, 0xdb, 0xf7]);

/** Written to disk: never renumber. */
export const FrameKind = { whole: 0, begin: 1, part: 2, commit: 3, head: 4 } as const;

/** Written to disk: never renumber. From 128 on an unknown section may be skipped. */
export const SectionType = {
  transaction: 1,
  continuation: 2,
  state: 3,
  firstStage: 4,
  stage: 5,
  lastStage: 6,
  firstOptional: 128,
} as const;

export interface SegmentHeader {
  readonly segment: number;
  /** The LSN of the first change that the segment can hold. */
  readonly baseLsn: number;
  /** Random per segment; the start value of its frames' CRCs. */
  readonly salt: number;
  /** Forty hexadecimal digits. */
  readonly runId: string;
  readonly epoch: number;
}

export interface FrameHeader {
  readonly kind: number;
  readonly firstLsn: number;
  readonly lastLsn: number;
  readonly timeMs: number;
  readonly syncedLsn: number;
}

export interface Frame extends FrameHeader {
  /** Where it stands in its file. */
  readonly offset: number;
  /** The whole frame, header included. */
  readonly bytes: Buffer;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.write(SEGMENT_MAGIC, 0, 'latin1');
  bytes.writeUInt16BE(FORMAT_VERSION, 8);
  bytes.writeUInt32BE(header.salt, 12);
  bytes.writeUInt32BE(header.segment, 16);
  setU64(bytes, 24, header.baseLsn);
  setU64(bytes, 32, header.epoch);
  bytes.write(header.runId, 40, RUN_ID_BYTES, 'hex');
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/**
 * The header, or undefined if these bytes are none.
 * @throws FORMAT_UNKNOWN if a newer version wrote it.
 */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  if (bytes.toString('latin1', 0, 8) !== SEGMENT_MAGIC) return undefined;
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32BE(60)) return undefined;
  const format = bytes.readUInt16BE(8);
  if (format > FORMAT_VERSION) {
    throw new DiskDbError('FORMAT_UNKNOWN', `log format ${format} is newer than this server`);
  }
  return {
    segment: bytes.readUInt32BE(16),
    baseLsn: getU64(bytes, 24),
    salt: bytes.readUInt32BE(12),
    runId: bytes.toString('hex', 40, 40 + RUN_ID_BYTES),
    epoch: getU64(bytes, 32),
  };
}

/** Fills in the header of the frame in `bytes`, whose sections are already there. */
export function sealFrame(bytes: Buffer, salt: number, header: FrameHeader): void {
  setU32(bytes, 0, FRAME_MAGIC);
  setU32(bytes, 8, bytes.length);
  setU32(bytes, 12, header.kind << 24);
  setU64(bytes, 16, header.firstLsn);
  setU64(bytes, 24, header.lastLsn);
  setU64(bytes, 32, header.timeMs);
  setU64(bytes, 40, header.syncedLsn);
  setU32(bytes, 4, crc32(bytes.subarray(8), salt));
}

/** The length that the frame header at `at` claims, or undefined if there is none. */
export function claimedLength(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < FRAME_HEADER_BYTES) return undefined;
  if (bytes.readUInt32BE(at) !== FRAME_MAGIC) return undefined;
  const length = bytes.readUInt32BE(at + 8);
  return length < FRAME_HEADER_BYTES ? undefined : length;
}

/** The frame in `bytes`, or undefined if its CRC is wrong. */
export function decodeFrame(bytes: Buffer, offset: number, salt: number): Frame | undefined {
  if (crc32(bytes.subarray(8), salt) !== bytes.readUInt32BE(4)) return undefined;
  return {
    offset,
    bytes,
    kind: bytes[12] as number,
    firstLsn: getU64(bytes, 16),
    lastLsn: getU64(bytes, 24),
    timeMs: getU64(bytes, 32),
    syncedLsn: getU64(bytes, 40),
  };
}

/** Calls `visit` with the type of each section and the bounds of its body. */
export function visitSections(
  frame: Frame,
  visit: (type: number, start: number, end: number) => void,
): void {
  const { bytes } = frame;
  for (let at = FRAME_HEADER_BYTES; at < bytes.length; ) {
    const type = bytes[at] as number;
    const start = at + SECTION_HEADER_BYTES;
    const end = start + bytes.readUInt32BE(at + 1);
    if (end > bytes.length)
      throw new RangeError(`a section ends outside its frame at ${frame.offset}`);
    refuseUnknownSection(type);
    visit(type, start, end);
    at = end;
  }
}

/** The state in a head frame; undefined if there is none. */
export function headState(frame: Frame): string | undefined {
  let state: string | undefined;
  visitSections(frame, (type, start, end) => {
    if (type === SectionType.state) state = frame.bytes.toString('latin1', start, end);
  });
  return state;
}

function refuseUnknownSection(type: number): void {
  if (type >= SectionType.firstOptional) return;
  if (type >= SectionType.transaction && type <= SectionType.lastStage) return;
  throw new DiskDbError('FORMAT_UNKNOWN', `log section ${type} is newer than this server`);
}

function setU32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function setU64(bytes: Buffer, at: number, value: number): void {
  setU32(bytes, at, Math.floor(value / 0x1_0000_0000));
  setU32(bytes, at + 4, value >>> 0);
}

function getU64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
