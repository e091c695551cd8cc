/** check, repair and dump on directories with every kind of damage. */

import { beforeEach, describe, expect, it } from 'vitest';
import { checkDirectory } from '../../../src/storage/tools/check.js';
import { type DumpedFrame, dumpLog, toJsonLine, toText } from '../../../src/storage/tools/dump.js';
import { repairDirectory } from '../../../src/storage/tools/repair.js';
import {
  contents,
  DIRECTORY,
  newWorld,
  openWorld,
  patch,
  RecordingSink,
  segmentFile,
  type World,
  write,
} from '../harness.js';
import { writeRecords } from '../store/write-records.js';

let world: World;
const tool = () => ({ directory: DIRECTORY, files: world.files, store: world.store });

/** Segment 1 folded; segment 2 with mb and mc, closed cleanly. Returns where the frame of mb stands. */
async function prepare(): Promise<number> {
  world = newWorld();
  const { storage } = await openWorld(world);
  write(storage.log, { ma: '1' });
  await storage.fold(() => 'state');
  const at = storage.log.size;
  write(storage.log, { mb: '2' });
  await storage.log.sync();
  write(storage.log, { mc: '3' });
  await storage.close();
  return at;
}

/** Segments 2 and 3 folded, too, with another state; segment 4 with md. */
async function foldAgain(): Promise<void> {
  const { storage } = await openWorld(world, { sink: new RecordingSink() });
  await storage.fold(() => 'second');
  write(storage.log, { md: '4' });
  await storage.close();
}

function removeLog(): void {
  for (const name of world.files.listSync(`${DIRECTORY}/wal`)) {
    world.files.removeSync(`${DIRECTORY}/wal/${name}`);
  }
}

async function damageRecord(key: string): Promise<void> {
  const stored = Buffer.from(world.store.getSync(Buffer.from(key)) ?? '');
  stored[5] = (stored[5] ?? 0) ^ 1;
  await writeRecords(world.store, [{ key: Buffer.from(key), value: stored }]);
}

describe('check', () => {
  beforeEach(prepare);

  it('finds nothing wrong in a sound directory', async () => {
    const report = await checkDirectory(tool());
    expect(report).toMatchObject({ segments: 2, checkpoint: 1, startable: true, problems: [] });
    expect(report.frames).toBe(2 + 4);
    expect(report.records).toBeGreaterThanOrEqual(3);
  });

  it('names file and offset of a damaged frame', async () => {
    const at = await prepare();
    world.files.flip(segmentFile(2), at + 50);
    const report = await checkDirectory(tool());
    expect(report.startable).toBe(false);
    expect(report.problems).toMatchObject([{ where: segmentFile(2), offset: at }]);
  });

  it('names damaged records in printable form', async () => {
    await damageRecord('ma');
    const report = await checkDirectory(tool());
    expect(report).toMatchObject({ startable: true, needsRepair: true });
    expect(report.problems).toMatchObject([{ where: 'store', key: '"ma"' }]);
  });

  it('sees that the segment behind the checkpoint has lost its head', async () => {
    const file = world.files.openSync(segmentFile(2), 'read-write');
    file.truncateSync(0);
    file.closeSync();
    const report = await checkDirectory(tool());
    expect(report).toMatchObject({ startable: false, needsRepair: true });
    expect(report.problems).toMatchObject([{ where: segmentFile(2), offset: 0 }]);
  });

  it('says of a store whose structure is damaged that repair is no way out', async () => {
    world.store.scan = () => Promise.reject(new Error('Corruption: not an sstable'));
    const refusal = { code: 'STORE_CORRUPT', message: expect.stringContaining('restore a backup') };
    await expect(checkDirectory(tool())).rejects.toThrow(expect.objectContaining(refusal));
    await expect(repairDirectory(tool())).rejects.toThrow(expect.objectContaining(refusal));
  });

  it('sees that a segment is missing', async () => {
    world.files.removeSync(segmentFile(2));
    const missing = { where: segmentFile(2), what: 'missing' };
    expect(await checkDirectory(tool())).toMatchObject({ startable: false, problems: [missing] });
  });
});

