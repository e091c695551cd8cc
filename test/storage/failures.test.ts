/** Disks that fail: what is refused, what is kept, and how writing resumes. */

import { beforeEach, describe, expect, it } from 'vitest';
import { SimulatedFiles, systemError } from '../../src/base/simulated-files.js';
import { MemoryStore, type StoreWrite } from '../../src/storage/store/memory-store.js';
import {
  contents,
  DIRECTORY,
  garbage,
  newWorld,
  openWorld,
  segmentFile,
  transaction,
  type World,
  write,
} from './harness.js';

/** Takes turns of the event loop to read and to open, and cannot be read meanwhile: as LevelDB. */
class SlowStore extends MemoryStore {
  isOpen = true;
  failOpen: Error | undefined;

  override async reopen(): Promise<void> {
    this.isOpen = false;
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    if (this.failOpen) throw this.failOpen;
    await super.reopen();
    this.isOpen = true;
  }

  override async getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    await this.#use();
    return super.getMany(keys);
  }

  override async scan(...args: Parameters<MemoryStore['scan']>): Promise<void> {
    await this.#use();
    return super.scan(...args);
  }

  override async size(): Promise<number> {
    await this.#use();
    return super.size();
  }

  /** Fails if the store is not open now, and in a while. */
  async #use(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      if (!this.isOpen) throw new Error('the store is not open');
      await nextTurn();
    }
    if (!this.isOpen) throw new Error('the store is not open');
  }
}

let world: World;

beforeEach(() => {
  world = newWorld();
});

describe('a failed fsync', () => {
  it('acknowledges nothing ever after, not even what the next fsync would take', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    world.files.failSync = (path) => systemError('EIO', path);
    await expect(storage.log.sync()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    world.files.failSync = undefined;
    await expect(storage.log.sync()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    expect(() => write(storage.log, { mb: '2' })).toThrow(
      expect.objectContaining({ code: 'LOG_FAILED' }),
    );
    expect(storage.log).toMatchObject({ syncedLsn: 0, writtenLsn: 1, pending: false });
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'LOG_FAILED' });
    await expect(storage.close()).resolves.toBeUndefined();
  });

  it('fails every sync that waited for it', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    world.files.failSync = (path) => systemError('EIO', path);
    const first = storage.log.sync();
    write(storage.log, { mb: '2' });
    const settled = await Promise.allSettled([first, storage.log.sync(), storage.log.sync()]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('of the segment that is folded moves no checkpoint and stops the log', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    world.files.trace = (event) => {
      // From here on only the service syncs: the cut is done.
      if (event === `write ${segmentFile(2)}`) {
        world.files.failSync = (path) => systemError('EIO', path);
      }
    };
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'LOG_FAILED' });
    expect(storage.checkpoint).toBe(0);
    expect(storage.log.failure).toMatchObject({ code: 'LOG_FAILED' });
    expect(world.store.getSync(Buffer.from('ma'))).toBeUndefined();
  });
});

describe('syncs', () => {
  it('that come while one is in flight share the next', async () => {
    const { storage } = await openWorld(world);
    let syncs = 0;
    world.files.trace = (event) => {
      if (event === `sync ${segmentFile(1)}`) syncs++;
    };
    write(storage.log, { ma: '1' });
    const first = storage.log.sync();
    write(storage.log, { mb: '2' });
    const rest = [storage.log.sync(), storage.log.sync(), storage.log.sync()];
    await first;
    expect(storage.log.syncedLsn).toBe(1);
    await Promise.all(rest);
    expect(storage.log.syncedLsn).toBe(2);
    expect(syncs).toBe(2);
  });
});

