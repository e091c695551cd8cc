/**
 * Garbage: ranges of the store that wait to be cleared, kept as records of the family `g` (docs/formats/store.md).
 * Who gives up a range puts such a record through the log; after the fold that brings it the range is cleared.
 */

import { ByteReader } from '../../base/byte-reader.js';
import { type ByteWriter, varintLength } from '../../base/byte-writer.js';
import { yieldTurn } from '../../base/yield-turn.js';
import type { Codec } from './codec.js';
import type { Store } from './store.js';

const FAMILY = 0x67; // g
const FROM = Buffer.of(FAMILY);
const TO = Buffer.of(FAMILY + 1);
export const GARBAGE_KEY_BYTES = 9;
const CLEAR_RECORDS = 2000;
const PAGE = 64;

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

interface GarbageRecord {
  readonly key: Buffer;
  readonly from: Buffer;
  readonly to: Buffer;
}

export async function countGarbage(store: Store): Promise<number> {
  let count = 0;
  await store.scan({ from: FROM, to: TO }, () => ++count > 0);
  return count;
}

/**
 * Clears all garbage that the store knows of, range by range: the records in batches, then their space, then
 * the garbage record itself. Stops between two batches when `mayGoOn` resolves to false; what is left is found
 * again next time.
 */
export async function reclaim(store: Store, codec: Codec, mayGoOn: () => boolean): Promise<void> {
  for (let page = await firstGarbage(store, codec); page.length > 0; ) {
    for (const garbage of page) {
      if (!(await clearRange(store, garbage, mayGoOn))) return;
    }
    page = await firstGarbage(store, codec);
  }
}

async function clearRange(
  store: Store,
  { key, from, to }: GarbageRecord,
  mayGoOn: () => boolean,
): Promise<boolean> {
  do {
    if (!mayGoOn()) return false;
    await yieldTurn();
  } while (!(await store.clear({ from, to }, CLEAR_RECORDS)));
  await store.compact(from, to);
  if (!mayGoOn()) return false;
  await store.write([{ key, value: undefined }]);
  return true;
}

async function firstGarbage(store: Store, codec: Codec): Promise<GarbageRecord[]> {
  const found: [Buffer, Buffer][] = [];
  await store.scan(
    { from: FROM, to: TO, limit: PAGE },
    (key, value) => found.push([key, value]) > 0,
  );
  const page: GarbageRecord[] = [];
  for (const [key, stored] of found) {
    const reader = new ByteReader(await codec.decode(key, stored));
    const from = reader.bytes(reader.varint());
    page.push({ key, from, to: reader.bytes(reader.remaining) });
  }
  return page;
}
