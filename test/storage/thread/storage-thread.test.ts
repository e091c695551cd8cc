/** The real thing: LevelDB in its thread on a real directory. Needs the built code: `npm run build`. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiskStorage as DiskStorageClass } from '../../../src/storage/disk-storage.js';
import { RecordingSink, write } from '../harness.js';

const BUILT = new URL('../../../dist/storage/disk-storage.js', import.meta.url);

describe.skipIf(!existsSync(BUILT))('storage in its thread', { timeout: 60_000 }, () => {
  let directory: string;
  let DiskStorage: typeof DiskStorageClass;

  beforeEach(async () => {
    ({ DiskStorage } = await import(BUILT.href));
    directory = await mkdtemp(join(tmpdir(), 'diskdb-thread-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
    await rm(`${directory}-writer.mjs`, { force: true });
  });

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

  it('loses nothing that was flushed when its process is killed', async () => {
    for (let life = 0; life < 3; life++) {
      const flushed = await runUntilKilled();
      expect(flushed).toBeGreaterThan(life * 500);
      const sink = new RecordingSink();
      const storage = await open(sink);
      const last = Number((await storage.load(['mlast']))[0] ?? 0);
      const replayed = sink.changes.filter(({ key }) => key === 'mlast').map(({ value }) => value);
      expect(Math.max(last, ...replayed.map(Number))).toBeGreaterThanOrEqual(flushed);
      await storage.close();
    }
  });

  /** A process that writes and folds until it is killed; resolves to the last number it had flushed. */
  async function runUntilKilled(): Promise<number> {
    const script = `
      const { DiskStorage } = await import(${JSON.stringify(BUILT.href)});
      let last = 0;
      const sink = {
        restore() {}, wantsFold: () => false, folded() {},
        apply: ({ value }) => { last = Math.max(last, Number(value)); },
      };
      const directory = ${JSON.stringify(directory)};
      const storage = await DiskStorage.open({ directory, sink, state: () => '', reserveBytes: 0 });
      last = Math.max(last, Number((await storage.load(['mlast']))[0] ?? 0));
      const { log } = storage;
      for (let i = 1; ; i++) {
        const value = String(last + i);
        log.beginTransaction();
        log.change(1, 5, value.length);
        log.writer.latin1('mlast' + value);
        log.endTransaction();
        log.flush();
        process.stdout.write(value + '\\n');
        if (i % 100 === 0) void storage.fold(() => '').catch(() => undefined);
        await new Promise((resolve) => setImmediate(resolve));
      }`;
    // Beside the directory: the data directory holds nothing but data.
    const path = `${directory}-writer.mjs`;
    await writeFile(path, script);
    const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    return new Promise((resolve) => {
      child.stdout.on('data', (chunk) => {
        output += chunk;
        if (output.length > 5000) child.kill('SIGKILL');
      });
      child.on('close', () => resolve(Number(output.split('\n').at(-2) ?? 0)));
    });
  }

  it('serves all reads while a failed fold makes it open LevelDB again', async () => {
    const storage = await open();
    const keys = Array.from({ length: 100 }, (_, i) => `m${i}`);
    write(storage.log, Object.fromEntries(keys.map((key) => [key, key])));
    await storage.fold(() => '');
    write(storage.log, { mlast: '1' });
    const segment = join(directory, 'wal', '0000000002.wal');
    await rename(segment, `${directory}-segment`);
    await expect(storage.fold(() => '')).rejects.toThrow();
    await rename(`${directory}-segment`, segment);
    const reads: Promise<unknown>[] = [];
    const query = { from: 'm', to: 'n', maxRecords: 50, maxBytes: 1e9 };
    let folding = true;
    const folded = storage
      .fold(() => '')
      .finally(() => {
        folding = false;
      });
    while (folding) {
      reads.push(storage.load(keys), storage.range(query), storage.statistics());
      expect(storage.loadSync(['m1'])).toEqual(['m1']);
      expect(storage.rangeSync(query).keys).toHaveLength(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await folded;
    const failed = (await Promise.allSettled(reads)).filter(({ status }) => status === 'rejected');
    expect(failed).toEqual([]);
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
