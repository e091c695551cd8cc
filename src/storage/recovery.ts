/**
 * Recovery: what the log holds above the checkpoint is verified, its torn tail cut off, and the rest given
 * to the sink. Rules and reasons: docs/formats/wal.md, "Recovery".
 */

import { assert } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import type { Files } from '../base/files.js';
import { yieldTurn } from '../base/yield-turn.js';
import { logCorrupt } from './errors.js';
import { ChangeReader, type SectionChanges, visitChanges } from './log/change-reader.js';
import { FrameKind, headState } from './log/frame.js';
import { isBad, SegmentReader, segmentPath } from './log/segment.js';
import { damageOf, newestWritten, type VerifiedSegment, verifySegments } from './log/verify.js';
import { ChangeFlag, type ReplaySink } from './storage.js';
import type { Checkpoint } from './store/checkpoint.js';

const PROGRESS_MS = 1000;
/** A change may be a few bytes of a long string, so the time counts, not the bytes of the log. */
const YIELD_MS = 20;

export interface RecoveryProgress {
  readonly segment: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface RecoveryOptions {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  readonly sink: ReplaySink;
  readonly checkpoint: Checkpoint;
  /** Folds what stands in this segment and before. */
  readonly fold: (through: number) => Promise<Checkpoint>;
  readonly onProgress: (progress: RecoveryProgress) => void;
}

/** A tail that was cut off: nothing in it had been acknowledged as synced. */
export interface TornTail {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly reason: string;
}

export interface RecoveredLog {
  readonly nextSegment: number;
  readonly nextLsn: number;
  readonly checkpoint: Checkpoint;
  /** Segments above the checkpoint. */
  readonly unfolded: readonly { readonly segment: number; readonly bytes: number }[];
  readonly tornTail: TornTail | undefined;
}

/** @throws LOG_CORRUPT, FORMAT_UNKNOWN: then the directory is as it was found */
export async function recoverLog(options: RecoveryOptions): Promise<RecoveredLog> {
  const { files, directory, checkpoint } = options;
  // All of it is verified before anything is changed.
  const found = verifySegments(files, directory, checkpoint.segment);
  refuseGaps(options, found);
  const tornTail = cutTail(options, found);
  const segments = found.filter(({ report }) => report.validEnd > 0);
  refuseBackwardLsns(options, segments);
  const reached = await new Replay(options, segments).run();
  const last = segments.at(-1);
  return {
    nextSegment: (last?.number ?? checkpoint.segment) + 1,
    nextLsn: Math.max(last?.report.lastLsn ?? 0, checkpoint.lsn) + 1,
    checkpoint: reached,
    unfolded: segments
      .filter(({ number }) => number > reached.segment)
      .map(({ number, report }) => ({ segment: number, bytes: report.validEnd })),
    tornTail,
  };
}

/** The segment behind the checkpoint exists, with its head, since before the checkpoint moved there. */
function refuseGaps(
  { directory, checkpoint }: RecoveryOptions,
  segments: readonly VerifiedSegment[],
): void {
  let due = checkpoint.segment + 1;
  if (due > 1 && segments.length === 0) throw logCorrupt(segmentPath(directory, due), 0, 'missing');
  for (const { number } of segments) {
    if (number !== due) throw logCorrupt(segmentPath(directory, due), 0, 'the segment is missing');
    due++;
  }
}

/**
 * Cuts the torn tail off. What stays of the newest segment is synced, because the segment that recovery
 * starts will prove that its elders were; after a kill they may be in the page cache only.
 */
function cutTail(
  options: RecoveryOptions,
  segments: readonly VerifiedSegment[],
): TornTail | undefined {
  const { files, directory } = options;
  refuseDamage(options, segments);
  let torn: TornTail | undefined;
  for (const { number, report } of segments) {
    const path = segmentPath(directory, number);
    if (report.validEnd === 0) files.removeSync(path);
    else if (number === segments.findLast(isUsed)?.number) settle(files, path, report.validEnd);
    if (report.bad === undefined) continue;
    const bytes = report.size - report.validEnd;
    torn = { path, offset: report.validEnd, bytes, reason: report.bad };
  }
  files.syncDirectorySync(`${directory}/wal`);
  return torn;
}

function isUsed({ report }: VerifiedSegment): boolean {
  return report.validEnd > 0;
}

/** @throws LOG_CORRUPT for the first bad frame that is no torn tail */
function refuseDamage(
  { directory, checkpoint }: RecoveryOptions,
  segments: readonly VerifiedSegment[],
): void {
  const newest = newestWritten(segments);
  for (const { number, report } of segments) {
    const path = segmentPath(directory, number);
    const headDue = number === checkpoint.segment + 1 && checkpoint.segment > 0;
    if (headDue && report.validEnd === 0) {
      throw logCorrupt(path, 0, 'its head is gone, which was synced before the checkpoint moved');
    }
    const isOlder = number < newest;
    const damage = damageOf(report, isOlder);
    const proof = isOlder ? 'a later segment exists' : report.proof;
    if (damage === undefined || proof === undefined) continue;
    throw logCorrupt(path, report.badOffset, `${damage}; ${proof}`);
  }
}

function settle(files: Files, path: string, length: number): void {
  const handle = files.openSync(path, 'read-write');
  try {
    if (handle.sizeSync() > length) handle.truncateSync(length);
    handle.dataSyncSync();
  } finally {
    handle.closeSync();
  }
}

function refuseBackwardLsns(
  { directory, checkpoint }: RecoveryOptions,
  segments: readonly VerifiedSegment[],
): void {
  let last = checkpoint.lsn;
  for (const { number, report } of segments) {
    const base = report.header?.baseLsn ?? 0;
    if (base <= last) {
      throw logCorrupt(segmentPath(directory, number), 0, `base LSN ${base} is not above ${last}`);
    }
    last = report.lastLsn;
  }
}

class Replay {
  readonly #options: RecoveryOptions;
  readonly #segments: readonly VerifiedSegment[];
  readonly #bytesTotal: number;
  #checkpoint: Checkpoint;
  #bytesDone = 0;
  #reportedAt: number;
  #yieldedAt: number;

