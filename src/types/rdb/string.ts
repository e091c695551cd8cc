/**
 * Lengths and strings as Redis's RDB files and DUMP have them.
 *
 *     length := 00nnnnnn | 01nnnnnn n(1) | 0x80 n(4) | 0x81 n(8)                      big-endian
 *     string := length bytes | 0xc0 int8 | 0xc1 int16 | 0xc2 int32                    little-endian
 *             | 0xc3 compressed:length full:length LZF
 */

import { constants } from 'node:buffer';
import type { ByteReader } from '../../base/byte-reader.js';
import { read32, text32, text64 } from '../../base/byte-text.js';
import type { ByteWriter } from '../../base/byte-writer.js';
import { smallInteger } from '../../base/integer.js';
import { CHUNK_BYTES, LargeString } from '../../base/large-string.js';
import { lzfCompress, lzfExpand } from '../../base/lzf.js';
import { chunksOf, chunksOfBytes, type StringValue, textOf } from '../string/value.js';

const LENGTH_32 = 0x80;
const LENGTH_64 = 0x81;
const INT8 = 0xc0;
const INT16 = 0xc1;
const INT32 = 0xc2;
const LZF = 0xc3;

/** Longer strings are no integers of 32 bits. */
const INTEGER_BYTES_MAX = 11;
/** Strings that are tried to be compressed: longer ones would keep the thread for too long. */
const COMPRESSED_BYTES_MIN = 21;
const COMPRESSED_BYTES_MAX = 4 * 1024 * 1024;
/** What compression must save at least. */
const SAVED_BYTES_MIN = 4;

export function writeLength(out: ByteWriter, length: number): void {
  if (length < 0x40) {
    out.u8(length);
  } else if (length < 0x4000) {
    out.u16(0x4000 | length);
  } else if (length <= 0xffff_ffff) {
    out.u8(LENGTH_32);
    out.u32(length);
  } else {
    out.u8(LENGTH_64);
    out.u64(length);
  }
}

/** Makes room for a length below 2^32 that is not known yet, and says where to put it. */
export function reserveLength(out: ByteWriter): number {
  out.u8(LENGTH_32);
  out.u32(0);
  return out.length - 4;
}

/** A length of 64 bits, all of which matter: eight bytes of text. */
export function writeWord(out: ByteWriter, word: string): void {
  const high = read32(word);
  if (high === 0) {
    writeLength(out, read32(word, 4));
  } else {
    out.u8(LENGTH_64);
    out.latin1(word);
  }
}

export function writeString(out: ByteWriter, value: StringValue, compresses: boolean): void {
  const { length } = value;
  if (length <= INTEGER_BYTES_MAX && writeInteger(out, textOf(value))) return;
  const isTried = length >= COMPRESSED_BYTES_MIN && length <= COMPRESSED_BYTES_MAX;
  if (compresses && isTried && writeCompressed(out, textOf(value))) return;
  writeLength(out, length);
  out.reserve(length);
  for (const chunk of chunksOf(value)) out.latin1(chunk);
}

function writeInteger(out: ByteWriter, text: string): boolean {
  const value = smallInteger(text);
  if (value === undefined || value !== (value | 0)) return false;
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  const size = value === (value << 24) >> 24 ? 1 : value === (value << 16) >> 16 ? 2 : 4;
  out.u8(size === 1 ? INT8 : size === 2 ? INT16 : INT32);
  out.bytes(bytes.subarray(0, size));
  return true;
}

function writeCompressed(out: ByteWriter, text: string): boolean {
  const compressed = lzfCompress(Buffer.from(text, 'latin1'), SAVED_BYTES_MIN);
  if (compressed === undefined) return false;
  out.u8(LZF);
  writeLength(out, compressed.length);
  writeLength(out, text.length);
  out.bytes(compressed);
  return true;
}

/** @throws RangeError if there is none */
export function readLength(reader: ByteReader): number {
  return lengthAfter(reader, reader.u8());
}

function lengthAfter(reader: ByteReader, first: number): number {
  if (first < 0x40) return first;
  if (first < 0x80) return ((first & 0x3f) << 8) | reader.u8();
  if (first === LENGTH_32) return reader.u32();
  if (first === LENGTH_64) return reader.u64();
  throw new RangeError(`no length starts with ${first}`);
}

/** The same with all its 64 bits: eight bytes of text. @throws RangeError if there is none */
export function readWord(reader: ByteReader): string {
  const first = reader.u8();
  if (first === LENGTH_32) return text32(0) + reader.latin1(4);
  return first === LENGTH_64 ? reader.latin1(8) : text64(lengthAfter(reader, first));
}

/** A string of at most `longest` bytes. @throws RangeError if there is none */
export function readString(reader: ByteReader, longest: number): StringValue {
  const bytes = readBytes(reader, longest);
  if (bytes.length <= CHUNK_BYTES) return bytes.latin1Slice(0, bytes.length);
  return new LargeString(bytes.length, chunksOfBytes(bytes));
}

/** The same in one piece. @throws RangeError if there is none, or it is too long for that */
export function readText(reader: ByteReader, longest: number): string {
  const bytes = readBytes(reader, Math.min(longest, constants.MAX_STRING_LENGTH));
  return bytes.latin1Slice(0, bytes.length);
}

/** The same as bytes, which may share memory with the reader's. @throws RangeError if there is none */
export function readBytes(reader: ByteReader, longest: number): Buffer {
  const first = reader.u8();
  if (first === LZF) return readCompressed(reader, longest);
  if (first >= INT8) return Buffer.from(String(readInteger(reader, first)), 'latin1');
  const length = lengthAfter(reader, first);
  if (length > longest) throw new RangeError('a string longer than any');
  return reader.bytes(length);
}

function readInteger(reader: ByteReader, kind: number): number {
  if (kind === INT8) return reader.bytes(1).readInt8();
  if (kind === INT16) return reader.bytes(2).readInt16LE();
  if (kind === INT32) return reader.bytes(4).readInt32LE();
  throw new RangeError(`no string starts with ${kind}`);
}

function readCompressed(reader: ByteReader, longest: number): Buffer {
  const compressed = readLength(reader);
  const length = readLength(reader);
  if (length > longest) throw new RangeError('a string longer than any');
  return lzfExpand(reader.bytes(compressed), length);
}
