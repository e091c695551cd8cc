/** When the log is folded, and how writers are held back while too much is dirty. */

import { afterEach, expect, test } from 'vitest';
import { settled, World, type WorldOptions } from './world.js';

let world: World;

afterEach(() => world.close());

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
}

async function folds(): Promise<number> {
  return (await world.storage.statistics()).folds;
}

async function check(): Promise<void> {
  world.checkpointer.check();
  await settled();
}

async function fill(keys: number, bytes: number, prefix = 'key'): Promise<void> {
  for (let i = 0; i < keys; i++) await world.set(`${prefix}${i}`, 'x'.repeat(bytes));
}

test('the size of the log starts a fold', async () => {
  await open({ maxLogSize: 10_000 });
  await fill(5, 1000);
  await check();
  expect(await folds()).toBe(0);
  await fill(6, 1000);
  await check();
  expect(await folds()).toBe(1);
  expect(world.storage.log.size).toBeLessThan(10_000);
});

test('a cache that is half dirty starts a fold', async () => {
  await open({ cacheBytes: 100_000 });
  await fill(30, 1000);
  await check();
  expect(await folds()).toBe(0);
  await fill(30, 1000, 'other');
  await check();
  expect(await folds()).toBe(1);
  expect(world.residents.dirtyBytes).toBe(0);
});

test('keys that grow in place make the cache dirty too', async () => {
  await open({ cacheBytes: 100_000 });
  await fill(10, 1);
  await fill(10, 10_000);
  expect(world.residents.dirtyBytes).toBeGreaterThanOrEqual(world.residents.bytes);
  await check();
  expect(await folds()).toBe(1);
});

test('ten seconds without a write start a fold, if anything is dirty', async () => {
  await open();
  await world.set('a', '1');
  await check();
  world.clock.milliseconds += 9_000;
  await check();
  expect(await folds()).toBe(0);
  world.clock.milliseconds += 2_000;
  await check();
  expect(await folds()).toBe(1);
  world.clock.milliseconds += 60_000;
  await check();
  expect(await folds()).toBe(1);
});

test('a checkpoint that is asked for covers what was written while another ran', async () => {
  await open();
  await world.set('a', '1');
  const first = world.checkpointer.checkpoint();
  await settled();
  await world.set('b', '2');
  await world.checkpointer.checkpoint();
  await first;
  expect(world.residents.dirtyBytes).toBe(0);
  expect(world.checkpointer.changes).toBe(0);
});

test('changes are counted from the cut of the last fold', async () => {
  await open();
  await world.set('a', '1');
  const before = world.checkpointer.changes;
  expect(before).toBeGreaterThan(0);
  await world.fold();
  expect(world.checkpointer.changes).toBe(0);
  await world.set('b', '1');
  expect(world.checkpointer.changes).toBe(1);
});

test('writers wait while all of the cache is dirty, and go on after the fold', async () => {
  await open({ cacheBytes: 50_000 });
  await fill(60, 1000);
  expect(world.checkpointer.hasRoom).toBe(false);
  await world.checkpointer.room();
  expect(world.checkpointer.hasRoom).toBe(true);
  expect(await folds()).toBe(1);
});

test('a fold that makes no room, because as much was written meanwhile, is followed by another', async () => {
  await open({ cacheBytes: 50_000 });
  await fill(60, 1000);
  let wroteMore = false;
  const fold = world.storage.fold.bind(world.storage);
  world.storage.fold = async (state, options) => {
    await fold(state, options);
    if (wroteMore) return;
    wroteMore = true;
    await fill(60, 1000, 'more');
  };
  await world.checkpointer.room();
  expect(world.checkpointer.hasRoom).toBe(true);
  expect(await folds()).toBe(2);
});

test('writers get an error when the fold that would make room fails; a later one succeeds', async () => {
  await open({ cacheBytes: 50_000 });
  await fill(60, 1000);
  world.store.failWrite = () => new Error('the store is broken');
  await expect(world.checkpointer.room()).rejects.toThrow('the store is broken');
  expect(world.checkpointer.failure?.message).toContain('the store is broken');
  expect(world.checkpointer.hasRoom).toBe(false);
  world.store.failWrite = undefined;
  await world.checkpointer.room();
  expect(world.checkpointer.failure).toBeUndefined();
  expect(await world.get('key7')).toBe('x'.repeat(1000));
});

test('after a failed fold a second passes before the next attempt', async () => {
  await open({ maxLogSize: 1 });
  await world.set('a', '1');
  let attempts = 0;
  world.store.failWrite = () => {
    attempts++;
    return new Error('the store is broken');
  };
  await check();
  const failed = attempts;
  expect(failed).toBeGreaterThan(0);
  await check();
  expect(attempts).toBe(failed);
  world.clock.milliseconds += 1_000;
  await check();
  expect(attempts).toBeGreaterThan(failed);
  world.store.failWrite = undefined;
});

test('a fold that goes on failing for the same reason is logged once', async () => {
  await open({ maxLogSize: 1 });
  await world.set('a', '1');
  const fail = async (reason: string) => {
    world.store.failWrite = () => new Error(reason);
    world.clock.milliseconds += 1_000;
    await check();
  };
  for (const reason of ['it is full', 'it is full', 'it is broken']) await fail(reason);
  expect(world.logger.messages.filter((each) => each.includes('folded'))).toHaveLength(2);
  world.store.failWrite = undefined;
});

test('cuts that fail leave no trace in the accounts: nothing is dirty after the fold that succeeds', async () => {
  await open();
  await world.set('first', 'x'.repeat(100));
  for (let i = 0; i < 5; i++) {
    world.files.failWrite = (path) =>
      path.endsWith('.wal') ? Object.assign(new Error('full'), { code: 'ENOSPC' }) : undefined;
    await expect(world.fold()).rejects.toThrow();
    world.files.failWrite = undefined;
    await world.set(`key${i}`, 'x'.repeat(100));
  }
  await world.fold();
  await world.fold();
  expect(world.residents.dirtyBytes).toBe(0);
});