describe('repair', () => {
  beforeEach(prepare);

  it('leaves a sound directory alone', async () => {
    expect(await repairDirectory(tool())).toEqual({ problems: [], actions: [] });
    expect(await contents(await openWorld(world))).toEqual({ ma: '1', mb: '2', mc: '3' });
  });

  it('cuts the log at the first bad frame and keeps a copy', async () => {
    const at = await prepare();
    world.files.flip(segmentFile(2), at + 50);
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect((await repairDirectory(tool())).actions).toHaveLength(1);
    expect(await contents(await openWorld(world))).toEqual({ ma: '1' });
    expect(world.files.listSync(`${DIRECTORY}/damaged`)).toEqual(['0000000002.wal']);
  });

  it('moves the segments behind a damaged one aside', async () => {
    await (await openWorld(world)).storage.close();
    const report = await checkDirectory(tool());
    expect(report.segments).toBe(3);
    world.files.flip(segmentFile(2), 200);
    await repairDirectory(tool());
    expect(world.files.listSync(`${DIRECTORY}/damaged`)).toHaveLength(2);
    expect((await openWorld(world)).warnings).toEqual([]);
  });

  it('drops damaged records and writes them down', async () => {
    await damageRecord('ma');
    await repairDirectory(tool());
    const opened = await openWorld(world);
    expect(await opened.storage.load(['ma'])).toEqual([undefined]);
    expect(world.files.listSync(`${DIRECTORY}/damaged`)).toEqual(['records.jsonl']);
  });

  it('goes back one fold if the head behind the checkpoint is lost, and finds the state', async () => {
    world.files.flip(segmentFile(2), 70);
    await repairDirectory(tool());
    const opened = await openWorld(world);
    expect(opened.sink).toMatchObject({ state: 'opened', checkpoint: 0 });
    expect(await contents(opened)).toEqual({ ma: '1' });
    expect(opened.storage.log.nextLsn).toBe(2);
  });

  it('finds a checkpoint again whose record is damaged', async () => {
    await damageRecord('c!checkpoint');
    await expect(openWorld(world)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await repairDirectory(tool());
    const opened = await openWorld(world);
    expect(opened.sink).toMatchObject({ state: 'opened', checkpoint: 0 });
    expect(await contents(opened)).toEqual({ ma: '1', mb: '2', mc: '3' });
    expect(opened.storage.log.nextLsn).toBe(4);
  });

  it('starts with the state that the last fold has left in the store if even that is gone', async () => {
    await foldAgain();
    removeLog();
    await repairDirectory(tool());
    const opened = await openWorld(world);
    expect(opened.sink).toMatchObject({ state: 'second', checkpoint: 3 });
    expect(await contents(opened)).toEqual({ ma: '1', mb: '2', mc: '3' });
    expect(opened.storage.log.nextLsn).toBe(4);
  });

  it('does so if the record of the checkpoint is damaged, too', async () => {
    await foldAgain();
    removeLog();
    await damageRecord('c!checkpoint');
    await repairDirectory(tool());
    const opened = await openWorld(world);
    expect(opened.sink).toMatchObject({ state: 'second', checkpoint: 3 });
    expect(await contents(opened)).toEqual({ ma: '1', mb: '2', mc: '3' });
    expect(opened.storage.log.nextLsn).toBe(4);
  });

  it('keeps what is intact behind a lost head of which the store says enough', async () => {
    await foldAgain();
    await damageRecord('c!checkpoint');
    world.files.flip(segmentFile(2), 10);
    await repairDirectory(tool());
    const opened = await openWorld(world);
    expect(opened.sink).toMatchObject({ state: 'second', checkpoint: 3 });
    expect(await contents(opened)).toEqual({ ma: '1', mb: '2', mc: '3', md: '4' });
    expect(opened.storage.log.nextLsn).toBe(5);
  });

  it.each([[['c!state']], [['c!state', 'c!checkpoint']]])(
    'starts nothing without a state, for no key would be found: %j',
    async (damaged) => {
      removeLog();
      for (const key of damaged) await damageRecord(key);
      for (let times = 0; times < 2; times++) {
        await expect(repairDirectory(tool())).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
      }
    },
  );
});

describe('dump', () => {
  beforeEach(prepare);

  it('passes over a segment that a running server has folded and removed meanwhile', () => {
    const dump = dumpLog(tool());
    expect(dump.next().done).toBe(false);
    world.files.removeSync(segmentFile(2));
    expect([...dump].filter((frame) => 'damage' in frame)).toEqual([]);
  });

  it('shows frames and changes', () => {
    const frames = [...dumpLog({ ...tool(), fromLsn: 2 })];
    const text = frames.map(toText).join('\n');
    expect(text).toContain('whole LSN 2..2');
    expect(text).toContain('2 put "mb" = "2"');
    const lines = frames.map((frame) => JSON.parse(toJsonLine(frame)));
    expect(lines).toContainEqual(
      expect.objectContaining({ kind: 'whole', changes: [expect.objectContaining({ lsn: 3 })] }),
    );
  });

  it('shows of a patch its bytes and where they go', async () => {
    const { storage } = await openWorld(world);
    const { log } = storage;
    write(log, { md: '4444' });
    log.beginTransaction();
    patch(log, 'md', 2, 'ab');
    log.endTransaction();
    log.flush();
    const [frame] = [...dumpLog(tool())].slice(-1) as [DumpedFrame];
    expect(toText(frame)).toContain(`patch "md" @2 = "ab"`);
    const [change] = JSON.parse(toJsonLine(frame)).changes;
    expect(change).toMatchObject({ kind: 'patch', key: 'md', value: 'ab', offset: 2 });
  });

  it('shows where a segment cannot be read on', async () => {
    const at = await prepare();
    world.files.flip(segmentFile(2), at + 50);
    const last = [...dumpLog(tool())].at(-1);
    expect(last).toMatchObject({ path: segmentFile(2), offset: at, isTornTail: false });
  });

  it('tells a torn tail from damage', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { md: '4' });
    const [{ path, offset }] = [...dumpLog(tool())].slice(-1) as [DumpedFrame];
    world.files.flip(path, offset + 50);
    const last = [...dumpLog(tool())].at(-1);
    expect(last).toMatchObject({ path, offset, isTornTail: true });
  });

  it('takes no lost head for a torn tail', () => {
    world.files.flip(segmentFile(2), 70);
    const last = [...dumpLog(tool())].at(-1);
    expect(last).toMatchObject({ path: segmentFile(2), isTornTail: false });
  });

  it('shows of a frame only the changes asked for, and every byte to programs', async () => {
    const { storage } = await openWorld(world);
    write(storage.log, { md: '4', 'm"\0\xff': '\xfe' });
    const frames = [...dumpLog({ ...tool(), fromLsn: 5 })];
    expect(frames.map((frame) => JSON.parse(toJsonLine(frame)).changes)).toEqual([
      [expect.objectContaining({ lsn: 5, key: 'm"\0\xff', value: '\xfe' })],
    ]);
  });
});
