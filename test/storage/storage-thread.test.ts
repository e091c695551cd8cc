/** The real thing: LevelDB in its thread on a real directory. Needs the built code: `npm run build`. */

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskStorage as DiskStorageClass } from '../../src/storage/disk-storage.js';
import { RecordingSink, write } from './harness.js';

const BUILT = new URL('../../dist/storage/disk-storage.js', import.meta.url);

describe.skipIf(!existsSync(BUILT))('storage in its thread', () => {
  let directory: string;
  let DiskStorage: typeof DiskStorageClass;

  beforeEach(async () => {
    ({ DiskStorage } = await import(BUILT.href));
    directory = await mkdtemp(join(tmpdir(), 'diskdb-thread-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  function open(sink = new RecordingSink()): Promise<DiskStorageClass> {
    return DiskStorage.open({ directory, sink, state: () => 'opened', reserveBytes: 0 });
  }

  it('folds, loads and pages as it does in process, asynchronously and blocking', async () => {
    const storage = await open();
    const pairs: Record<string, string> = {};
    for (let i = 0; i < 3000; i++) pairs[`m${String(i).padStart(5, '0')}`] = `\xff${i}`.repeat(30);
    write(storage.log, pairs);
    await storage.log.sync();
    await storage.fold(() => 'cut');
    const keys = Object.keys(pairs);
    const values = Object.values(pairs);
    expect(await storage.load(keys)).toEqual(values);
    expect(await Promise.all([storage.load(['m00001']), storage.load(['none'])])).toEqual([
      [pairs.m00001],
      [undefined],
    ]);
    expect(storage.loadSync(['m00002', 'none'])).toEqual([pairs.m00002, undefined]);
    const query = { from: 'm', to: 'n', maxRecords: 1500, maxBytes: 1e9 };
    const page = { keys: keys.slice(0, 1500), values: values.slice(0, 1500), done: false };
    expect(storage.rangeSync(query)).toEqual(page);
    const snapshot = await storage.snapshot();
    expect(await storage.range({ ...query, snapshot })).toEqual(page);
    storage.release(snapshot);
    expect(await storage.statistics()).toMatchObject({ folds: 1, garbage: 0 });
    await storage.close();
  });

  it('replays after a restart, and lets the directory go', async () => {
    const first = await open();
    write(first.log, { ma: '1' });
    await first.fold(() => 'cut');
    write(first.log, { mb: '2' });
    await first.close();
    const sink = new RecordingSink();
    const second = await open(sink);
    expect(sink).toMatchObject({ state: 'cut', checkpoint: 1 });
    expect(sink.changes.map(({ key }) => key)).toEqual(['mb']);
    await second.close();
    expect(await readdir(directory)).toEqual(['store', 'wal']);
  });

  it('says who holds the directory', async () => {
    const storage = await open();
    await expect(open()).rejects.toMatchObject({
      code: 'DIRECTORY_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(storage.loadSync(['ma'])).toEqual([undefined]);
    await storage.close();
  });

  it('reads every codec, blocking too', async () => {
    for (const compression of ['zstd', 'snappy', 'none', 'lz4'] as const) {
      const sink = new RecordingSink();
      const options = { directory, sink, state: () => '', reserveBytes: 0, compression };
      const storage = await DiskStorage.open(options);
      write(storage.log, { [`m${compression}`]: 'x'.repeat(1000) });
      await storage.fold(() => '');
      expect(storage.loadSync([`m${compression}`, 'mzstd'])).toEqual(
        Array(2).fill('x'.repeat(1000)),
      );
      await storage.close();
    }
  });

  it('carries errors over', async () => {
    const storage = await open();
    await storage.close();
    await expect(storage.load(['ma'])).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => storage.loadSync(['ma'])).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });
});
