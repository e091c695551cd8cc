import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LeveldbStore } from '../../src/storage/leveldb-store.js';
import { MemoryStore } from '../../src/storage/memory-store.js';
import { storeConformance } from './store-conformance.js';

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
