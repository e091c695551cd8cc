/**
 * Garbage: ranges of the store that wait to be cleared, kept as records of the family `g` (docs/formats/store.md).
 * Who gives up a range puts such a record through the log; after the fold that brings it the range is cleared.
 */

import { ByteReader } from '../../base/byte-reader.js';
import { ByteWriter, varintLength } from '../../base/byte-writer.js';
import { yieldTurn } from '../../base/yield-turn.js';
import { DATA_FAMILY, DATA_PREFIX_BYTES, VERSION_BYTES } from '../storage.js';
import type { Codec } from './codec.js';
import type { Store } from './store.js';

const FAMILY = 0x67; // g
const FROM = Buffer.of(FAMILY);
const TO = Buffer.of(FAMILY + 1);
export const GARBAGE_KEY_BYTES = 9;
const CLEAR_RECORDS = 2000;
/** Records that are cleared before their space is given back: what a compaction of them takes others must not wait for. */
const STRETCH_RECORDS = 100_000;
/** The space of less comes back when LevelDB compacts what lies around it. */
const COMPACT_BYTES = 1024 * 1024;
/** Garbage records that are read at a time. */
const PAGE_RECORDS = 1024;
/** Ranges that are looked at side by side; the small ones of them are cleared by one batch. */
const RANGES_AT_ONCE = 32;
/** A range of more records, or of COMPACT_BYTES, is not small. */
const SMALL_RANGE_RECORDS_MAX = 128;

/** `sequence` tells garbage records apart: the LSN of the change that puts the record. */
export function writeGarbageKey(writer: ByteWriter, sequence: number): void {
  writer.u8(FAMILY);
  writer.u64(sequence);
}

/** Bytes that writeGarbageValue takes. */
export function garbageValueLength(from: string, to: string): number {
  return varintLength(from.length) + from.length + to.length;
}

/** Everything from `from` up to but without `to` may be cleared. Both are latin1. */
export function writeGarbageValue(writer: ByteWriter, from: string, to: string): void {
  writer.varint(from.length);
  writer.latin1(from);
  writer.latin1(to);
}

/** Everything from `from` up to but without `to`. */
export interface GarbageRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

interface GarbageRecord extends GarbageRange {
  readonly key: Buffer;
}

export function isGarbageKey(bytes: Buffer, at: number): boolean {
  return bytes[at] === FAMILY;
}

/** The range in the value of a garbage record, whose bytes it shares. */
export function readGarbageValue(value: Buffer): GarbageRange {
  const reader = new ByteReader(value);
  const from = reader.bytes(reader.varint());
  return { from, to: reader.bytes(reader.remaining) };
}

/** No record in the range has a lower LSN: the version, if it is one collection's; else 0, nothing being known. */
export function firstLsnOf({ from }: GarbageRange): number {
  if (from.length !== DATA_PREFIX_BYTES || from[0] !== DATA_FAMILY) return 0;
  return new ByteReader(from.subarray(DATA_PREFIX_BYTES - VERSION_BYTES)).u64();
}

export async function countGarbage(store: Store): Promise<number> {
  let count = 0;
  await store.scan({ from: FROM, to: TO }, () => ++count > 0);
  return count;
}

/**
 * Clears all garbage that the store knows of, page by page: small ranges together, large ones stretch by stretch, the records in
 * batches, then their space. How far it came in a large one is kept in the garbage record, which goes last. Stops between two
 * batches when `mayGoOn` is false; what is left is found again next time.
 */
export async function reclaim(store: Store, codec: Codec, mayGoOn: () => boolean): Promise<void> {
  for (let page = await nextGarbage(store, codec); page.length > 0; ) {
    for (let at = 0; at < page.length; at += RANGES_AT_ONCE) {
      if (!mayGoOn()) return;
      const large = await clearSmall(store, page.slice(at, at + RANGES_AT_ONCE));
      for (const garbage of large) {
        if (!(await clearRange(store, codec, garbage, mayGoOn))) return;
      }
    }
    page = await nextGarbage(store, codec);
  }
}

/** Clears the small ones by one batch: each batch costs a sync. Returns the others. */
async function clearSmall(
  store: Store,
  garbage: readonly GarbageRecord[],
): Promise<readonly GarbageRecord[]> {
  const contents = await Promise.all(garbage.map((range) => keysIfSmall(store, range)));
  if (contents.every((keys) => keys === undefined)) return garbage;
  const batch = store.batch();
  garbage.forEach(({ key }, i) => {
    const keys = contents[i];
    if (keys === undefined) return;
    for (const each of keys) batch.delete(each);
    batch.delete(key);
  });
  await batch.write();
  return garbage.filter((_, i) => contents[i] === undefined);
}

/** The keys in the range, if they are few and take little space. */
async function keysIfSmall(
  store: Store,
  { from, to }: GarbageRange,
): Promise<readonly Buffer[] | undefined> {
  if ((await store.sizeOf(from, to)) >= COMPACT_BYTES) return undefined;
  const found: Buffer[] = [];
  await store.scanKeys(
    { from, to, limit: SMALL_RANGE_RECORDS_MAX + 1 },
    (keys) => found.push(...keys) > 0,
  );
  return found.length > SMALL_RANGE_RECORDS_MAX ? undefined : found;
}

async function clearRange(
  store: Store,
  codec: Codec,
  { key, from, to }: GarbageRecord,
  mayGoOn: () => boolean,
): Promise<boolean> {
  const isLarge = (await store.sizeOf(from, to)) >= COMPACT_BYTES;
  for (let start = from; ; ) {
    const stretch = await clearStretch(store, start, to, mayGoOn);
    if (stretch === undefined) return false;
    const { left } = stretch;
    if (isLarge) await store.compact(start, left ?? to);
    const stored = left && (await codec.encode(key, garbageValue(left, to)));
    const batch = store.batch();
    if (stored === undefined) batch.delete(key);
    else batch.put(key, stored);
    await batch.write();
    if (left === undefined) return true;
    start = left;
  }
}

/** Returns the first key that is left in the range, if any is; undefined if it was stopped. */
async function clearStretch(
  store: Store,
  from: Buffer,
  to: Buffer,
  mayGoOn: () => boolean,
): Promise<{ readonly left: Buffer | undefined } | undefined> {
  let left: Buffer | undefined = from;
  for (let records = 0; left !== undefined && records < STRETCH_RECORDS; records += CLEAR_RECORDS) {
    if (!mayGoOn()) return undefined;
    await yieldTurn();
    // Not from the start again: LevelDB would pass all that was deleted before.
    left = await store.clear({ from: left, to }, CLEAR_RECORDS);
  }
  return { left };
}

function garbageValue(from: Buffer, to: Buffer): Buffer {
  const writer = new ByteWriter();
  writeGarbageValue(writer, from.toString('latin1'), to.toString('latin1'));
  return writer.view();
}

async function nextGarbage(store: Store, codec: Codec): Promise<GarbageRecord[]> {
  const found: [Buffer, Buffer][] = [];
  await store.scan(
    { from: FROM, to: TO, limit: PAGE_RECORDS },
    (key, value) => found.push([key, value]) > 0,
  );
  const page: GarbageRecord[] = [];
  for (const [key, stored] of found) {
    const { from, to } = readGarbageValue(await codec.decode(key, stored));
    page.push({ key, from, to });
  }
  return page;
}
