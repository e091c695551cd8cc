/** The cut from one segment to the next, where two files are open. */

import { beforeEach, expect, it } from 'vitest';
import { SimulatedFiles } from '../../../src/base/simulated-files.js';
import { verifySegments } from '../../../src/storage/log/verify.js';
import { WriteAheadLog } from '../../../src/storage/log/wal.js';
import { write } from '../harness.js';

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
