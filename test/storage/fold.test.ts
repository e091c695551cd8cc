/** Folds: order of syncs, what reaches the store, markers, garbage, snapshots. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { dataKey, versionRange } from '../../src/keyspace/encoding.js';
import type { DiskStorage } from '../../src/storage/disk-storage.js';
import { StorageService } from '../../src/storage/storage-service.js';
import { CHECKPOINT_KEY, type Checkpoint } from '../../src/storage/store/checkpoint.js';
import { Codec } from '../../src/storage/store/codec.js';
import type { StoreWrite } from '../../src/storage/store/memory-store.js';
import { LocalBackend } from '../../src/storage/thread/backend.js';
import {
  change,
  contents,
  DIRECTORY,
  garbage,
  newWorld,
  openWorld,
  segmentFile,
  type World,
  write,
} from './harness.js';
import { writeRecords } from './store/write-records.js';

let world: World;

beforeEach(() => {
  world = newWorld();
});

/** Folds the first segment of a log that was closed: in batches of 512 bytes, of 4 KiB of changes at a time. */
async function foldInParts(): Promise<Checkpoint> {
  await (await openWorld(world)).storage.close();
  const { files, store } = world;
  const service = new StorageService({
    files,
    directory: DIRECTORY,
    store,
    codec: new Codec('none'),
    reserveBytes: 0,
    reopenBytes: 0,
    batchBytes: 512,
    gatherBytes: 4096,
  });
  const backend = new LocalBackend(service);
  await backend.open();
  const checkpoint = await backend.fold(2);
  await backend.close();
  return checkpoint;
}

describe('the order of syncs', () => {
  /** What happens to the log and the store during one fold. */
  async function traceOfFold(): Promise<string[]> {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    const events: string[] = [];
    world.files.trace = (event) => events.push(event);
    world.store.failWrite = () => {
      events.push('store');
      return undefined;
    };
    await storage.fold(() => 'state');
    return events;
  }

  it('syncs the old segment and the directory before the new segment is used', async () => {
    const events = await traceOfFold();
    const used = events.indexOf(`write ${segmentFile(2)}`);
    const created = events.indexOf(`create ${segmentFile(2)}`);
    const directorySynced = events.indexOf(`sync ${DIRECTORY}/wal`, created);
    expect(created).toBeGreaterThanOrEqual(0);
    expect(directorySynced).toBeGreaterThan(created);
    expect(directorySynced).toBeLessThan(used);
    expect(events[used - 1]).toBe(`sync ${segmentFile(1)}`);
  });

  it('syncs the log, the new head too, before the first write to the store', async () => {
    const events = await traceOfFold();
    const head = events.indexOf(`write ${segmentFile(2)}`);
    const store = events.indexOf('store');
    expect(events.indexOf(`sync ${segmentFile(1)}`, head)).toBeGreaterThan(head);
    expect(events.indexOf(`sync ${segmentFile(1)}`, head)).toBeLessThan(store);
    expect(events.indexOf(`sync ${segmentFile(2)}`, head)).toBeLessThan(store);
  });

  it('syncs at the cut what was written since it began', async () => {
    const { storage } = await openWorld(world);
    const events: string[] = [];
    world.files.trace = (event) => events.push(event);
    const fold = storage.fold(() => 'state');
    for (let i = 0; storage.log.segment === 1; i++) {
      write(storage.log, { ma: String(i) });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await fold;
    const used = events.indexOf(`write ${segmentFile(2)}`);
    expect(events.slice(0, used)).toContain(`write ${segmentFile(1)}`);
    expect(events[used - 1]).toBe(`sync ${segmentFile(1)}`);
  });

  it('cuts at the flush that is due, not inside a group', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    write(log, { ma: '1' });
    const fold = storage.fold(() => `at ${log.writtenLsn}`);
    // A client that keeps a transaction pending whenever the event loop turns.
    for (let i = 0; log.segment === 1; i++) {
      log.beginTransaction();
      log.change(1, 2, 1);
      log.writer.latin1(`m${i % 10}x`);
      log.endTransaction();
      await new Promise((resolve) => setImmediate(resolve));
      log.flush();
    }
    await fold;
    const before = log.writtenLsn;
    await storage.close();
    const { sink } = await openWorld(world);
    expect(sink.state).toBe(`at ${before}`);
  });
});

