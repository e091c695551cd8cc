/** Garbage: the bytes of its records, as docs/formats/store.md has them, and how it is cleared. */

import { expect, it } from 'vitest';
import { ByteWriter } from '../../../src/base/byte-writer.js';
import { expiryRange, spaceRange, versionRange } from '../../../src/keyspace/encoding.js';
import { Codec } from '../../../src/storage/store/codec.js';
import {
  countGarbage,
  firstLsnOf,
  GARBAGE_KEY_BYTES,
  garbageValueLength,
  reclaim,
  writeGarbageKey,
  writeGarbageValue,
} from '../../../src/storage/store/garbage.js';
import { MemoryStore } from '../../../src/storage/store/memory-store.js';
import type { StoreRange } from '../../../src/storage/store/store.js';
import { writeRecords } from './write-records.js';

it('garbage names its range, and its records are as long as announced', () => {
  const key = new ByteWriter();
  writeGarbageKey(key, 258);
  expect(key.view().toString('latin1')).toBe('g\0\0\0\0\0\0\x01\x02');
  expect(key.length).toBe(GARBAGE_KEY_BYTES);
  const value = new ByteWriter();
  writeGarbageValue(value, 'from', 'to');
  expect(value.view().toString('latin1')).toBe('\x04fromto');
  expect(value.length).toBe(garbageValueLength('from', 'to'));
});

class WatchedStore extends MemoryStore {
  readonly cleared: string[] = [];
  readonly compacted: string[] = [];

  override clear(range: StoreRange, limit: number): Promise<Buffer | undefined> {
    this.cleared.push(range.from.toString('latin1'));
    return super.clear(range, limit);
  }

  override async compact(from?: Buffer, to?: Buffer): Promise<void> {
    this.compacted.push(`${from} to ${to}`);
  }
}

const codec = new Codec('none');

async function storeWith(records: number): Promise<WatchedStore> {
  const store = new WatchedStore();
  const key = new ByteWriter();
  writeGarbageKey(key, 1);
  const value = new ByteWriter();
  writeGarbageValue(value, 'd', 'e');
  await writeRecords(store, [
    { key: key.view(), value: await codec.encode(key.view(), value.view()) },
  ]);
  const names = Array.from({ length: records }, (_, i) => `d${String(i).padStart(9, '0')}`);
  const batch = names.map((name) => ({ key: Buffer.from(name), value: Buffer.alloc(20) }));
  await writeRecords(store, [...batch, { key: Buffer.from('e'), value: Buffer.alloc(1) }]);
  return store;
}

async function left(store: MemoryStore): Promise<number> {
  let count = 0;
  await store.scan({ from: Buffer.from('d'), to: Buffer.from('f') }, () => ++count > 0);
  return count;
}

it('a large range is cleared from where the batch before ended, and compacted a stretch at a time', async () => {
  const store = await storeWith(150_000);
  await reclaim(store, codec, () => true);
  expect(await left(store)).toBe(1);
  expect(await countGarbage(store)).toBe(0);
  expect(store.cleared).toHaveLength(75);
  expect(store.cleared[1]).toBe('d000002000');
  expect(store.compacted).toEqual(['d to d000100000', 'd000100000 to e']);
});

it('clearing that was stopped goes on at the stretch where it was', async () => {
  const store = await storeWith(150_000);
  await reclaim(store, codec, () => store.cleared.length < 60);
  expect(await left(store)).toBe(30_001);
  expect(await countGarbage(store)).toBe(1);
  store.cleared.length = 0;
  await reclaim(store, codec, () => true);
  expect(store.cleared[0]).toBe('d000100000');
  expect(await left(store)).toBe(1);
  expect(await countGarbage(store)).toBe(0);
});

it('a small range is left to LevelDB to compact', async () => {
  const store = await storeWith(10);
  await reclaim(store, codec, () => true);
  expect(await left(store)).toBe(1);
  expect(store.compacted).toEqual([]);
});

it('small ranges are cleared many by one batch, each with its record; the large one between them is not', async () => {
  const store = await storeWith(1000);
  const writes: { key: Buffer; value: Buffer | undefined }[] = [];
  for (let i = 0; i < 100; i++) {
    const key = new ByteWriter();
    writeGarbageKey(key, 2 + i);
    const value = new ByteWriter();
    writeGarbageValue(value, `e${i}/`, `e${i}0`);
    writes.push({
      key: Buffer.from(key.view()),
      value: await codec.encode(key.view(), value.view()),
    });
    for (const name of ['a', 'b'])
      writes.push({ key: Buffer.from(`e${i}/${name}`), value: Buffer.of(1) });
    writes.push({ key: Buffer.from(`e${i}0`), value: Buffer.of(1) });
  }
  await writeRecords(store, writes);
  let batches = 0;
  store.failWrite = () => {
    batches++;
    return undefined;
  };
  await reclaim(store, codec, () => true);
  expect(await countGarbage(store)).toBe(0);
  expect(await left(store)).toBe(1 + 100);
  expect(store.cleared).toEqual(['d']);
  // Four of 32 ranges or less, and one that ends the large range.
  expect(batches).toBe(5);
});

it('no record of a collection has an LSN below its version; of other ranges nothing is known', () => {
  const firstLsn = ({ from, to }: { from: string; to: string }): number =>
    firstLsnOf({ from: Buffer.from(from, 'latin1'), to: Buffer.from(to, 'latin1') });
  expect(firstLsn(versionRange(1, 2, 77))).toBe(77);
  expect(firstLsn(spaceRange('d', 1))).toBe(0);
  expect(firstLsn(expiryRange(0, 9))).toBe(0);
});
