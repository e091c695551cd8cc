/** `diskdb repair`: makes a damaged data directory startable again, and keeps what it takes out of it. */

import { systemClock } from '../../base/clock.js';
import { DiskDbError } from '../../base/errors.js';
import type { FileHandle, Files } from '../../base/files.js';
import { printable } from '../../base/printable.js';
import { systemFiles } from '../../base/system-files.js';
import { listSegments, segmentPath } from '../log/segment.js';
import { damageOf, newestWritten } from '../log/verify.js';
import { WriteAheadLog } from '../log/wal.js';
import {
  CHECKPOINT_KEY,
  type Checkpoint,
  putCheckpoint,
  type StateCopy,
} from '../store/checkpoint.js';
import { Codec } from '../store/codec.js';
import type { Store } from '../store/store.js';
import {
  beyondRepair,
  damagedTables,
  type Inspection,
  inspect,
  type Problem,
  stateCopy,
  type ToolOptions,
  withStore,
} from './check.js';
import { mendTables } from './tables.js';

const COPY_BYTES = 1024 * 1024;
const NO_RUN_ID = '0'.repeat(40);

export interface RepairReport {
  /** What was found, as `checkDirectory` names it. */
  readonly problems: readonly Problem[];
  /** In words, what was done to which file or record. */
  readonly actions: readonly string[];
}

/**
 * Makes a damaged directory startable with what is intact. The log is cut at its first bad frame, and what
 * follows, intact or not, is given up: a later change may rest on a lost one. Damaged records are dropped
 * from the store; in damaged blocks of its tables the one bit that has turned over is turned back. Before that each
 * damaged file is copied, and each damaged record written, to `damaged/`: nothing is lost that was there.
 *
 * If the segment behind the checkpoint has lost its head, and with it the server's state, the checkpoint goes
 * back by one fold: the segments kept for that hold the state before, and are replayed. If those are gone, too,
 * the copy of the state in the store heads an empty log.
 * @throws DIRECTORY_LOCKED if a server runs, FORMAT_UNKNOWN, STORE_CORRUPT or LOG_CORRUPT for what cannot be mended
 */
export async function repairDirectory(options: ToolOptions): Promise<RepairReport> {
  const actions: string[] = [];
  const tables = await repairTables(options, actions);
  return withStore(options, async (store, files) => {
    const found = await inspect(options, store, files);
    files.makeDirectorySync(damagedDirectory(options));
    repairLog(options, files, found, actions);
    const head = await headFor(options, files, store, found);
    await repairStore(options, files, store, found, actions);
    await repairCheckpoint(store, found, actions);
    await repairHead(options, files, store, found, head, actions);
    return { problems: [...tables, ...found.problems], actions };
  });
}

/** Before LevelDB sees them. Gives what was wrong. @throws STORE_CORRUPT if it still is */
async function repairTables(options: ToolOptions, actions: string[]): Promise<readonly Problem[]> {
  const { directory, files = systemFiles } = options;
  const problems = await damagedTables(options);
  if (problems.length === 0) return problems;
  files.makeDirectorySync(damagedDirectory(options));
  const paths = [...new Set(problems.map(({ where }) => where))];
  await mendTables(files, directory, paths, (path) => {
    const copy = damagedPath(options, files, path);
    copyFile(files, path, copy);
    actions.push(`copied ${path} to ${copy}, and turned back the bits that had turned over`);
  });
  const [left] = await damagedTables(options);
  if (left === undefined) return problems;
  throw beyondRepair(directory, `${left.where} at byte ${left.offset}: ${left.what}`);
}

/** Cuts the log above the checkpoint at its first hole or bad frame, and moves what follows aside. */
function repairLog(
  options: ToolOptions,
  files: Files,
  { checkpoint, segments }: Inspection,
  actions: string[],
): void {
  const { directory } = options;
  files.makeDirectorySync(`${directory}/wal`);
  const newest = newestWritten(segments);
  let due = checkpoint.segment + 1;
  let broken = false;
  for (const { number, report } of segments) {
    if (number <= checkpoint.segment) continue;
    broken ||= number !== due;
    due = number + 1;
    const path = segmentPath(directory, number);
    if (broken || report.validEnd === 0) {
      moveAside(options, files, path, actions);
      broken = true;
    } else if (damageOf(report, number < newest) !== undefined) {
      cutSegment(options, files, path, report.validEnd, actions);
      broken = true;
    }
  }
  files.syncDirectorySync(`${directory}/wal`);
}

function cutSegment(
  options: ToolOptions,
  files: Files,
  path: string,
  length: number,
  actions: string[],
): void {
  const copy = damagedPath(options, files, path);
  copyFile(files, path, copy);
  const handle = files.openSync(path, 'read-write');
  try {
    handle.truncateSync(length);
    handle.dataSyncSync();
  } finally {
    handle.closeSync();
  }
  actions.push(`copied ${path} to ${copy} and cut it to its first ${length} bytes`);
}

function moveAside(options: ToolOptions, files: Files, path: string, actions: string[]): void {
  const copy = damagedPath(options, files, path);
  files.renameSync(path, copy);
  files.syncDirectorySync(damagedDirectory(options));
  actions.push(`moved ${path} to ${copy}`);
}

function isCheckpointDamaged(damagedRecords: readonly Buffer[]): boolean {
  return damagedRecords.some((key) => key.equals(CHECKPOINT_KEY));
}

/** Writes the checkpoint that the inspection has worked out, if the record itself was damaged. */
async function repairCheckpoint(
  store: Store,
  { checkpoint, damagedRecords }: Inspection,
  actions: string[],
): Promise<void> {
  if (!isCheckpointDamaged(damagedRecords)) return;
  await writeCheckpoint(store, checkpoint);
  actions.push(`set the checkpoint to segment ${checkpoint.segment}: the kept log is replayed`);
}