describe('a full disk', () => {
  it('cuts the log back to its last whole frame, and writing resumes', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    write(log, { ma: '1' });
    const size = log.size;
    world.files.capacity = world.files.usedBytes() + 10;
    expect(() => write(log, { mb: '2' })).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(log).toMatchObject({ writtenLsn: 1, nextLsn: 2, size, failure: undefined });
    expect(world.files.openSync(segmentFile(1), 'read').sizeSync()).toBe(size);
    world.files.capacity = Number.POSITIVE_INFINITY;
    write(log, { mc: '3' });
    world.files.crash(() => true);
    const again = await openWorld(world);
    expect(await contents(again)).toEqual({ ma: '1', mc: '3' });
    expect(again.warnings).toEqual([]);
  });

  it('stops the log for good if it cannot be cut back, and with it the cut that waits', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    write(log, { ma: '1' });
    transaction(log, { mb: '2' });
    const folding = expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'LOG_FAILED' });
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    world.files.capacity = world.files.usedBytes() + 10;
    world.files.failTruncate = (path) => systemError('EIO', path);
    expect(() => log.flush()).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    world.files.capacity = Number.POSITIVE_INFINITY;
    world.files.failTruncate = undefined;
    await folding;
    expect(() => write(log, { mc: '3' })).toThrow(expect.objectContaining({ code: 'LOG_FAILED' }));
    world.files.crash(() => true);
    const again = await openWorld(world);
    expect(await contents(again)).toEqual({ ma: '1' });
    expect(again.storage.checkpoint).toBe(0);
  });

  it('is something else than a write that fails, which stops the log for good', async () => {
    const { storage } = await openWorld(world);
    world.files.failWrite = (path) => systemError('EIO', path);
    expect(() => write(storage.log, { ma: '1' })).toThrow(
      expect.objectContaining({ code: 'LOG_FAILED' }),
    );
    world.files.failWrite = undefined;
    expect(() => write(storage.log, { ma: '1' })).toThrow(
      expect.objectContaining({ code: 'LOG_FAILED' }),
    );
  });

  it('keeps reading what it has while it cannot fold', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    world.files.capacity = world.files.usedBytes();
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await storage.load(['ma'])).toEqual(['1']);
    world.files.capacity = Number.POSITIVE_INFINITY;
    await storage.fold(() => '');
    expect(storage.checkpoint).toBe(storage.log.segment - 1);
  });

  it('frees the reserve when it is the store that finds no room', async () => {
    const { storage } = await openWorld(world, { reserveBytes: 4096 });
    const reserved = () => world.files.existsSync(`${DIRECTORY}/reserve`);
    await settled(reserved);
    write(storage.log, { ma: '1' });
    world.store.failWrite = () => (reserved() ? systemError('ENOSPC', 'store') : undefined);
    await storage.fold(() => '');
    expect(storage.checkpoint).toBe(1);
  });

  it('loses nothing if the reserve was too small for the fold, and folds when there is room', async () => {
    const { storage } = await openWorld(world, { reserveBytes: 4096 });
    await settled(() => world.files.existsSync(`${DIRECTORY}/reserve`));
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    write(storage.log, { mb: '2' });
    world.store.failWrite = () => systemError('ENOSPC', 'store');
    world.files.capacity = world.files.usedBytes() + 2048;
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(world.files.existsSync(`${DIRECTORY}/reserve`)).toBe(false);
    expect(await storage.load(['ma'])).toEqual(['1']);
    world.store.failWrite = undefined;
    world.files.capacity = Number.POSITIVE_INFINITY;
    await storage.fold(() => '');
    expect(await storage.load(['ma', 'mb'])).toEqual(['1', '2']);
    await settled(() => world.files.existsSync(`${DIRECTORY}/reserve`));
  });

  it('frees the reserve for a fold and makes it again when there is room', async () => {
    const { storage } = await openWorld(world, { reserveBytes: 4096 });
    await settled(() => world.files.existsSync(`${DIRECTORY}/reserve`));
    const long = 'x'.repeat(3000);
    write(storage.log, { ma: long });
    world.files.capacity = world.files.usedBytes();
    expect(() => write(storage.log, { mb: '2' })).toThrow(
      expect.objectContaining({ code: 'DISK_FULL' }),
    );
    await storage.fold(() => '');
    expect(storage.checkpoint).toBe(1);
    write(storage.log, { mb: '2' });
    expect(world.files.existsSync(`${DIRECTORY}/reserve`)).toBe(false);
    world.files.capacity = Number.POSITIVE_INFINITY;
    await storage.fold(() => '');
    await settled(() => world.files.existsSync(`${DIRECTORY}/reserve`));
  });
});

