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

it('changes that are deferred stand at the end of the group, the last of each subject', async () => {
  const put = (key: string, value: string) => ({
    log: (): void => {
      log.change(ChangeKind.put, key.length, value.length);
      log.writer.latin1(key + value);
    },
  });
  const [first, second, third] = [{}, {}, {}];
  log.defer(first, put('ma', 'early'));
  expect(log.pending).toBe(true);
  log.defer(second, put('mb', '1'));
  transaction(log, { mc: '2' });
  log.defer(third, put('md', 'dropped'));
  log.defer(first, put('ma', 'late'));
  log.defer(third, undefined);
  log.flush();
  expect(log).toMatchObject({ pending: false, writtenLsn: 3 });
  expect(changesIn(files)).toEqual(['mc=2', 'ma=late', 'mb=1']);
  write(log, { me: '3' });
  expect(log.writtenLsn).toBe(4);
});
