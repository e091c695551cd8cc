/** The bytes of records: whatever is written is read back, in the order that the layout promises. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWriter } from '../../src/base/byte-writer.js';
import {
  dataKey,
  dataKeyLength,
  ExpiryKind,
  expiryKeyLength,
  expiryRange,
  headerLength,
  isDataRecord,
  isKeyRecord,
  keyRecordKey,
  keyRecordKeyLength,
  parseDataKey,
  parseExpiryKey,
  parseHeader,
  parseKeyRecordKey,
  scanPosition,
  spaceRange,
  versionRange,
  writeExpiryKey,
  writeHeader,
} from '../../src/keyspace/encoding.js';
import {
  expireAtOf,
  Header,
  inlineString,
  isExpired,
  type KeyRecord,
  NEVER,
  typeOf,
  ValueType,
  versionOf,
  withExpiry,
} from '../../src/keyspace/header.js';
import { hashOf, isShortened, NAME_BYTES, nameOf, slotOf } from '../../src/keyspace/key-name.js';

const byteString = (length: { minLength?: number; maxLength: number }) =>
  fc.uint8Array(length).map((bytes) => Buffer.from(bytes).toString('latin1'));

const shortKey = byteString({ maxLength: 64 });
const longKey: fc.Arbitrary<string> = fc
  .tuple(fc.integer({ min: 1, max: 3000 }), byteString({ minLength: 8, maxLength: 40 }))
  .map(([length, unit]) => unit.repeat(Math.ceil((NAME_BYTES + length) / unit.length)));
const anyKey = fc.oneof(shortKey, longKey);

const place = fc.record({
  space: fc.integer({ min: 0, max: 0xffff_ffff }),
  slot: fc.integer({ min: 0, max: 16_383 }),
  hash: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  name: anyKey.map(nameOf),
});

const time = fc.integer({ min: 1, max: 2 ** 48 });
const count = fc.integer({ min: 0, max: 2 ** 50 });
const version = fc.integer({ min: 1, max: 2 ** 52 });
const slot = fc.integer({ min: 0, max: 16_383 });
const value = byteString({ maxLength: 300 });

const record: fc.Arbitrary<KeyRecord> = fc.oneof(
  value,
  fc.tuple(value, fc.oneof(time, fc.constant(NEVER)), fc.boolean()).map(([text, at, isRaw]) => {
    return inlineString(text, at, isRaw);
  }),
  fc
    .record({
      type: fc.constantFrom(...Object.values(ValueType)),
      expireAt: fc.oneof(time, fc.constant(NEVER)),
      version,
      count,
      value,
      dataSlot: slot,
      isRaw: fc.boolean(),
    })
    .map((fields) => new Header(fields)),
);

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter(16);
  write(writer);
  return writer.buffer.latin1Slice(0, writer.length);
}

test('headers of every kind are read back as they were, and are as long as announced', () => {
  fc.assert(
    fc.property(record, anyKey, (header, key) => {
      const name = nameOf(key);
      const bytes = written((writer) => writeHeader(writer, header, key, name));
      expect(bytes.length).toBe(headerLength(header, key, name));
      const parsed = parseHeader(bytes);
      expect(parsed.record).toEqual(header);
      expect(parsed.key).toBe(isShortened(name) ? key : undefined);
    }),
    { numRuns: 500 },
  );
});

test('a header of a newer version is refused, not misread', () => {
  expect(() => parseHeader('\x00\x20value')).toThrow(/flags 32/);
  expect(() => parseHeader('\x07\x00value')).toThrow(/type 7/);
});

test('keys of records are read back, and are as long as announced', () => {
  fc.assert(
    fc.property(place, time, version, byteString({ maxLength: 40 }), (where, at, number, sub) => {
      const key = keyRecordKey(where);
      expect(key.length).toBe(keyRecordKeyLength(where.name));
      expect(parseKeyRecordKey(key)).toEqual(where);
      expect(isKeyRecord(key) && !isDataRecord(key)).toBe(true);

      const data = dataKey(where.space, where.slot, number, sub);
      expect(data.length).toBe(dataKeyLength(sub));
      expect(parseDataKey(data)).toEqual({
        space: where.space,
        slot: where.slot,
        version: number,
        sub,
      });
      expect(isDataRecord(data) && !isKeyRecord(data)).toBe(true);

      const expiry = written((writer) => writeExpiryKey(writer, at, ExpiryKind.field, where));
      expect(expiry.length).toBe(expiryKeyLength(where.name));
      expect(parseExpiryKey(expiry)).toEqual({ at, kind: ExpiryKind.field, place: where });
    }),
  );
});

test('ranges hold what they name and nothing else', () => {
  fc.assert(
    fc.property(place, place, time, version, version, (a, b, at, mine, other) => {
      const inside = ({ from, to }: { from: string; to: string }, key: string): boolean =>
        key >= from && key < to;
      fc.pre(a.space < 0xffff_ffff);
      expect(inside(spaceRange('m', a.space), keyRecordKey(b))).toBe(a.space === b.space);
      const data = dataKey(b.space, b.slot, other, '\x01sub');
      expect(inside(spaceRange('d', a.space), data)).toBe(a.space === b.space);
      const same = a.space === b.space && a.slot === b.slot && mine === other;
      expect(inside(versionRange(a.space, a.slot, mine), data)).toBe(same);
      const expiry = written((writer) => writeExpiryKey(writer, at, ExpiryKind.key, a));
      expect(inside(expiryRange(0, at), expiry)).toBe(false);
      expect(inside(expiryRange(at, at + 1), expiry)).toBe(true);
      expect(scanPosition(a.space, a.slot, a.hash) <= keyRecordKey(a)).toBe(true);
    }),
  );
});

test('the order of key records is slot, then hash unsigned: the order of cursors', () => {
  fc.assert(
    fc.property(place, place, (a, b) => {
      const position = (p: typeof a): number => p.slot * 2 ** 32 + (p.hash >>> 0);
      fc.pre(position(a) !== position(b));
      const first = keyRecordKey({ ...a, space: 1 });
      const second = keyRecordKey({ ...b, space: 1 });
      expect(first < second).toBe(position(a) < position(b));
    }),
  );
});

test('the example of docs/formats/records.md', () => {
  const where = { space: 0, slot: slotOf('a'), hash: 0x01020304, name: 'a' };
  const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
  expect(hex(keyRecordKey(where))).toBe('6d000000003c870102030461');
  expect(hex(written((writer) => writeHeader(writer, 'b', 'a', 'a')))).toBe('000062');
  const expiring = inlineString('b', 0x18bcfe56800);
  expect(hex(written((writer) => writeHeader(writer, expiring, 'a', 'a')))).toBe(
    '00010000018bcfe5680062',
  );
  expect(
    hex(written((writer) => writeExpiryKey(writer, 0x18bcfe56800, ExpiryKind.key, where))),
  ).toBe('780000018bcfe5680000000000003c870102030461');
});

test('another expiry leaves everything else as it was', () => {
  fc.assert(
    fc.property(record, fc.oneof(time, fc.constant(NEVER)), (before, at) => {
      const after = withExpiry(before, at);
      expect(expireAtOf(after)).toBe(at);
      expect(typeOf(after)).toBe(typeOf(before));
      expect(versionOf(after)).toBe(versionOf(before));
      const text = (r: KeyRecord): string => (typeof r === 'string' ? r : r.value);
      expect(text(after)).toBe(text(before));
      expect(isExpired(after, at - 1)).toBe(false);
      expect(isExpired(after, at)).toBe(at !== NEVER);
    }),
  );
});

test('slots are those of Redis Cluster, tags included', () => {
  // From CLUSTER KEYSLOT of redis-server 7.0.
  const known = { a: 15495, foo: 12182, '': 0, '123456789': 12739, '{}x': 10595 };
  for (const [key, slot] of Object.entries(known)) expect([key, slotOf(key)]).toEqual([key, slot]);
  expect(slotOf('user:{42}:name')).toBe(slotOf('42'));
  expect(slotOf('{a}{b}')).toBe(slotOf('a'));
  expect(slotOf('{open')).not.toBe(slotOf('open'));
});

test('a long key has a name of 1025 bytes that no other key has', () => {
  fc.assert(
    fc.property(longKey, longKey, (a, b) => {
      expect(nameOf(a).length).toBe(NAME_BYTES + 1);
      expect(nameOf(a) === nameOf(b)).toBe(a === b);
    }),
  );
  const limit = 'x'.repeat(NAME_BYTES);
  expect(nameOf(limit)).toBe(limit);
  expect(nameOf(`${limit}y`)).not.toBe(`${limit}y`);
});

test('the hash depends on every byte and on the seed, and is spread over 32 bits', () => {
  const hashes = new Set<number>();
  for (let i = 0; i < 10_000; i++) hashes.add(hashOf(`key:${i}`, 1));
  expect(hashes.size).toBeGreaterThan(9_990);
  let high = 0;
  for (const hash of hashes) high += hash < 0 ? 1 : 0;
  expect(high).toBeGreaterThan(4_000);
  expect(high).toBeLessThan(6_000);
  expect(hashOf('a', 1)).not.toBe(hashOf('a', 2));
});

test('a header of an early build, which says nothing of the size of its collection, gives an estimate', () => {
  const header = `\x04\x02${'\0'.repeat(7)}\x09${'\0'.repeat(7)}\x0a\0\x01about`;
  const { record } = parseHeader(header);
  expect(record).toMatchObject({ version: 9, count: 10, dataSlot: 1, value: 'about', bytes: 1600 });
});
