/** Hashes in Redis's dumps: plain or packed, with fields that expire or without (docs/formats/dump.md). */

import type { ByteReader } from '../../base/byte-reader.js';
import type { ByteWriter } from '../../base/byte-writer.js';
import { fieldExpiryOf, HASH_FIELDS, HashFlag } from '../../keyspace/field-expiry.js';
import { NEVER, ValueType } from '../../keyspace/header.js';
import { createCollection } from '../collection.js';
import { fieldName, parseField, putField } from '../hash/field.js';
import { isLarge, noteChange } from '../hash/hash.js';
import { memberOf } from '../member-table.js';
import { readListpack } from './listpack.js';
import { nextOf, type PackedElement, pairsOf, textsOf } from './packed.js';
import { readLength, readText, writeLength, writeString } from './string.js';
import {
  endHere,
  expectElements,
  type MakeWriter,
  type Readers,
  readPacked,
  type Target,
} from './target.js';
import { readZiplist } from './ziplist.js';
import { readZipmap } from './zipmap.js';

const PLAIN = 4;
const TIMED = 24;
/** Redis keeps 48 bits of a field's time. */
const LATEST = 2 ** 48 - 1;
const TIME_BYTES = 8;

interface TimedField {
  readonly field: string;
  readonly value: string;
  /** Milliseconds since 1970, or NEVER. */
  readonly expireAt: number;
}

export const hashReaders: Readers = [
  [PLAIN, (reader, target) => restore(target, timeless(readPairs(reader, target)), 0)],
  [9, (reader, target) => restore(target, timeless(readZipmap(readPacked(reader, target))), 0)],
  [13, (reader, target) => restorePacked(target, readZiplist(readPacked(reader, target)))],
  [16, (reader, target) => restorePacked(target, readListpack(readPacked(reader, target)))],
  [
    22,
    (reader, target) =>
      restoreTimed(
        target,
        readTimed(reader, target, (time) => time),
      ),
  ],
  [23, (reader, target) => restoreTriples(target, readListpack(readPacked(reader, target)))],
  [
    TIMED,
    (reader, target) => {
      const first = readFirst(reader);
      restoreTimed(
        target,
        readTimed(reader, target, (time) => first + time - 1),
      );
    },
  ],
  [
    25,
    (reader, target) => {
      readFirst(reader);
      restoreTriples(target, readListpack(readPacked(reader, target)));
    },
  ],
];

function readPairs(reader: ByteReader, target: Target): Generator<readonly [string, string]> {
  const count = readLength(reader);
  return pairsOf(readMany(reader, target, count * 2));
}

function* readMany(reader: ByteReader, { options }: Target, count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield readText(reader, options.longest);
}

function* timeless(
  pairs: Iterable<readonly [field: string, value: string]>,
): Generator<TimedField> {
  for (const [field, value] of pairs) yield { field, value, expireAt: NEVER };
}

function readFirst(reader: ByteReader): number {
  return Number(reader.bytes(TIME_BYTES).readBigUInt64LE());
}

/** `timeOf` has what stands for the time of a field that expires. */
function* readTimed(
  reader: ByteReader,
  { options }: Target,
  timeOf: (time: number) => number,
): Generator<TimedField> {
  const count = readLength(reader);
  for (let i = 0; i < count; i++) {
    const time = readLength(reader);
    const field = readText(reader, options.longest);
    const value = readText(reader, options.longest);
    yield { field, value, expireAt: time === 0 ? NEVER : checkTime(timeOf(time)) };
  }
}

function* triples(elements: Iterator<PackedElement>): Generator<TimedField> {
  for (let next = elements.next(); next.done !== true; next = elements.next()) {
    const value = String(nextOf(elements));
    yield { field: String(next.value), value, expireAt: checkTime(nextOf(elements)) };
  }
}

function checkTime(time: PackedElement): number {
  if (typeof time === 'number' && time >= 0 && time <= LATEST) return time;
  throw new RangeError('no time');
}

function restorePacked(target: Target, elements: Iterable<PackedElement>): void {
  restore(ofAnyLength(target), timeless(pairsOf(textsOf(elements))), 0);
}

function restoreTriples(target: Target, elements: Iterator<PackedElement>): void {
  restoreTimed(ofAnyLength(target), triples(elements));
}

/** Of a hash that is packed already Redis looks at the number of fields only. */
function ofAnyLength(target: Target): Target {
  const hash = { ...target.options.hash, bytes: Number.POSITIVE_INFINITY };
  return { ...target, options: { ...target.options, hash } };
}

function restoreTimed(target: Target, fields: Iterable<TimedField>): void {
  restore(target, fields, HashFlag.hasExpired);
}

/** `flags` are those of the header that do not follow from the fields. */
function restore({ db, key, options }: Target, fields: Iterable<TimedField>, flags: number): void {
  const entry = createCollection(db, key, ValueType.hash);
  let count = 0;
  let first = NEVER;
  let large = false;
  for (const { field, value, expireAt } of fields) {
    const isNew = putField(db, entry, fieldName(db, field), field, { value, expireAt });
    if (!isNew) throw new RangeError('a field that is there');
    count++;
    if (expireAt !== NEVER && (first === NEVER || expireAt < first)) first = expireAt;
    large ||= isLarge(count, [[field, value]], options.hash);
  }
  expectElements(count);
  noteChange(db, entry, count, large ? flags | HashFlag.large : flags, first);
}

/** With fields that expire, times are told from one that is not after the first: the header knows it. */
export const hashWriter: MakeWriter = (db, { record }, compresses) => {
  const { now } = db;
  const first = fieldExpiryOf(record);
  return {
    table: HASH_FIELDS,
    begin: (out) => beginHash(out, first),
    element: (out, name, record) => {
      const { value, expireAt } = parseField(name, record);
      if (expireAt !== NEVER && expireAt <= now) return 0;
      if (first !== NEVER) writeLength(out, expireAt === NEVER ? 0 : expireAt - first + 1);
      writeString(out, memberOf(name, record), compresses);
      writeString(out, value, compresses);
      return 1;
    },
    end: endHere,
  };
};

function beginHash(out: ByteWriter, first: number): void {
  out.u8(first === NEVER ? PLAIN : TIMED);
  if (first === NEVER) return;
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigUInt64LE(BigInt(first));
  out.bytes(bytes);
}
