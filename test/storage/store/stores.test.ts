import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LeveldbStore } from '../../../src/storage/store/leveldb-store.js';
import { MemoryStore } from '../../../src/storage/store/memory-store.js';
import { storeConformance } from './store-conformance.js';
import { writeRecords } from './write-records.js';

const SMALL = { writeBufferBytes: 1024 * 1024, blockCacheBytes: 1024 * 1024 };

storeConformance('the memory store', async () => ({
  store: new MemoryStore(),
  dispose: async () => undefined,
}));

storeConformance('the LevelDB store', async () => {
  const path = await mkdtemp(join(tmpdir(), 'diskdb-store-'));
  return {
    store: new LeveldbStore(path, SMALL),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
});

it('LevelDB refuses a directory that is open already', async () => {
  const path = await mkdtemp(join(tmpdir(), 'diskdb-store-'));
  const first = new LeveldbStore(path, SMALL);
  await first.open();
  await expect(new LeveldbStore(path, SMALL).open()).rejects.toThrow(
    expect.objectContaining({ code: 'DIRECTORY_LOCKED' }),
  );
  await first.close();
  await rm(path, { recursive: true, force: true });
});

it('LevelDB names a read that fails as one', async () => {
  const path = await mkdtemp(join(tmpdir(), 'diskdb-store-'));
  const store = new LeveldbStore(path, SMALL);
  const key = Buffer.from('a');
  await store.open();
  await writeRecords(store, [{ key, value: key }]);
  await store.reopen(); // what stands in LevelDB's log becomes a table
  await store.close();
  const [table = ''] = (await readdir(path)).filter((name) => name.endsWith('.ldb'));
  await writeFile(join(path, table), (await readFile(join(path, table))).fill(0));
  await store.open();
  const failure = { code: 'STORE_FAILED', message: expect.stringMatching(/^reading the store: /) };
  const refusal = expect.objectContaining(failure);
  expect(() => store.getSync(key)).toThrow(refusal);
  await expect(store.getMany(Array(100).fill(key))).rejects.toThrow(refusal);
  const range = { from: key, to: Buffer.from('b') };
  await expect(store.scan(range, () => true)).rejects.toThrow(refusal);
  await store.close();
  await rm(path, { recursive: true, force: true });
});

it('damage to the log of LevelDB takes nothing that was flushed', async () => {
  const path = await mkdtemp(join(tmpdir(), 'diskdb-store-'));
  const store = new LeveldbStore(path, SMALL);
  const [flushed, logged] = [Buffer.from('a'), Buffer.from('b')];
  await store.open();
  await writeRecords(store, [{ key: flushed, value: flushed }]);
  await store.flush();
  await writeRecords(store, [{ key: logged, value: logged }]);
  await store.close();
  const logs = (await readdir(path)).filter((name) => name.endsWith('.log'));
  expect(logs).toHaveLength(1);
  for (const log of logs) {
    await writeFile(join(path, log), (await readFile(join(path, log))).fill(0));
  }
  await store.open();
  expect(await store.getMany([flushed, logged])).toEqual([flushed, undefined]);
  await store.close();
  await rm(path, { recursive: true, force: true });
});

it('LevelDB says that it is damaged if it cannot open for that reason', async () => {
  const path = await mkdtemp(join(tmpdir(), 'diskdb-store-'));
  const store = new LeveldbStore(path, SMALL);
  await store.open();
  await store.close();
  await writeFile(join(path, 'CURRENT'), 'damaged');
  await expect(store.open()).rejects.toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  await rm(path, { recursive: true, force: true });
});
