/** What survives: every rule of recovery has a test here that fails without it. */

import { beforeEach, describe, expect, it } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import {
  change,
  contents,
  newWorld,
  openWorld,
  RecordingSink,
  segmentFile,
  transaction,
  type World,
  write,
} from './harness.js';

let world: World;

beforeEach(() => {
  world = newWorld();
});

describe('a restart', () => {
  it('of an empty directory restores nothing', async () => {
    const { storage, sink } = await openWorld(world);
    expect(sink).toMatchObject({ state: undefined, checkpoint: 0, changes: [] });
    expect(storage.log).toMatchObject({ segment: 1, nextLsn: 1, writtenLsn: 0 });
    await storage.close();
  });

  it('replays what was flushed, with its LSNs and flags', async () => {
    const first = await openWorld(world);
    const { log } = first.storage;
    log.beginTransaction();
    log.change(0x11, 2, 1);
    log.writer.latin1('mav');
    log.change(0x20, 2, 0);
    log.writer.latin1('mb');
    log.endTransaction();
    log.flush();
    world.files.crash(() => true);
    const second = await openWorld(world);
    expect(second.sink.changes).toEqual([
      { kind: 1, created: true, deleted: false, lsn: 1, segment: 1, key: 'ma', value: 'v' },
      { kind: 0, created: false, deleted: true, lsn: 2, segment: 1, key: 'mb', value: '' },
    ]);
    expect(second.storage.log).toMatchObject({ segment: 2, nextLsn: 3 });
  });

  it('restores the state of the first segment above the checkpoint', async () => {
    const first = await openWorld(world);
    write(first.storage.log, { ma: '1' });
    await first.storage.fold(() => 'at the cut');
    write(first.storage.log, { mb: '2' });
    await first.storage.close();
    const second = await openWorld(world);
    expect(second.sink).toMatchObject({ state: 'at the cut', checkpoint: 1 });
    expect(second.sink.changes.map(({ key }) => key)).toEqual(['mb']);
    expect(await contents(second)).toEqual({ ma: '1', mb: '2' });
  });

  it('restores the right state after a fold between two segments of a recovery', async () => {
    const first = await openWorld(world);
    write(first.storage.log, { ma: '1' });
    await first.storage.close();
    const second = await openWorld(world, { state: () => 'after ma' });
    write(second.storage.log, { mb: '2' });
    await second.storage.close();
    const sink = new RecordingSink();
    sink.foldBetween = true;
    const third = await openWorld(world, { sink });
    expect(third.sink.folds).toEqual([1]);
    expect(third.storage.checkpoint).toBe(1);
    world.files.crash();
    const fourth = await openWorld(world);
    expect(fourth.sink).toMatchObject({ state: 'after ma', checkpoint: 1 });
    expect(await contents(fourth)).toEqual({ ma: '1', mb: '2' });
  });

  it('goes on with an LSN above the log and the checkpoint', async () => {
    const first = await openWorld(world);
    write(first.storage.log, { ma: '1', mb: '2', mc: '3' });
    await first.storage.fold(() => '');
    world.files.crash();
    const second = await openWorld(world);
    expect(second.sink.changes).toEqual([]);
    expect(second.storage.log.nextLsn).toBe(4);
  });

  it('forgets transactions that were aborted or not flushed', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    log.beginTransaction();
    change(log, 'ma', 'aborted');
    log.abortTransaction();
    write(log, { mb: 'kept' });
    transaction(log, { mc: 'not flushed' });
    world.files.crash(() => true);
    const again = await openWorld(world);
    expect(await contents(again)).toEqual({ mb: 'kept' });
    expect(again.sink.changes[0]?.lsn).toBe(1);
  });
});

