/** The log by itself: the cut from one segment to the next, where two files are open, and what a group ends with. */

import { beforeEach, describe, expect, it } from 'vitest';
import { SimulatedFiles } from '../../../src/base/simulated-files.js';
import { ChangeReader, visitChanges } from '../../../src/storage/log/change-reader.js';
import { isBad, SegmentReader } from '../../../src/storage/log/segment.js';
import { verifySegments } from '../../../src/storage/log/verify.js';
import { WriteAheadLog } from '../../../src/storage/log/wal.js';
import { ChangeKind, type Stage } from '../../../src/storage/storage.js';
import { change, transaction, write } from '../harness.js';

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

/** What the segment holds, oldest first. */
function changesIn(source: SimulatedFiles, segment = 1): string[] {
  const reader = new SegmentReader(source, DIRECTORY, segment);
  const changes: string[] = [];
  const valid = new ChangeReader();
  for (let frame = reader.next(); frame !== undefined && !isBad(frame); frame = reader.next()) {
    for (const section of valid.read(frame)) {
      const { bytes } = section;
      visitChanges(section, (_flags, _lsn, key, value, end) => {
        changes.push(`${bytes.latin1Slice(key, value)}=${bytes.latin1Slice(value, end)}`);
      });
    }
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

/** A stage, as a part of the group that is open. */
function stage(which: Stage, pairs: Record<string, string | undefined>): void {
  log.beginTransaction(which);
  for (const [key, value] of Object.entries(pairs)) change(log, key, value);
  log.endTransaction();
}

describe('a transaction in stages', () => {
  it('counts when its last one comes, after what was written meanwhile', () => {
    stage('first', { ma: '1', mb: '1' });
    transaction(log, { mx: '1' });
    log.flush();
    stage('next', { ma: '2' });
    write(log, { my: '1' });
    expect(changesIn(files)).toEqual(['mx=1', 'my=1']);
    stage('last', { mc: '1' });
    write(log, { mz: '1' });
    expect(changesIn(files)).toEqual(['mx=1', 'my=1', 'ma=1', 'mb=1', 'ma=2', 'mc=1', 'mz=1']);
    expect(verifySegments(files, DIRECTORY)[0]?.report).toMatchObject({
      bad: undefined,
      lastLsn: 8,
    });
  });

  it('is nothing if another one begins before its last', () => {
    stage('first', { ma: '1' });
    stage('first', { mb: '1' });
    stage('last', {});
    stage('first', { mc: '1' });
    log.flush();
    expect(changesIn(files)).toEqual(['mb=1']);
  });

  it('has a first one', () => {
    stage('first', {});
    stage('last', { ma: '1' });
    log.flush();
    expect(() => changesIn(files)).toThrow('without its first one');
  });

  it('whose last one has no changes has them all the same', () => {
    stage('first', { ma: '1' });
    log.flush();
    const { writtenLsn } = log;
    stage('last', {});
    log.flush();
    // What is synced is told by LSNs: without one of its own it might not be.
    expect(log.writtenLsn).toBe(writtenLsn + 1);
    write(log, { mb: '1' });
    expect(changesIn(files)).toEqual(['ma=1', 'mb=1']);
  });

  it('whose first one is empty has none', () => {
    stage('first', {});
    expect(log.pending).toBe(false);
  });

  it('may be longer than a frame', () => {
    log.close();
    const start = { segment: 2, nextLsn: 1, state: '', unfolded: [] };
    log = new WriteAheadLog({ ...OPTIONS, files, spillBytes: 100 }, start);
    const many = (key: string) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${key}${i}`, 'x'.repeat(20)]));
    const names = (key: string) =>
      Object.entries(many(key)).map(([name, value]) => `${name}=${value}`);
    stage('first', many('ma'));
    transaction(log, many('mx'));
    stage('next', many('mb'));
    log.flush();
    expect(changesIn(files, 2)).toEqual(names('mx'));
    stage('last', many('mc'));
    log.flush();
    expect(changesIn(files, 2)).toEqual(['mx', 'ma', 'mb', 'mc'].flatMap(names));
  });

  it('may have more stages than a call may have arguments', () => {
    stage('first', { ma: '1' });
    for (let i = 0; i < 200_000; i++) stage('next', { mb: '1' });
    stage('last', {});
    log.flush();
    expect(changesIn(files)).toHaveLength(200_001);
  });

  it('stands behind what ended transactions of its group have deferred', () => {
    const put = (value: string) => ({
      log: (): void => {
        log.change(ChangeKind.put, 2, 1);
        log.writer.latin1(`ma${value}`);
      },
    });
    const subject = {};
    const first = put('1');
    log.isFirst(subject, first);
    transaction(log, { ma: '1' });
    log.defer(subject, put('2'));
    stage('first', { ma: '3' });
    stage('last', {});
    log.flush();
    expect(changesIn(files)).toEqual(['ma=1', 'ma=2', 'ma=3']);
  });
});
