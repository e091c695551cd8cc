/** The log by itself: the cut from one segment to the next, where two files are open, and what a group ends with. */

import { beforeEach, expect, it } from 'vitest';
import { SimulatedFiles } from '../../../src/base/simulated-files.js';
import { visitChanges } from '../../../src/storage/log/frame.js';
import { isBad, SegmentReader } from '../../../src/storage/log/segment.js';
import { verifySegments } from '../../../src/storage/log/verify.js';
import { WriteAheadLog } from '../../../src/storage/log/wal.js';
import { ChangeKind } from '../../../src/storage/storage.js';
import { transaction, write } from '../harness.js';

const DIRECTORY = '/data';
const OPTIONS = {
  directory: DIRECTORY,
  clock: { now: () => 1_700_000_000_000, monotonic: () => 0 },
  runId: 'ab'.repeat(20),
  epoch: 1,
  enabled: true,
};

let files: SimulatedFiles;
let log: WriteAheadLog;

/** What the first segment holds, oldest first. */
function changesIn(source: SimulatedFiles): string[] {
  const reader = new SegmentReader(source, DIRECTORY, 1);
  const changes: string[] = [];
  for (let frame = reader.next(); frame !== undefined && !isBad(frame); frame = reader.next()) {
    const { bytes } = frame;
    visitChanges(frame, (_flags, _lsn, key, value, end) => {
      changes.push(`${bytes.latin1Slice(key, value)}=${bytes.latin1Slice(value, end)}`);
    });
  }
  reader.close();
  return changes;
}

beforeEach(() => {
  files = new SimulatedFiles();
  files.makeDirectorySync(`${DIRECTORY}/wal`);
  const start = { segment: 1, nextLsn: 1, state: '', unfolded: [] };
  log = new WriteAheadLog({ ...OPTIONS, files }, start);
});

it('a sync that is under way at the cut keeps its file', async () => {
  await log.prepareCut();
  write(log, { ma: '1' });
  const synced = log.sync();
  log.cut('state');
  await synced;
  expect(log).toMatchObject({ failure: undefined, syncedLsn: 1, segment: 2 });
});

it('a segment that finds no room for its head leaves nothing behind, and is begun again', async () => {
  write(log, { ma: '1' });
  await log.prepareCut();
  files.capacity = files.usedBytes() + 30;
  expect(() => log.cut('state')).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
  expect(verifySegments(files, DIRECTORY).map(({ report }) => report.size > 0)).toEqual([
    true,
    false,
  ]);
  files.capacity = Number.POSITIVE_INFINITY;
  write(log, { mb: '2' });
  log.cut('state');
  write(log, { mc: '3' });
  const reports = verifySegments(files, DIRECTORY).map(({ report }) => report);
  expect(reports.map(({ bad }) => bad)).toEqual([undefined, undefined]);
  expect(reports.map(({ lastLsn }) => lastLsn)).toEqual([2, 3]);
});

it('of changes that replace each other the first is written at once, and the last ends the group', () => {
  const put = (key: string, value: string) => ({
    log: (): void => {
      log.change(ChangeKind.put, key.length, value.length);
      log.writer.latin1(key + value);
    },
  });
  const [a, b, c] = [{}, {}, {}];
  for (const [subject, key] of [
    [a, 'ma'],
    [b, 'mb'],
    [c, 'mc'],
  ] as const) {
    const first = put(key, '1');
    expect(log.isFirst(subject, first)).toBe(true);
    transaction(log, { [key]: '1' });
    log.defer(subject, first);
  }
  const second = put('ma', '2');
  expect(log.isFirst(a, second)).toBe(false);
  log.defer(a, second);
  log.defer(b, put('mb', '2'));
  log.defer(b, undefined);
  log.defer(a, put('ma', '3'));
  log.flush();
  expect(log).toMatchObject({ pending: false, writtenLsn: 4 });
  expect(changesIn(files)).toEqual(['ma=1', 'mb=1', 'mc=1', 'ma=3']);
  write(log, { md: '1' });
  expect(changesIn(files)).toEqual(['ma=1', 'mb=1', 'mc=1', 'ma=3', 'md=1']);
  expect(log.isFirst(a, second)).toBe(true);
});

it('a change that is all its group has is written', () => {
  const change = {
    log: (): void => {
      log.change(ChangeKind.put, 2, 1);
      log.writer.latin1('ma2');
    },
  };
  log.isFirst(change, { log: () => undefined });
  log.defer(change, change);
  expect(log.pending).toBe(true);
  log.flush();
  expect(changesIn(files)).toEqual(['ma=2']);
});