describe('a torn tail', () => {
  async function tornAfterTwo(): Promise<void> {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.log.sync();
    write(storage.log, { mb: '2' });
    world.files.crash((operation) => operation.bytes - 1);
  }

  it('is cut off and told of', async () => {
    await tornAfterTwo();
    const second = await openWorld(world);
    expect(await contents(second)).toEqual({ ma: '1' });
    expect(second.warnings).toHaveLength(1);
    await second.storage.close();
    const third = await openWorld(world);
    expect(third.warnings).toEqual([]);
  });

  it('takes intact but unsynced frames behind it with it', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    write(storage.log, { mb: '2' });
    const tail = world.files.unsynced().filter(({ path }) => path.endsWith('.wal'));
    world.files.crash(({ sequence }) => sequence !== tail[0]?.sequence);
    const second = await openWorld(world);
    expect(await contents(second)).toEqual({});
  });

  it('is damage if a frame behind it says that it had been synced', async () => {
    const { storage } = await openWorld(world);
    const at = storage.log.size;
    write(storage.log, { ma: '1' });
    await storage.log.sync();
    write(storage.log, { mb: '2' });
    world.files.crash(() => true);
    world.files.flip(segmentFile(1), at + 50);
    const error = await openWorld(world).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'LOG_CORRUPT' });
    expect(String(error)).toContain(segmentFile(1));
    expect(String(error)).toContain(`offset ${at}`);
    expect(String(error)).toContain('diskdb repair');
  });

  it('is damage if a later segment exists', async () => {
    const first = await openWorld(world);
    const at = first.storage.log.size;
    write(first.storage.log, { ma: '1' });
    world.files.crash(() => true);
    await openWorld(world);
    world.files.crash();
    world.files.flip(segmentFile(1), at + 50);
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('is damage in a log that was closed cleanly', async () => {
    const { storage } = await openWorld(world);
    const at = storage.log.size;
    write(storage.log, { ma: '1' });
    await storage.close();
    world.files.flip(segmentFile(1), at + 50);
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('is damage if the segment behind the checkpoint has lost its head', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => 'state');
    world.files.crash();
    world.files.flip(segmentFile(2), 70);
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('is damage if a whole segment is missing', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { ma: '1' });
    await storage.fold(() => 'state');
    await storage.close();
    world.files.removeSync(segmentFile(2));
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('leaves the files alone when it is damage', async () => {
    const { storage } = await openWorld(world);
    const at = storage.log.size;
    write(storage.log, { ma: '1' });
    await storage.close();
    world.files.flip(segmentFile(1), at + 50);
    await expect(openWorld(world)).rejects.toThrow();
    world.files.flip(segmentFile(1), at + 50);
    expect(await contents(await openWorld(world))).toEqual({ ma: '1' });
  });
});

describe('a huge group', () => {
  const parts = { spillBytes: 256 };
  const pairs = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`m${String(i).padStart(2, '0')}`, 'x'.repeat(50)]),
  );

  it('is replayed entirely', async () => {
    const { storage } = await openWorld(world, parts);
    write(storage.log, { ma: '1' });
    transaction(storage.log, { mb: '2' });
    transaction(storage.log, pairs);
    transaction(storage.log, { mc: '3' });
    storage.log.flush();
    world.files.crash(() => true);
    const again = await openWorld(world);
    expect(await contents(again)).toEqual({ ...pairs, ma: '1', mb: '2', mc: '3' });
    expect(again.sink.changes.map(({ lsn }) => lsn)).toEqual(
      [...Array(43).keys()].map((i) => i + 1),
    );
  });

  it('or not at all', async () => {
    const { storage } = await openWorld(world, parts);
    write(storage.log, { ma: '1' });
    transaction(storage.log, pairs);
    storage.log.flush();
    const last = world.files.unsynced().at(-1)?.sequence;
    world.files.crash(({ sequence }) => sequence !== last);
    expect(await contents(await openWorld(world))).toEqual({ ma: '1' });
  });

  it('goes without a trace when its transaction is aborted', async () => {
    const { storage } = await openWorld(world, parts);
    const { log } = storage;
    transaction(log, { ma: '1' });
    log.beginTransaction();
    for (const [key, value] of Object.entries(pairs)) change(log, key, value);
    log.abortTransaction();
    transaction(log, { mb: '2' });
    log.flush();
    write(log, { mc: '3' });
    expect(log.writtenLsn).toBe(3);
    world.files.crash(() => true);
    expect(await contents(await openWorld(world))).toEqual({ ma: '1', mb: '2', mc: '3' });
  });

  it('is forgotten as one when a part cannot be written', async () => {
    const { storage } = await openWorld(world, parts);
    const { log } = storage;
    write(log, { ma: '1' });
    transaction(log, { mb: '2' });
    log.beginTransaction();
    let count = 0;
    for (const [key, value] of Object.entries(pairs)) {
      if (++count === 20) world.files.failWrite = (path) => systemError('ENOSPC', path);
      change(log, key, value);
    }
    log.endTransaction();
    expect(() => log.flush()).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    world.files.failWrite = undefined;
    write(log, { mc: '3' });
    world.files.crash(() => true);
    expect(await contents(await openWorld(world))).toEqual({ ma: '1', mc: '3' });
  });
});
