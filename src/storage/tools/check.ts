/**
 * `diskdb check`: verifies a data directory that no server has open. The command line itself is elsewhere;
 * this returns data and touches no terminal.
 */

import { DiskDbError } from '../../base/errors.js';
import type { Files } from '../../base/files.js';
import { printable } from '../../base/printable.js';
import { systemFiles } from '../../base/system-files.js';
import { yieldTurn } from '../../base/yield-turn.js';
import { isLeveldbCorruption } from '../errors.js';
import { openLocked } from '../holder.js';
import { listSegments, SegmentReader, segmentPath } from '../log/segment.js';
import { damageOf, newestWritten, type VerifiedSegment, verifySegments } from '../log/verify.js';
import {
  type Checkpoint,
  missingMarkers,
  readCheckpoint,
  readState,
  type StateCopy,
} from '../store/checkpoint.js';
import { Codec } from '../store/codec.js';
import { LeveldbStore } from '../store/leveldb-store.js';
import type { Store } from '../store/store.js';
import { inspectTables, type TableDamage } from './tables.js';

const PAGE_RECORDS = 1000;
/** More would help nobody. */
const MOST_PROBLEMS = 1000;
const END_OF_KEYS = Buffer.alloc(1, 0xff);
const STORE_OPTIONS = { writeBufferBytes: 8 * 1024 * 1024, blockCacheBytes: 1024 * 1024 };

export interface ToolOptions {
  readonly directory: string;
  /** Default: the operating system's. */
  readonly files?: Files;
  /** Default: LevelDB in `directory`/store. */
  readonly store?: Store;
  /** Called now and then with the number of records verified so far. */
  readonly onProgress?: (records: number) => void;
}

export interface Problem {
  /** The path of a segment or of a table, or 'store'. */
  readonly where: string;
  readonly offset?: number;
  /** Printable. */
  readonly key?: string;
  readonly what: string;
}

export interface CheckReport {
  readonly segments: number;
  readonly frames: number;
  readonly records: number;
  /** The number of the last segment that is in the store. */
  readonly checkpoint: number;
  /** Whether a server would start as it is. */
  readonly startable: boolean;
  /** False for what a restart mends by itself: a torn tail, a lost batch of a fold whose log is kept. */
  readonly needsRepair: boolean;
  /** The first thousand. */
  readonly problems: readonly Problem[];
}

/** All that check and repair need to know. */
export interface Inspection {
  readonly checkpoint: Checkpoint;
  readonly segments: readonly VerifiedSegment[];
  readonly lostBatches: number;
  readonly damagedRecords: readonly Buffer[];
  readonly records: number;
  readonly problems: Problem[];
}

/**
 * Verifies every frame of the log, every block of LevelDB's tables, and, if these are sound, every record of the store.
 * Changes nothing (opening LevelDB replays and compacts LevelDB's own log). @throws DIRECTORY_LOCKED if a server runs,
 * FORMAT_UNKNOWN
 */
export async function checkDirectory(options: ToolOptions): Promise<CheckReport> {
  const damage = await damagedTables(options);
  if (damage.length > 0) return reportOf(options, damage);
  return withStore(options, async (store, files) => {
    const found = await inspect(options, store, files);
    const startable = isStartable(found);
    return {
      ...countsOf(found.segments),
      records: found.records,
      checkpoint: found.checkpoint.segment,
      startable,
      needsRepair: !startable || found.damagedRecords.length > 0,
      problems: found.problems,
    };
  });
}

/** What can be said without opening the store, which LevelDB might not survive. */
function reportOf(
  { directory, files = systemFiles }: ToolOptions,
  damage: readonly TableDamage[],
): CheckReport {
  const counts = countsOf(verifySegments(files, directory));
  const problems = damage.slice(0, MOST_PROBLEMS);
  return { ...counts, records: 0, checkpoint: 0, startable: false, needsRepair: true, problems };
}

