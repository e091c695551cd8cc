/**
 * The bytes of the keyspace's records: keys by family, and headers. The layout (docs/formats/records.md)
 * stands only here, but for the prefix of data, which storage knows, too.
 */

import { ByteReader } from '../base/byte-reader.js';
import { ByteWriter, varintLength } from '../base/byte-writer.js';
import { DiskDbError } from '../base/errors.js';
import { DATA_FAMILY, DATA_PREFIX_BYTES } from '../storage/storage.js';
import {
  collectionBytes,
  Header,
  inlineString,
  type KeyRecord,
  NEVER,
  type TypeNumber,
  ValueType,
} from './header.js';
import { isShortened } from './key-name.js';

const FAMILY_KEY = 0x6d; // m
const FAMILY_EXPIRY = 0x78; // x

/** What an expiry record stands for: a key, or the first field of a hash. */
export const ExpiryKind = { key: 0, field: 1 } as const;

const HAS_EXPIRY = 0x01;
const HAS_VERSION = 0x02;
const HAS_KEY = 0x04;
const IS_RAW = 0x08;
const HAS_BYTES = 0x10;
const KNOWN_FLAGS = HAS_EXPIRY | HAS_VERSION | HAS_KEY | IS_RAW | HAS_BYTES;

/** What an element is taken to be where an early build did not note the bytes of its collection. */
const ELEMENT_BYTES = 160;

/** Where a key lives, as its record's key says it. */
export interface KeyPlace {
  readonly space: number;
  readonly slot: number;
  /** A signed 32-bit integer. */
  readonly hash: number;
  readonly name: string;
}

const KEY_PREFIX_BYTES = 11;
const EXPIRY_PREFIX_BYTES = 20;

export function keyRecordKeyLength(name: string): number {
  return KEY_PREFIX_BYTES + name.length;
}

export function writeKeyRecordKey(writer: ByteWriter, place: KeyPlace): void {
  writer.u8(FAMILY_KEY);
  writePlace(writer, place);
}

function writePlace(writer: ByteWriter, place: KeyPlace): void {
  writer.u32(place.space);
  writer.u16(place.slot);
  writer.u32(place.hash);
  writer.latin1(place.name);
}

export function expiryKeyLength(name: string): number {
  return EXPIRY_PREFIX_BYTES + name.length;
}

export function writeExpiryKey(
  writer: ByteWriter,
  at: number,
  kind: number,
  place: KeyPlace,
): void {
  writer.u8(FAMILY_EXPIRY);
  writer.u64(at);
  writer.u8(kind);
  writePlace(writer, place);
}

/** `sub` starts with its table's number. */
export function dataKeyLength(sub: string): number {
  return DATA_PREFIX_BYTES + sub.length;
}

export function writeDataKey(
  writer: ByteWriter,
  space: number,
  slot: number,
  version: number,
  sub: string,
): void {
  writer.u8(DATA_FAMILY);
  writer.u32(space);
  writer.u16(slot);
  writer.u64(version);
  writer.latin1(sub);
}

const scratch = new ByteWriter(256);

function text(write: (writer: ByteWriter) => void): string {
  scratch.clear();
  write(scratch);
  return scratch.buffer.latin1Slice(0, scratch.length);
}

export function keyRecordKey(place: KeyPlace): string {
  return text((writer) => writeKeyRecordKey(writer, place));
}

export function dataKey(space: number, slot: number, version: number, sub: string): string {
  return text((writer) => writeDataKey(writer, space, slot, version, sub));
}

/** Where in the key family a scan of the space goes on: at this slot and hash, or after the last slot. */
export function scanPosition(space: number, slot: number, hash: number): string {
  return keyRecordKey({ space, slot, hash, name: '' });
}

/** The range of keys or data of a whole space. */
export function spaceRange(family: 'm' | 'd', space: number): { from: string; to: string } {
  const bound = (id: number): string => family + text((writer) => writer.u32(id));
  return { from: bound(space), to: bound(space + 1) };
}

/** The range of all records of one version. */
export function versionRange(space: number, slot: number, version: number) {
  return { from: dataKey(space, slot, version, ''), to: dataKey(space, slot, version + 1, '') };
}

/** The range of expiry records due before `until`, from the time `since` on. */
export function expiryRange(since: number, until: number): { from: string; to: string } {
  const bound = (at: number): string =>
    text((writer) => {
      writer.u8(FAMILY_EXPIRY);
      writer.u64(at);
    });
  return { from: bound(since), to: bound(until) };
}

export function isKeyRecord(recordKey: string): boolean {
  return recordKey.charCodeAt(0) === FAMILY_KEY;
}

export function isExpiryRecord(recordKey: string): boolean {
  return recordKey.charCodeAt(0) === FAMILY_EXPIRY;
}