/** Where the head of the log above the checkpoint comes from: it is there, or in the segments before, or copied. */
type Head = 'there' | 'kept' | StateCopy;

/** @throws LOG_CORRUPT if there is none: without the state no record of a key would be found */
async function headFor(
  { directory }: ToolOptions,
  files: Files,
  store: Store,
  inspection: Inspection,
): Promise<Head> {
  const { checkpoint, damagedRecords } = inspection;
  const isNew = checkpoint.segment === 0 && !isCheckpointDamaged(damagedRecords);
  if (isNew || listSegments(files, directory).includes(checkpoint.segment + 1)) return 'there';
  if (isKeptWhole(inspection)) return 'kept';
  const copy = await stateCopy(store);
  if (copy !== undefined && copy.segment >= checkpoint.segment) return copy;
  throw new DiskDbError(
    'LOG_CORRUPT',
    `${directory}: the server's state, which the heads of the log held, is lost in the store, too: ` +
      'restore a backup',
  );
}

/** Sees to it that the log above the checkpoint begins with a segment that has a head. */
async function repairHead(
  { directory }: ToolOptions,
  files: Files,
  store: Store,
  inspection: Inspection,
  head: Head,
  actions: string[],
): Promise<void> {
  if (head === 'there') return;
  if (head === 'kept') {
    await moveCheckpointBack(store, inspection);
    actions.push(`moved the checkpoint back to segment ${inspection.checkpoint.previous}`);
    return;
  }
  if (head.segment > inspection.checkpoint.segment) await moveCheckpoint(store, inspection, head);
  await startEmptySegment(directory, files, head);
  actions.push(`started segment ${head.segment + 1} with the state as of the last fold`);
}

function isKeptWhole({ checkpoint, segments }: Inspection): boolean {
  for (let number = checkpoint.previous + 1; number <= checkpoint.segment; number++) {
    const report = segments.find((segment) => segment.number === number)?.report;
    if (!report || damageOf(report, true) !== undefined) return false;
  }
  return checkpoint.previous < checkpoint.segment;
}

async function moveCheckpointBack(store: Store, inspection: Inspection): Promise<void> {
  const { checkpoint, segments } = inspection;
  const { previous } = checkpoint;
  const first = segments.find(({ number }) => number === previous + 1)?.report.header;
  const lsn = (first?.baseLsn ?? 1) - 1;
  await moveCheckpoint(store, inspection, { segment: previous, lsn });
}

async function moveCheckpoint(
  store: Store,
  { checkpoint }: Inspection,
  { segment, lsn }: Pick<Checkpoint, 'segment' | 'lsn'>,
): Promise<void> {
  const moved = { fold: checkpoint.fold + 1, batches: 0, previous: segment, segment, lsn };
  await writeCheckpoint(store, moved);
}

async function writeCheckpoint(store: Store, checkpoint: Checkpoint): Promise<void> {
  const batch = store.batch();
  await putCheckpoint(batch, new Codec('none'), checkpoint);
  await batch.write();
}

async function startEmptySegment(
  directory: string,
  files: Files,
  { segment, lsn, state }: StateCopy,
): Promise<void> {
  const identity = { clock: systemClock, runId: NO_RUN_ID, epoch: 0, enabled: true };
  const start = { segment: segment + 1, nextLsn: lsn + 1, state, unfolded: [] };
  const log = new WriteAheadLog({ files, directory, ...identity }, start);
  await log.close();
}

/** Drops damaged records, and lets the server fold the kept segments again if batches are lost. */
async function repairStore(
  options: ToolOptions,
  files: Files,
  store: Store,
  { damagedRecords, lostBatches }: Inspection,
  actions: string[],
): Promise<void> {
  if (lostBatches > 0)
    actions.push('left the lost batches to the next start, which folds them again');
  if (damagedRecords.length === 0) return;
  const copy = damagedPath(options, files, 'records.jsonl');
  const handle = files.openSync(copy, 'create');
  try {
    await dropRecords(store, handle, damagedRecords);
  } finally {
    handle.closeSync();
  }
  actions.push(`wrote ${damagedRecords.length} damaged records to ${copy} and dropped them`);
}

async function dropRecords(store: Store, into: FileHandle, keys: readonly Buffer[]): Promise<void> {
  let position = 0;
  const drops = store.batch();
  for (const key of keys) {
    const stored = store.getSync(key)?.toString('base64') ?? null;
    const line = JSON.stringify({ key: printable(key), keyBase64: key.toString('base64'), stored });
    const bytes = Buffer.from(`${line}\n`);
    into.writeSync(bytes, position);
    position += bytes.length;
    drops.delete(key);
  }
  into.dataSyncSync();
  await drops.write();
}

function damagedDirectory({ directory }: ToolOptions): string {
  return `${directory}/damaged`;
}

/** A name in `damaged/` that is not taken. */
function damagedPath(options: ToolOptions, files: Files, path: string): string {
  const base = `${damagedDirectory(options)}/${path.slice(path.lastIndexOf('/') + 1)}`;
  let free = base;
  for (let number = 1; files.existsSync(free); number++) free = `${base}.${number}`;
  return free;
}

function copyFile(files: Files, from: string, to: string): void {
  const source = files.openSync(from, 'read');
  const target = files.openSync(to, 'create');
  try {
    const chunk = Buffer.allocUnsafeSlow(COPY_BYTES);
    for (let at = 0; ; ) {
      const count = source.readSync(chunk, at);
      if (count === 0) break;
      target.writeSync(chunk.subarray(0, count), at);
      at += count;
    }
    target.dataSyncSync();
  } finally {
    source.closeSync();
    target.closeSync();
  }
}