function countsOf(segments: readonly VerifiedSegment[]) {
  const frames = segments.reduce((sum, { report }) => sum + report.frames, 0);
  return { segments: segments.length, frames };
}

/** None of a given store: it is no LevelDB's. */
export async function damagedTables({
  directory,
  files = systemFiles,
  store,
}: ToolOptions): Promise<TableDamage[]> {
  const hasNone = store !== undefined || !files.existsSync(`${directory}/store`);
  return hasNone ? [] : inspectTables(files, directory);
}

/** Opens the store for `work`, and closes it. @throws DIRECTORY_LOCKED, which names the holder */
export async function withStore<T>(
  { directory, files = systemFiles, store }: ToolOptions,
  work: (store: Store, files: Files) => Promise<T>,
): Promise<T> {
  const opened = store ?? new LeveldbStore(`${directory}/store`, STORE_OPTIONS);
  try {
    await openLocked(files, directory, () => opened.open());
    return await work(opened, files);
  } catch (error) {
    throw isLeveldbCorruption(error) ? beyondRepair(directory, error) : error;
  } finally {
    await opened.close();
  }
}

/** Its own repair puts tables in an order that may bring old values back; better none. */
export function beyondRepair(directory: string, error: unknown): DiskDbError {
  const reason = error instanceof Error ? error.message : String(error);
  const what = `${directory}/store: LevelDB's own structure is damaged (${reason})`;
  return new DiskDbError(
    'STORE_CORRUPT',
    `${what}. Repair cannot mend that: restore a backup`,
    error,
  );
}

export async function inspect(
  options: ToolOptions,
  store: Store,
  files: Files,
): Promise<Inspection> {
  const problems: Problem[] = [];
  const codec = new Codec('none');
  const checkpoint = await findCheckpoint(options, files, store, problems);
  const lostBatches = (await missingMarkers(store, codec, checkpoint)).length;
  if (lostBatches > 0) {
    problems.push({ where: 'store', what: `${lostBatches} batches of the last fold are lost` });
  }
  const segments = inspectLog(options, files, checkpoint, problems);
  const { damaged, records } = await inspectRecords(options, store, codec, problems);
  const damagedRecords = damaged;
  const shown = problems.slice(0, MOST_PROBLEMS);
  return { checkpoint, segments, lostBatches, damagedRecords, records, problems: shown };
}

/**
 * The checkpoint, or if its record is damaged, where it is at least: segments are removed only once they are
 * in the store, so it is behind the oldest that is left or later. If that is damaged, too, it is where the copy of the
 * state says.
 */
async function findCheckpoint(
  { directory }: ToolOptions,
  files: Files,
  store: Store,
  problems: Problem[],
): Promise<Checkpoint> {
  try {
    return await readCheckpoint(store, new Codec('none'));
  } catch (error) {
    if (!(error instanceof DiskDbError && error.code === 'STORE_CORRUPT')) throw error;
    problems.push({ where: 'store', what: 'the checkpoint is damaged' });
  }
  // A number that no marker of an earlier fold bears.
  const unknown = { fold: Date.now(), batches: 0 };
  const [oldest] = listSegments(files, directory);
  const lsn = oldest === undefined ? undefined : lsnBefore(files, directory, oldest);
  if (oldest !== undefined && lsn !== undefined) {
    return { ...unknown, previous: oldest - 1, segment: oldest - 1, lsn };
  }
  const copy = await stateCopy(store);
  return {
    ...unknown,
    previous: copy?.segment ?? 0,
    segment: copy?.segment ?? 0,
    lsn: copy?.lsn ?? 0,
  };
}

/** The last LSN of the segments before this one; undefined if its header is damaged. */
function lsnBefore(files: Files, directory: string, segment: number): number | undefined {
  const reader = new SegmentReader(files, directory, segment);
  reader.close();
  return reader.header && reader.header.baseLsn - 1;
}