describe('a store that refuses writes', () => {
  it('is reopened, and the fold done again from the checkpoint', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    let refused = 0;
    world.store.failWrite = () => (refused++ === 0 ? new Error('sticky') : undefined);
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(storage.checkpoint).toBe(0);
    expect((await storage.statistics()).foldFailure).toContain('sticky');
    write(storage.log, { mb: '2' });
    await storage.fold(() => '');
    expect(storage.checkpoint).toBe(2);
    expect(await storage.load(['ma', 'mb'])).toEqual(['1', '2']);
    expect((await storage.statistics()).foldFailure).toBeUndefined();
  });

  it('shows why garbage was not cleared until the next fold, after which it is', async () => {
    const { storage } = await openWorld(world);
    const clears = ({ key, value }: StoreWrite): boolean => key[0] === 0x67 && value === undefined;
    world.store.failWrite = (batch) => (batch.some(clears) ? new Error('I/O error') : undefined);
    write(storage.log, { da: '1', ...garbage(7, 'da', 'db') });
    await storage.fold(() => '');
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(await storage.statistics()).toMatchObject({
      foldFailure: 'clearing garbage: I/O error',
      garbage: 1,
    });
    world.store.failWrite = undefined;
    await storage.fold(() => '');
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(await storage.statistics()).toMatchObject({ foldFailure: undefined, garbage: 0 });
  });

  it('keeps reads waiting while it is opened again, and lets those under way end', async () => {
    const store = new SlowStore();
    const { storage } = await openWorld({ ...world, store });
    write(storage.log, { ma: '1' });
    await storage.fold(() => '');
    store.failWrite = () => new Error('sticky');
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    store.failWrite = undefined;
    const reads: Promise<unknown>[] = [];
    const folded = storage.fold(() => '');
    const seen: boolean[] = [];
    const query = { from: 'm', to: 'n', maxRecords: 10, maxBytes: 1000 };
    for (let turn = 0; turn < 30; turn++) {
      reads.push(storage.load(['ma']), storage.range(query), storage.statistics());
      reads.push(storage.snapshot().then((snapshot) => storage.release(snapshot)));
      seen.push(store.isOpen);
      await nextTurn();
    }
    await folded;
    expect(seen).toContain(false);
    const failed = (await Promise.allSettled(reads)).filter(({ status }) => status === 'rejected');
    expect(failed).toEqual([]);
  });

  it('fails the reads that waited if it cannot be opened, and opens it with the next fold', async () => {
    const store = new SlowStore();
    const { storage } = await openWorld({ ...world, store });
    write(storage.log, { ma: '1' });
    store.failWrite = () => new Error('sticky');
    await expect(storage.fold(() => '')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    store.failWrite = undefined;
    store.failOpen = systemError('EIO', 'store');
    const folded = storage.fold(() => '');
    const load = settled(() => !store.isOpen).then(() => storage.load(['ma']));
    await expect(Promise.all([folded, load])).rejects.toThrow();
    await expect(load).rejects.toThrow('not open');
    store.failOpen = undefined;
    await storage.fold(() => '');
    expect(await storage.load(['ma'])).toEqual(['1']);
  });

  it('tells readers of a snapshot that it is gone, and gives new ones', async () => {
    const { storage } = await openWorld(world);
    const snapshot = await storage.snapshot();
    write(storage.log, { ma: '1' });
    let refused = 0;
    world.store.failWrite = () => (refused++ === 0 ? new Error('sticky') : undefined);
    await expect(storage.fold(() => '')).rejects.toThrow();
    await storage.fold(() => '');
    const query = { from: 'm', to: 'n', maxRecords: 10, maxBytes: 1000 };
    await expect(storage.range({ ...query, snapshot })).rejects.toMatchObject({
      code: 'STORE_FAILED',
    });
    storage.release(snapshot);
    const page = await storage.range({ ...query, snapshot: await storage.snapshot() });
    expect(page.keys).toEqual(['ma']);
  });
});

it('with the log disabled nothing reaches the disk before the checkpoint', async () => {
  const { storage } = await openWorld(world, { walEnabled: false });
  const used = world.files.usedBytes();
  write(storage.log, { ma: '1' });
  await storage.log.sync();
  expect(world.files.usedBytes()).toBe(used);
  await storage.fold(() => 'cut');
  write(storage.log, { mb: '2' });
  world.files.crash();
  const again = await openWorld(world, { walEnabled: false });
  expect(again.sink).toMatchObject({ state: 'cut', changes: [] });
  expect(await contents(again)).toEqual({ ma: '1' });
  write(again.storage.log, { mc: '3' });
  await again.storage.close();
  world.files.crash();
  expect(await contents(await openWorld(world))).toEqual({ ma: '1', mc: '3' });
});

it('works on files without a journal, as the mode without a disk uses them', async () => {
  const memory = {
    files: new SimulatedFiles({ journal: false }),
    store: new MemoryStore(),
  };
  const { storage } = await openWorld(memory);
  transaction(storage.log, { ma: '1' });
  await storage.close();
  expect(await contents(await openWorld(memory))).toEqual({ ma: '1' });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for background work, which takes turns of the event loop and no time. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !done(); turn++) await nextTurn();
  expect(done()).toBe(true);
}
