/** What every store promises, run on each: call it from a test file. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreRange } from '../../../src/storage/store/store.js';
import { writeRecords } from './write-records.js';

export interface StoreUnderTest {
  readonly store: Store;
  dispose(): Promise<void>;
}

export function storeConformance(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store contract`, () => {
    let subject: StoreUnderTest;
    let store: Store;

    beforeEach(async () => {
      subject = await make();
      store = subject.store;
      await store.open();
    });
    afterEach(async () => {
      await store.close();
      await subject.dispose();
    });

    it('reads what was written, and undefined for what was not', async () => {
      await put(store, { a: '1', b: '2' });
      expect(await values(store, ['a', 'x', 'b'])).toEqual(['1', undefined, '2']);
      expect(store.getSync(bytes('b'))?.toString('latin1')).toBe('2');
      expect(store.getSync(bytes('x'))).toBeUndefined();
    });

    it('keeps empty values apart from absent ones', async () => {
      await put(store, { a: '' });
      expect(await values(store, ['a'])).toEqual(['']);
    });

    it('overwrites and deletes within one batch, later writes winning', async () => {
      await put(store, { a: '1', b: '2' });
      await writeRecords(store, [
        { key: bytes('a'), value: undefined },
        { key: bytes('b'), value: bytes('3') },
        { key: bytes('b'), value: bytes('4') },
      ]);
      expect(await values(store, ['a', 'b'])).toEqual([undefined, '4']);
    });

    it('copies what a batch is given', async () => {
      const [key, value] = [bytes('key'), bytes('value')];
      const batch = store.batch();
      batch.put(key, value);
      key.fill('x');
      value.fill('x');
      batch.put(key, value);
      key.fill('y');
      batch.delete(key);
      key.fill('x');
      await batch.write();
      expect(await values(store, ['key', 'xxx', 'yyy'])).toEqual(['value', 'xxxxx', undefined]);
    });

    it('a batch is not there before it is written, and ends then', async () => {
      const batch = store.batch();
      batch.put(bytes('a'), bytes('1'));
      expect(await values(store, ['a'])).toEqual([undefined]);
      await batch.write();
      expect(() => batch.put(bytes('b'), bytes('2'))).toThrow();
      await expect(batch.write()).rejects.toThrow();
    });

    it('orders keys by unsigned bytes', async () => {
      await put(store, { '\xff': '3', '\x7f': '2', '\x00': '0', '\x00\x00': '1' });
      expect(await keys(store, all())).toEqual(['\x00', '\x00\x00', '\x7f']);
    });

    it('scans a range forward and backward, the end excluded', async () => {
      await put(store, { a: '', b: '', c: '', d: '' });
      const range = { from: bytes('b'), to: bytes('d') };
      expect(await keys(store, range)).toEqual(['b', 'c']);
      expect(await keys(store, { ...range, reverse: true })).toEqual(['c', 'b']);
      expect(await keys(store, { ...range, limit: 1 })).toEqual(['b']);
      expect(await keys(store, { ...range, reverse: true, limit: 1 })).toEqual(['c']);
    });

    it('ends a scan when the visitor says so', async () => {
      await put(store, { a: '', b: '', c: '' });
      const seen: string[] = [];
      await store.scan(all(), (key) => seen.push(key.toString('latin1')) < 2);
      expect(seen).toEqual(['a', 'b']);
    });

    it('scans thousands of records without a gap', async () => {
      await put(store, numbered(3000));
      expect(await keys(store, all())).toEqual(Object.keys(numbered(3000)).sort());
    });

    it('counts the records of a range, now and as of a snapshot', async () => {
      const high = Array.from({ length: 128 }, (_, i) => String.fromCharCode(128 + i));
      await put(store, {
        ...numbered(5000),
        ...Object.fromEntries(high.map((key) => [key, key])),
        x: '',
      });
      const snapshot = store.snapshot();
      await put(store, { y: '' });
      expect(await store.countKeys(all())).toBe(5002 + 127);
      expect(await store.countKeys({ ...all(), snapshot })).toBe(5001 + 127);
      expect(await store.countKeys({ from: bytes('\x90'), to: bytes('\xa0') })).toBe(16);
      expect(await store.countKeys({ from: bytes('x'), to: bytes('y') })).toBe(1);
      expect(await store.countKeys({ from: bytes('xx'), to: bytes('y') })).toBe(0);
      await snapshot.close();
    });

    it('knows which of many keys there are, now and as of a snapshot', async () => {
      await put(store, { a: '', b: '1' });
      const snapshot = store.snapshot();
      await writeRecords(store, [{ key: bytes('b'), value: undefined }]);
      const wanted = ['a', 'b', '\xff', 'c'].map(bytes);
      expect(await store.hasMany(wanted)).toEqual([true, false, false, false]);
      expect(await store.hasMany(wanted, snapshot)).toEqual([true, true, false, false]);
      await snapshot.close();
    });

    it('reads many keys at once', async () => {
      await put(store, numbered(500));
      const wanted = Object.keys(numbered(600));
      const found = await values(store, wanted);
      expect(found.filter((value) => value !== undefined)).toHaveLength(500);
      expect(found[499]).toBe('v499');
    });

    it('shows a snapshot as it was, whatever comes after', async () => {
      await put(store, numbered(600));
      const snapshot = store.snapshot();
      await put(store, { k00001: 'changed', knew: 'new' });
      await store.clear({ from: bytes('k00300'), to: bytes('k00600') }, 1000);
      expect(await keys(store, { ...all(), snapshot })).toHaveLength(600);
      const first: string[] = [];
      const range = { from: bytes('k00001'), to: bytes('k00002'), snapshot };
      await store.scan(range, (_key, value) => first.push(value.toString('latin1')) > 0);
      expect(first).toEqual(['v1']);
      await snapshot.close();
      expect(await keys(store, all())).toHaveLength(301);
    });

    it('clears a range in steps and says what is left', async () => {
      await put(store, numbered(25));
      const range = { from: bytes('k00000'), to: bytes('k00020') };
      expect(await store.clear(range, 15)).toEqual(bytes('k00015'));
      expect(await store.clear(range, 15)).toBeUndefined();
      expect(await keys(store, all())).toHaveLength(5);
      await store.compact(range.from, range.to);
      expect(await keys(store, all())).toHaveLength(5);
    });

    it('keeps its records when it is closed and opened, or reopened', async () => {
      await put(store, { a: '1' });
      await store.close();
      await store.open();
      await store.reopen();
      expect(await values(store, ['a'])).toEqual(['1']);
    });

    it('grows in size as records come', async () => {
      const before = await store.size();
      await put(store, { a: 'x'.repeat(10_000) });
      expect(await store.size()).toBeGreaterThan(before);
    });
  });
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function all(): StoreRange {
  return { from: bytes(''), to: bytes('\xff') };
}

function numbered(count: number): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let i = 0; i < count; i++) pairs[`k${String(i).padStart(5, '0')}`] = `v${i}`;
  return pairs;
}

function put(store: Store, pairs: Record<string, string>): Promise<void> {
  return writeRecords(
    store,
    Object.entries(pairs).map(([key, value]) => ({ key: bytes(key), value: bytes(value) })),
  );
}

async function values(store: Store, wanted: readonly string[]): Promise<(string | undefined)[]> {
  return (await store.getMany(wanted.map(bytes))).map((value) => value?.toString('latin1'));
}

async function keys(store: Store, range: StoreRange): Promise<string[]> {
  const found: string[] = [];
  await store.scan(range, (key) => found.push(key.toString('latin1')) > 0);
  return found;
}