/** undefined: there is none, or it is damaged. */
export async function stateCopy(store: Store): Promise<StateCopy | undefined> {
  try {
    return await readState(store, new Codec('none'));
  } catch (error) {
    if (error instanceof DiskDbError && error.code === 'STORE_CORRUPT') return undefined;
    throw error;
  }
}

function inspectLog(
  { directory }: ToolOptions,
  files: Files,
  checkpoint: Checkpoint,
  problems: Problem[],
): Inspection['segments'] {
  const segments = verifySegments(files, directory);
  const newest = newestWritten(segments);
  const next = checkpoint.segment + 1;
  let due = Math.min(segments[0]?.number ?? next, next);
  for (const { number, report } of segments) {
    const where = segmentPath(directory, number);
    if (number !== due) problems.push({ where: segmentPath(directory, due), what: 'missing' });
    due = number + 1;
    if (number === next && checkpoint.segment > 0 && report.validEnd === 0) {
      const what = 'its head is gone, which was synced before the checkpoint moved';
      problems.push({ where, offset: 0, what });
      continue;
    }
    const damage = damageOf(report, number < newest);
    if (damage === undefined) continue;
    const proof = report.proof ?? (number < newest ? 'it was synced' : 'a torn tail');
    problems.push({ where, offset: report.badOffset, what: `${damage} (${proof})` });
  }
  // It exists, with its head, since before the checkpoint moved.
  if (checkpoint.segment > 0 && due <= next) {
    problems.push({ where: segmentPath(directory, next), what: 'missing' });
  }
  return segments;
}

async function inspectRecords(
  { onProgress }: ToolOptions,
  store: Store,
  codec: Codec,
  problems: Problem[],
): Promise<{ damaged: Buffer[]; records: number }> {
  const damaged: Buffer[] = [];
  let records = 0;
  for (let page = await readPage(store, Buffer.alloc(0)); page.length > 0; ) {
    for (const [key, stored] of page) {
      const what = await whatIsWrong(codec, key, stored);
      if (what === undefined) continue;
      damaged.push(key);
      problems.push({ where: 'store', key: printable(key), what });
    }
    records += page.length;
    onProgress?.(records);
    await yieldTurn();
    // The next possible key: the last one with a zero behind it.
    page = await readPage(store, Buffer.concat([page.at(-1)?.[0] ?? END_OF_KEYS, Buffer.alloc(1)]));
  }
  return { damaged, records };
}

async function readPage(store: Store, from: Buffer): Promise<[Buffer, Buffer][]> {
  const page: [Buffer, Buffer][] = [];
  await store.scan(
    { from, to: END_OF_KEYS, limit: PAGE_RECORDS },
    (key, value) => page.push([key, value]) > 0,
  );
  return page;
}

/** Checksum, and that the payload unpacks. */
async function whatIsWrong(codec: Codec, key: Buffer, stored: Buffer): Promise<string | undefined> {
  try {
    await codec.decode(key, stored);
    return undefined;
  } catch (error) {
    if (error instanceof DiskDbError && error.code === 'FORMAT_UNKNOWN') throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a server would start as it is; damaged records only fail those who read them. */
function isStartable({ checkpoint, segments, lostBatches }: Inspection): boolean {
  const kept = new Set(segments.filter(({ report }) => report.validEnd > 0).map((s) => s.number));
  const newest = newestWritten(segments);
  if (checkpoint.segment > 0 && !kept.has(checkpoint.segment + 1)) return false;
  for (let number = checkpoint.previous + 1; number <= newest; number++) {
    if (number <= checkpoint.segment && lostBatches === 0) continue;
    const report = segments.find((segment) => segment.number === number)?.report;
    if (!report) return false;
    const damage = damageOf(report, number < newest);
    if (damage !== undefined && (number < newest || report.proof !== undefined)) return false;
  }
  return true;
}