describe('a fold', () => {
  it('keeps the last change of each record and moves the checkpoint', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1', mb: '1', mc: '1' });
    write(storage.log, { ma: '2', mb: undefined });
    expect(storage.log.size).toBeGreaterThan(0);
    await storage.fold(() => '');
    write(storage.log, { mc: '2' });
    expect(storage.checkpoint).toBe(1);
    expect(storage.log.segment).toBe(2);
    expect(await storage.load(['ma', 'mb', 'mc'])).toEqual(['2', undefined, '1']);
    expect(storage.loadSync(['ma'])).toEqual(['2']);
  });

  it('keeps the segments of the last fold one fold longer', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    expect(world.files.listSync(`${DIRECTORY}/wal`)).toHaveLength(2);
    write(storage.log, { ma: '2' });
    await storage.fold(() => '');
    expect(world.files.existsSync(segmentFile(1))).toBe(false);
    expect(world.files.existsSync(segmentFile(2))).toBe(true);
  });

  it('flushes the store when the checkpoint is in it, before segments are deleted', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    write(storage.log, { ma: '2' });
    const before = world.store.getSync(CHECKPOINT_KEY);
    let flushes = 0;
    world.store.flush = async () => {
      flushes++;
      expect(world.store.getSync(CHECKPOINT_KEY)).not.toEqual(before);
      expect(world.files.existsSync(segmentFile(1))).toBe(true);
    };
    await storage.fold(() => '');
    expect(flushes).toBe(1);
    expect(world.files.existsSync(segmentFile(1))).toBe(false);
  });

  it('does not store changes that are for the replay only', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    log.beginTransaction();
    log.change(2, 2, 1);
    log.writer.latin1('maX');
    log.endTransaction();
    log.flush();
    await storage.fold(() => '');
    expect(await storage.load(['ma'])).toEqual([undefined]);
  });

  it('is done again at start when the store has lost one of its batches', async () => {
    const { storage } = await openWorld(world);
    await storage.close();
    const service = await foldInSmallBatches(100);
    const lost = await firstMarker();
    await writeRecords(world.store, [
      { key: lost, value: undefined },
      { key: Buffer.from('m000'), value: undefined },
    ]);
    const again = await openWorld(world);
    expect(again.warnings.join()).toContain('folded again');
    expect(await again.storage.load(['m000'])).toEqual(['0']);
    expect(service).toBeGreaterThan(3);
  });

  it('is done again when a marker is left of an older fold', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    const key = await firstMarker();
    const old = Buffer.from(world.store.getSync(key) ?? '');
    for (const value of ['2', '3']) {
      write(storage.log, { ma: value });
      await storage.fold(() => '');
    }
    await storage.close();
    // Folds one and three are both odd: the third wrote over the marker of the first.
    expect(world.store.getSync(key)).not.toEqual(old);
    await writeRecords(world.store, [
      { key, value: old },
      { key: Buffer.from('ma'), value: undefined },
    ]);
    expect(await (await openWorld(world)).storage.load(['ma'])).toEqual(['3']);
  });

  it('that is cut short leaves the markers of the one before alone', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1', mb: '1' });
    await storage.fold(() => '');
    write(storage.log, { ma: '2' });
    const endsFold = ({ key }: StoreWrite): boolean => key.equals(CHECKPOINT_KEY);
    world.store.failWrite = (batch) => (batch.some(endsFold) ? new Error('lost power') : undefined);
    await expect(storage.fold(() => '')).rejects.toThrow('lost power');
    world.store.failWrite = undefined;
    world.files.crash(() => true);
    const again = await openWorld(world);
    expect(again.warnings).toEqual([]);
    expect(await contents(again)).toEqual({ ma: '2', mb: '1' });
  });

  it('refuses to start when that needs a segment which is gone', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    await storage.close();
    await writeRecords(world.store, [{ key: await firstMarker(), value: undefined }]);
    world.files.removeSync(segmentFile(1));
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  it('gives the same store in small slices and batches', async () => {
    await (await openWorld(world)).storage.close();
    expect(await foldInSmallBatches(500)).toBeGreaterThan(10);
    expect(Object.keys(await contents(await openWorld(world)))).toHaveLength(500);
  });

  /** Writes records, folds them in many batches, and returns how many there were. */
  async function foldInSmallBatches(records: number): Promise<number> {
    const { storage } = await openWorld(world);
    for (let i = 0; i < records; i++) {
      write(storage.log, { [`m${String(i).padStart(3, '0')}`]: String(i) });
    }
    await storage.close();
    const { batches } = await foldInParts();
    return batches;
  }

  async function firstMarker(): Promise<Buffer> {
    let found = Buffer.alloc(0);
    const range = { from: Buffer.from('c!marker'), to: Buffer.from('c!markes') };
    await world.store.scan(range, (key) => {
      found = Buffer.from(key);
      return false;
    });
    return found;
  }
});

const EVERYTHING = { from: 'd', to: 'n', maxRecords: 1e6, maxBytes: 1e9 };

