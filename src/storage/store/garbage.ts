/** Garbage: ranges of the store that wait to be cleared, kept as records of the family `g`. */

import { ByteReader } from '../../base/byte-reader.js';
import { ByteWriter } from '../../base/byte-writer.js';
import { yieldTurn } from '../../base/yield-turn.js';
import type { Codec } from './codec.js';
import type { Store } from './store.js';

const FROM = Buffer.from('g', 'latin1');
const TO = Buffer.from('h', 'latin1');
const CLEAR_RECORDS = 2000;
const PAGE = 64;

/** The value of a garbage record for the range `from` ≤ key < `to`. Latin1. */
export function encodeGarbage(from: string, to: string): string {
  const writer = new ByteWriter(from.length + to.length + 5);
  writer.varint(from.length);
  writer.latin1(from);
  writer.latin1(to);
  return writer.view().toString('latin1');
}

/** The key of a garbage record. Latin1. */
export function garbageKey(sequence: number): string {
  const writer = new ByteWriter(9);
  writer.u8(FROM[0] as number);
  writer.u64(sequence);
  return writer.view().toString('latin1');
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