  constructor(options: RecoveryOptions, segments: readonly VerifiedSegment[]) {
    this.#options = options;
    this.#segments = segments;
    this.#checkpoint = options.checkpoint;
    this.#bytesTotal = segments.reduce((sum, { report }) => sum + report.validEnd, 0);
    this.#reportedAt = options.clock.monotonic();
    this.#yieldedAt = this.#reportedAt;
  }

  async run(): Promise<Checkpoint> {
    const { sink } = this.#options;
    if (this.#segments.length === 0) sink.restore(undefined, this.#checkpoint.segment);
    for (const [index, segment] of this.#segments.entries()) {
      await this.#replaySegment(segment, index === 0);
      if (index === this.#segments.length - 1 || !sink.wantsFold()) continue;
      this.#checkpoint = await this.#options.fold(segment.number);
      sink.folded(segment.number);
    }
    return this.#checkpoint;
  }

  async #replaySegment({ number, report }: VerifiedSegment, first: boolean): Promise<void> {
    const { files, directory, sink } = this.#options;
    const reader = new SegmentReader(files, directory, number);
    const changes = new ChangeReader();
    try {
      while (reader.offset < report.validEnd) {
        const frame = reader.next();
        assert(frame && !isBad(frame), 'a verified frame became unreadable');
        if (frame.kind === FrameKind.head && first) {
          sink.restore(headState(frame), this.#checkpoint.segment);
        }
        for (const section of changes.read(frame)) applyChanges(section, number, sink);
        await this.#advance(number, frame.bytes.length);
      }
    } finally {
      reader.close();
    }
  }

  /** Lets clients hear -LOADING now and then, and tells how far it is. */
  async #advance(segment: number, bytes: number): Promise<void> {
    const { clock, onProgress } = this.#options;
    this.#bytesDone += bytes;
    if (clock.monotonic() - this.#yieldedAt >= YIELD_MS) {
      await yieldTurn();
      this.#yieldedAt = clock.monotonic();
    }
    if (this.#yieldedAt - this.#reportedAt < PROGRESS_MS) return;
    this.#reportedAt = this.#yieldedAt;
    onProgress({ segment, bytesDone: this.#bytesDone, bytesTotal: this.#bytesTotal });
  }
}

function applyChanges(section: SectionChanges, segment: number, sink: ReplaySink): void {
  const { bytes } = section;
  visitChanges(section, (flags, lsn, keyStart, valueStart, valueEnd) => {
    sink.apply({
      kind: flags & 0x0f,
      created: (flags & ChangeFlag.created) !== 0,
      deleted: (flags & ChangeFlag.deleted) !== 0,
      lsn,
      segment,
      key: bytes.latin1Slice(keyStart, valueStart),
      value: bytes.latin1Slice(valueStart, valueEnd),
    });
  });
}
