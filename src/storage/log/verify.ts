/** Verification of a segment: which of its frames count, and whether what does not is a torn tail. */

import type { Files } from '../../base/files.js';
import { FRAME_MAGIC_BYTES, type Frame, FrameKind, type SegmentHeader } from './frame.js';
import { isBad, listSegments, SegmentReader } from './segment.js';

export interface SegmentReport {
  readonly header: SegmentHeader | undefined;
  /** Everything before it are whole groups. */
  readonly validEnd: number;
  readonly size: number;
  readonly frames: number;
  /** The last LSN of the whole groups; base LSN - 1 if there are none. */
  readonly lastLsn: number;
  /** What stands at `validEnd`, if not the end of the file or room written ahead. */
  readonly bad: string | undefined;
  /** Zeros behind the last frame: room written ahead, which the next segment's beginning takes away. */
  readonly room: number;
  /** Where exactly it went wrong: `validEnd`, or inside the group that begins there. */
  readonly badOffset: number;
  /** Why the bytes behind `validEnd` must have been synced once; undefined if nothing proves it. */
  readonly proof: string | undefined;
}

/**
 * What is wrong with the segment. `isOlder`: a later one was written to, before which this one was whole, synced
 * and freed of unused room.
 */
export function damageOf({ bad, size, room }: SegmentReport, isOlder: boolean): string | undefined {
  if (bad !== undefined || !isOlder) return bad;
  if (size === 0) return 'it is empty';
  return room > 0 ? 'zeros in place of frames' : undefined;
}

export interface VerifiedSegment {
  readonly number: number;
  readonly report: SegmentReport;
}

/** All segments behind the one numbered `after`, ascending, each read whole. @throws FORMAT_UNKNOWN */
export function verifySegments(files: Files, directory: string, after = 0): VerifiedSegment[] {
  return listSegments(files, directory)
    .filter((number) => number > after)
    .map((number) => {
      const reader = new SegmentReader(files, directory, number);
      try {
        return { number, report: verifySegment(reader) };
      } finally {
        reader.close();
      }
    });
}

/** The newest segment that was written to. Behind it may be an empty one, prepared for a cut that did not come. */
export function newestWritten(segments: readonly VerifiedSegment[]): number {
  return segments.findLast(({ report }) => report.size > 0)?.number ?? 0;
}

/** Reads the whole segment once. */
export function verifySegment(reader: SegmentReader): SegmentReport {
  const walk = new GroupWalk(reader);
  walk.run();
  const proof = walk.bad === undefined ? undefined : proofOfSync(reader, walk);
  return {
    header: reader.header,
    validEnd: walk.validEnd,
    size: reader.size,
    frames: walk.frames,
    lastLsn: walk.lastLsn,
    bad: walk.bad,
    room: walk.bad === undefined ? reader.size - walk.validEnd : 0,
    badOffset: walk.badOffset,
    proof,
  };
}

class GroupWalk {
  readonly #reader: SegmentReader;
  validEnd = 0;
  frames = 0;
  lastLsn: number;
  bad: string | undefined;
  badOffset = 0;
  /** The last LSN including parts whose commit has not been seen. */
  #openLsn: number;
  #chained = false;

  constructor(reader: SegmentReader) {
    this.#reader = reader;
    this.lastLsn = (reader.header?.baseLsn ?? 1) - 1;
    this.#openLsn = this.lastLsn;
  }

  run(): void {
    while (this.bad === undefined) {
      const offset = this.#reader.header ? this.#reader.offset : 0;
      const frame = this.#reader.next();
      if (!frame) {
        this.#end(offset);
        break;
      }
      const wrong = isBad(frame) ? frame.bad : this.#misplaced(frame);
      if (isBad(frame) || wrong !== undefined) this.#stop(wrong ?? '', offset);
      else this.#take(frame);
    }
  }

  #end(offset: number): void {
    if (!this.#reader.header && this.#reader.size > 0) this.#stop('no segment header', 0);
    else if (this.#chained) this.#stop('the group has no end', offset);
    else if (this.frames === 0 && this.#reader.size > 0) this.#stop('no head', offset);
  }

  #stop(bad: string, offset: number): void {
    this.bad = bad;
    this.badOffset = offset;
  }

  #misplaced(frame: Frame): string | undefined {
    const { kind } = frame;
    if ((kind === FrameKind.head) !== (this.frames === 0)) return 'a head out of place';
    if (kind > FrameKind.head) return `a frame of unknown kind ${kind}`;
    const continues = kind === FrameKind.part || kind === FrameKind.commit;
    if (continues !== this.#chained) return 'a part of a group out of place';
    if (frame.firstLsn !== this.#openLsn + 1) {
      return `LSN ${frame.firstLsn} where ${this.#openLsn + 1} is due`;
    }
    return undefined;
  }

  #take(frame: Frame): void {
    this.frames++;
    this.#openLsn = frame.lastLsn;
    this.#chained = frame.kind === FrameKind.begin || frame.kind === FrameKind.part;
    if (this.#chained) return;
    this.lastLsn = frame.lastLsn;
    this.validEnd = this.#reader.offset;
  }
}

/** An intact frame behind the damage that knew of the lost LSNs as synced. */
function proofOfSync(reader: SegmentReader, walk: GroupWalk): string | undefined {
  // A header lies in one sector, which a power cut leaves either unwritten or whole.
  if (!reader.header) return reader.blank ? undefined : 'a header is never written in part';
  const missing = walk.lastLsn + 1;
  for (let at = reader.find(FRAME_MAGIC_BYTES, walk.badOffset + 1); at !== undefined; ) {
    reader.offset = at;
    const frame = reader.next();
    if (frame && !isBad(frame) && frame.syncedLsn >= missing) {
      return `the frame at ${at} says that LSN ${frame.syncedLsn} had been synced`;
    }
    const next = frame && !isBad(frame) ? reader.offset : at + 1;
    at = reader.find(FRAME_MAGIC_BYTES, next);
  }
  return undefined;
}