/** Waits until there is no garbage any more. */
async function cleared(storage: DiskStorage): Promise<void> {
  for (let turn = 0; (await storage.statistics()).garbage > 0 && turn < 1000; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('garbage', () => {
  /** The keys of these families that are written. */
  function keysWritten(families = 'dm'): string[] {
    const keys: string[] = [];
    world.store.failWrite = (writes) => {
      for (const { key } of writes) {
        const name = key.toString('latin1');
        if (families.includes(name[0] as string)) keys.push(name);
      }
      return undefined;
    };
    return keys;
  }

  it('is not written by the fold that brings it, whichever comes first', async () => {
    const { storage } = await openWorld(world);
    const keys = keysWritten();
    write(storage.log, { d1a: '1', d1b: undefined, d2: '2', m: '3' });
    write(storage.log, garbage(7, 'd1', 'd2'));
    write(storage.log, garbage(8, 'd3', 'd5'));
    write(storage.log, { ...garbage(9, 'd4', 'd4x'), d4w: '4', d4y: '5', d5: '6' });
    await storage.fold(() => '');
    expect(keys).toEqual(['d2', 'd5', 'm']);
    await storage.close();
  });

  /** A field of the collection that was made by the change with that LSN. */
  function field(version: number, name: string): string {
    return dataKey(1, 2, version, name);
  }

  /** What is logged when the collection goes. */
  function gone(version: number): Record<string, string> {
    const { from, to } = versionRange(1, 2, version);
    return garbage(version, from, to);
  }

  it('of a collection that came and went since the last fold leaves nothing, nor a record of it', async () => {
    const { storage } = await openWorld(world);
    const version = storage.log.nextLsn;
    write(storage.log, { [field(version, 'a')]: '1', [field(version, 'b')]: '2', m: '3' });
    write(storage.log, gone(version));
    const keys = keysWritten('dgmx');
    await storage.fold(() => '');
    expect(keys).toEqual(['m']);
    await storage.close();
  });

  it('of a collection that was there before is cleared', async () => {
    const { storage } = await openWorld(world);
    const version = storage.log.nextLsn;
    write(storage.log, { [field(version, 'a')]: '1', m: '2' });
    await storage.fold(() => '');
    write(storage.log, { [field(version, 'b')]: '3', ...gone(version) });
    const keys = keysWritten();
    await storage.fold(() => '');
    expect(keys).toEqual([]);
    await cleared(storage);
    expect(storage.rangeSync(EVERYTHING).keys).toEqual(['m']);
  });

  it('of a collection that an earlier pass of the fold has written is to be cleared', async () => {
    const { storage } = await openWorld(world);
    const version = storage.log.nextLsn;
    write(storage.log, { [field(version, 'a')]: '1' });
    for (let i = 0; i < 200; i++) write(storage.log, { [`m${i}`]: 'x'.repeat(100) });
    write(storage.log, { [field(version, 'b')]: 'dead', ...gone(version) });
    await storage.close();
    const keys = keysWritten('dg');
    await foldInParts();
    expect(keys).toEqual([field(version, 'a'), ...Object.keys(gone(version))]);
  });

  it('is told from what a transaction in stages brings late, with lower LSNs', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    const staged = Array.from({ length: 60 }, (_, i) => [`ms${i}`, 'x'.repeat(100)] as const);
    log.beginTransaction('first');
    for (const [name, value] of staged) change(log, name, value);
    log.endTransaction();
    const version = log.nextLsn;
    write(log, { [field(version, 'a')]: '1' });
    for (let i = 0; i < 200; i++) write(log, { [`m${i}`]: 'x'.repeat(100) });
    log.beginTransaction('last');
    log.endTransaction();
    write(log, gone(version));
    await storage.close();
    const keys = keysWritten('dg');
    await foldInParts();
    expect(keys).toEqual([field(version, 'a'), ...Object.keys(gone(version))]);
  });

  it('counts as gathered, so that what is kept of its ranges is bounded', async () => {
    const { storage } = await openWorld(world);
    const version = storage.log.nextLsn;
    write(storage.log, { [field(version, 'a')]: '1' });
    for (let i = 0; i < 20; i++) write(storage.log, gone(storage.log.nextLsn));
    write(storage.log, gone(version));
    await storage.close();
    const keys = keysWritten('dg');
    await foldInParts();
    expect(keys).toEqual([field(version, 'a'), ...Object.keys(gone(version))]);
  });

  it('of a collection that a fold which failed has written is cleared', async () => {
    const { storage } = await openWorld(world);
    const version = storage.log.nextLsn;
    write(storage.log, { [field(version, 'a')]: '1', m: '2' });
    let writes = 0;
    world.store.failWrite = () => (++writes > 1 ? new Error('failed') : undefined);
    await expect(storage.fold(() => '')).rejects.toThrow('failed');
    write(storage.log, gone(version));
    world.store.failWrite = undefined;
    await storage.fold(() => '');
    await cleared(storage);
    expect(storage.rangeSync(EVERYTHING).keys).toEqual(['m']);
  });

  it('may have been written by a fold that failed later, and is cleared', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { d1: '1', d2: '2', d3: '3', m: '4' });
    let writes = 0;
    world.store.failWrite = () => (++writes > 1 ? new Error('failed') : undefined);
    await expect(storage.fold(() => '')).rejects.toThrow('failed');
    write(storage.log, garbage(7, 'd1', 'd4'));
    const keys = keysWritten();
    await storage.fold(() => '');
    expect(keys).toEqual(['m']);
    await cleared(storage);
    const query = { from: 'd', to: 'n', maxRecords: 10, maxBytes: 1000 };
    expect(storage.rangeSync(query)).toEqual({ keys: ['m'], values: ['4'], done: true });
  });

  it('is cleared after the fold that brought it, and its record with it', async () => {
    const { storage } = await openWorld(world);
    const records = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`da${String(i).padStart(5, '0')}`, 'x']),
    );
    write(storage.log, { ...records, db: 'kept' });
    await storage.fold(() => '');
    write(storage.log, garbage(7, 'da', 'db'));
    await storage.fold(() => '');
    await cleared(storage);
    const query = { from: 'd', to: 'h', maxRecords: 10, maxBytes: 1000 };
    expect(storage.rangeSync(query)).toEqual({ keys: ['db'], values: ['kept'], done: true });
  });

  it('is cleared after a restart if there was no time before', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { da: '1', ...garbage(7, 'da', 'db') });
    const folding = storage.fold(() => '');
    await folding;
    await storage.close();
    const again = await openWorld(world);
    await cleared(again.storage);
    expect(await again.storage.load(['da'])).toEqual([undefined]);
  });
});

