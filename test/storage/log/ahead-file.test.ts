/** Room written ahead of the log: it is used, given back, and never taken for frames or for their loss. */

import { beforeEach, describe, expect, it } from 'vitest';
import { checkDirectory } from '../../../src/storage/tools/check.js';
import {
  contents,
  DIRECTORY,
  newWorld,
  openWorld,
  segmentFile,
  type World,
  write,
} from '../harness.js';

const ROOM_BYTES = 1024 * 1024;
const ahead = { writeAhead: () => true };
let world: World;

beforeEach(() => {
  world = newWorld();
});

function fileSize(segment: number): number {
  return world.files.openSync(segmentFile(segment), 'read').sizeSync();
}

describe('a log that writes room ahead', () => {
  it('makes room once for many groups, and counts only its frames', async () => {
    const { storage } = await openWorld(world, ahead);
    write(storage.log, { ma: '1' });
    const size = fileSize(1);
    expect(size).toBeGreaterThan(ROOM_BYTES);
    for (let i = 0; i < 100; i++) write(storage.log, { [`m${i}`]: 'x' });
    expect(fileSize(1)).toBe(size);
    expect(storage.log.size).toBeLessThan(20_000);
    write(storage.log, { mb: 'x'.repeat(ROOM_BYTES) });
    expect(fileSize(1)).toBeGreaterThan(size);
  });

  it('starts to, and stops, when it is told to', async () => {
    let wanted = false;
    const { storage } = await openWorld(world, { writeAhead: () => wanted });
    write(storage.log, { ma: '1' });
    expect(fileSize(1)).toBe(storage.log.size);
    wanted = true;
    write(storage.log, { mb: '2' });
    expect(fileSize(1)).toBeGreaterThan(ROOM_BYTES);
  });

  it('leaves none in a segment that has ended, or in one that was closed', async () => {
    const { storage } = await openWorld(world, ahead);
    write(storage.log, { ma: '1' });
    const { size } = storage.log;
    await storage.fold(() => 'state');
    expect(fileSize(1)).toBe(size);
    write(storage.log, { mb: '2' });
    await storage.close();
    expect(fileSize(2)).toBeLessThan(2_000);
  });

  it('is recovered without a word after a crash, and its room cut off', async () => {
    const { storage } = await openWorld(world, ahead);
    write(storage.log, { ma: '1' });
    const { size } = storage.log;
    await storage.log.sync();
    world.files.crash();
    expect(fileSize(1)).toBeGreaterThan(ROOM_BYTES);
    expect(await checkDirectory({ directory: DIRECTORY, ...world })).toMatchObject({
      startable: true,
      problems: [],
    });
    const again = await openWorld(world);
    expect(await contents(again)).toEqual({ ma: '1' });
    expect(again.warnings).toEqual([]);
    expect(fileSize(1)).toBe(size);
  });

  it('is damaged if zeros stand for frames in a segment that has a successor', async () => {
    const first = await openWorld(world);
    const { size } = first.storage.log;
    write(first.storage.log, { ma: '1' });
    world.files.crash(() => true);
    await openWorld(world);
    world.files.crash();
    const handle = world.files.openSync(segmentFile(1), 'read-write');
    handle.writeSync(Buffer.alloc(fileSize(1) - size), size);
    handle.dataSyncSync();
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    const report = await checkDirectory({ directory: DIRECTORY, ...world });
    expect(report.startable).toBe(false);
    expect(report.problems).toHaveLength(1);
  });

  it('is damaged if zeros stand for frames that a later frame knows of', async () => {
    const { storage } = await openWorld(world, ahead);
    const at = storage.log.size;
    write(storage.log, { ma: '1' });
    const end = storage.log.size;
    await storage.log.sync();
    write(storage.log, { mb: '2' });
    world.files.crash(() => true);
    const handle = world.files.openSync(segmentFile(1), 'read-write');
    handle.writeSync(Buffer.alloc(end - at), at);
    handle.dataSyncSync();
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  it('does without on a disk that has no room for it', async () => {
    const { storage } = await openWorld(world, ahead);
    world.files.capacity = world.files.usedBytes() + 4096;
    write(storage.log, { ma: '1' });
    await storage.log.sync();
    expect(fileSize(1)).toBe(storage.log.size);
    world.files.crash();
    expect(await contents(await openWorld(world))).toEqual({ ma: '1' });
  });
});