export function isDataRecord(recordKey: string): boolean {
  return recordKey.charCodeAt(0) === DATA_FAMILY;
}

function readerOf(bytes: string): ByteReader {
  return new ByteReader(Buffer.from(bytes, 'latin1'));
}

function readPlace(reader: ByteReader): KeyPlace {
  const space = reader.u32();
  const slot = reader.u16();
  const hash = reader.u32() | 0;
  return { space, slot, hash, name: reader.latin1(reader.remaining) };
}

export function parseKeyRecordKey(recordKey: string): KeyPlace {
  const reader = readerOf(recordKey);
  reader.u8();
  return readPlace(reader);
}

export function parseExpiryKey(recordKey: string) {
  const reader = readerOf(recordKey);
  reader.u8();
  const at = reader.u64();
  const kind = reader.u8();
  return { at, kind, place: readPlace(reader) };
}

/** Where a record of a collection stands. */
export interface DataPlace {
  readonly space: number;
  readonly slot: number;
  readonly version: number;
  readonly sub: string;
}

export function parseDataKey(recordKey: string): DataPlace {
  const reader = readerOf(recordKey);
  reader.u8();
  const space = reader.u32();
  const slot = reader.u16();
  const version = reader.u64();
  return { space, slot, version, sub: reader.latin1(reader.remaining) };
}

/** Bytes that writeHeader takes. `key` is the full key, `name` what addresses it. */
export function headerLength(record: KeyRecord, key: string, name: string): number {
  const text = typeof record === 'string' ? record : record.value;
  return textOffset(record, key, name) + text.length;
}

/**
 * How many of the bytes that writeHeader takes stand before the text. Patches in the log count from the first byte: the same record
 * must have the same number in each build that reads them.
 */
export function textOffset(record: KeyRecord, key: string, name: string): number {
  const long = isShortened(name) ? varintLength(key.length) + key.length : 0;
  if (typeof record === 'string') return 2 + long;
  const expiry = record.expireAt === NEVER ? 0 : 8;
  const version = record.version === 0 ? 0 : 26;
  return 2 + expiry + version + long;
}

/** `bytes`: what its collection takes. */
export function writeHeader(
  writer: ByteWriter,
  record: KeyRecord,
  key: string,
  name: string,
  bytes = collectionBytes(record),
): void {
  const long = isShortened(name) ? HAS_KEY : 0;
  if (typeof record === 'string') {
    writer.u8(ValueType.string);
    writer.u8(long);
  } else {
    writer.u8(record.type);
    const expiry = record.expireAt === NEVER ? 0 : HAS_EXPIRY;
    const version = record.version === 0 ? 0 : HAS_VERSION | HAS_BYTES;
    writer.u8(expiry | version | long | (record.isRaw ? IS_RAW : 0));
    if (expiry) writer.u64(record.expireAt);
    if (version) {
      writer.u64(record.version);
      writer.u64(record.count);
      writer.u16(record.dataSlot);
      writer.u64(bytes);
    }
  }
  if (long) {
    writer.varint(key.length);
    writer.latin1(key);
  }
  writer.latin1(typeof record === 'string' ? record : record.value);
}

export interface ParsedHeader {
  readonly record: KeyRecord;
  /** The full key, if the name is shortened. */
  readonly key: string | undefined;
}

export function parseHeader(bytes: string): ParsedHeader {
  const type = bytes.charCodeAt(0) as TypeNumber;
  const flags = bytes.charCodeAt(1);
  if (type === ValueType.string && flags === 0) {
    return { record: bytes.slice(2), key: undefined };
  }
  if (flags & ~KNOWN_FLAGS || type > ValueType.json) {
    throw new DiskDbError('FORMAT_UNKNOWN', `a header of type ${type} with flags ${flags}`);
  }
  return parseLongHeader(readerOf(bytes), type, flags);
}

function parseLongHeader(reader: ByteReader, type: TypeNumber, flags: number): ParsedHeader {
  reader.u16();
  const expireAt = flags & HAS_EXPIRY ? reader.u64() : NEVER;
  const version = flags & HAS_VERSION ? reader.u64() : 0;
  const count = flags & HAS_VERSION ? reader.u64() : 0;
  const dataSlot = flags & HAS_VERSION ? reader.u16() : 0;
  const bytes = flags & HAS_BYTES ? reader.u64() : count * ELEMENT_BYTES;
  const key = flags & HAS_KEY ? reader.latin1(reader.varint()) : undefined;
  const value = reader.latin1(reader.remaining);
  const isRaw = (flags & IS_RAW) !== 0;
  if (type === ValueType.string && version === 0) {
    return { record: inlineString(value, expireAt, isRaw), key };
  }
  const record = new Header({ type, expireAt, version, count, value, dataSlot, isRaw });
  record.bytes = version === 0 ? 0 : bytes;
  return { record, key };
}