describe('statistics', () => {
  it('measure the store again once a fold has ended, and not for each that asks', async () => {
    const { storage } = await openWorld(world);
    const measure = vi.spyOn(world.store, 'size');
    for (let i = 0; i < 10; i++) await storage.statistics();
    // Once more when there was no garbage to clear after the start.
    expect(measure.mock.calls.length).toBeLessThanOrEqual(2);
    const before = (await storage.statistics()).storeBytes;
    write(storage.log, { m: 'x'.repeat(1000) });
    await storage.fold(() => '');
    expect((await storage.statistics()).storeBytes).toBeGreaterThan(before + 1000);
    await storage.close();
  });

  it('that could not be had are asked for again', async () => {
    const { storage } = await openWorld(world);
    vi.spyOn(world.store, 'size').mockRejectedValueOnce(new Error('gone'));
    await expect(storage.statistics()).rejects.toThrow('gone');
    expect((await storage.statistics()).folds).toBe(0);
    await storage.close();
  });
});

describe('ranges and snapshots', () => {
  it('page by records and by bytes, and say when they are done', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: 'x'.repeat(100), mb: 'x'.repeat(100), mc: '' });
    await storage.fold(() => '');
    const query = { from: 'm', to: 'n', maxRecords: 10, maxBytes: 1e6 };
    expect(await storage.range({ ...query, maxRecords: 2 })).toMatchObject({ done: false });
    expect(await storage.range({ ...query, maxRecords: 3 })).toMatchObject({ done: true });
    expect((await storage.range({ ...query, maxBytes: 150 })).keys).toEqual(['ma', 'mb']);
    expect((await storage.range({ ...query, maxBytes: 1 })).keys).toEqual(['ma']);
    expect((await storage.range({ ...query, reverse: true })).keys).toEqual(['mc', 'mb', 'ma']);
  });

  it('a snapshot stays at its checkpoint while folds go on', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    const snapshot = await storage.snapshot();
    write(storage.log, { ma: '2', mb: '2' });
    await storage.fold(() => '');
    const query = { from: 'm', to: 'n', maxRecords: 10, maxBytes: 1e6 };
    expect(snapshot.segment).toBe(1);
    expect(await storage.range({ ...query, snapshot })).toMatchObject({ values: ['1'] });
    expect(await storage.range(query)).toMatchObject({ values: ['2', '2'] });
    storage.release(snapshot);
  });

  it('a damaged record fails those who ask for it, and nobody else', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1', mb: '2' });
    await storage.fold(() => '');
    const stored = Buffer.from(world.store.getSync(Buffer.from('ma')) ?? '');
    stored[5] = (stored[5] ?? 0) ^ 1;
    await writeRecords(world.store, [{ key: Buffer.from('ma'), value: stored }]);
    const [bad, good] = await Promise.allSettled([storage.load(['ma']), storage.load(['mb'])]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'STORE_CORRUPT' } });
    expect(String(bad?.status === 'rejected' && bad.reason)).toContain('"ma"');
    expect(good).toMatchObject({ value: ['2'] });
  });
});
