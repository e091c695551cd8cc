/** `diskdb wal dump`: what stands in the log, frame by frame, for people and for programs. */

import { systemCode } from '../../base/errors.js';
import type { Files } from '../../base/files.js';
import { printable } from '../../base/printable.js';
import { systemFiles } from '../../base/system-files.js';
import { visitChangeSections, visitChanges } from '../log/change-reader.js';
import { type Frame, FrameKind, headState, SectionType } from '../log/frame.js';
import { readPatch } from '../log/patch.js';
import { isBad, listSegments, SegmentReader } from '../log/segment.js';
import { newestWritten, verifySegments } from '../log/verify.js';
import { ChangeFlag, ChangeKind } from '../storage.js';

export interface DumpedChange {
  readonly lsn: number;
  readonly kind: string;
  readonly created: boolean;
  readonly deleted: boolean;
  /** The stage of its transaction, if that was written in stages: without the last none of it counts. */
  readonly stage?: string;
  /** One character a byte, as the value. */
  readonly key: string;
  readonly value: string;
  /** Of a patch: where in the record's value the bytes of `value` go. */
  readonly offset?: number;
}

export interface DumpedFrame {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly kind: string;
  readonly firstLsn: number;
  readonly lastLsn: number;
  readonly syncedLsn: number;
  /** ISO 8601. */
  readonly time: string;
  /** Of a head: the length of the server's state. */
  readonly stateBytes?: number;
  readonly changes: readonly DumpedChange[];
}

/** The end of what can be read of a segment. */
export interface DumpedDamage {
  readonly path: string;
  readonly offset: number;
  readonly damage: string;
  /** Nothing proves that it was ever synced: a kill leaves it, or a server is writing it now. */
  readonly isTornTail: boolean;
}

export interface DumpOptions {
  readonly directory: string;
  readonly files?: Files;
  /** Skips changes before this one, and frames that have no other. */
  readonly fromLsn?: number;
}

const KINDS = namesOf(FrameKind);
const CHANGES = namesOf(ChangeKind);
const STAGES: Readonly<Record<number, string>> = {
  [SectionType.firstStage]: 'first',
  [SectionType.stage]: 'next',
  [SectionType.lastStage]: 'last',
};

/** All frames of all segments, in order. May be used while a server runs. @throws FORMAT_UNKNOWN */
export function* dumpLog(options: DumpOptions): Generator<DumpedFrame | DumpedDamage> {
  const { directory, files = systemFiles, fromLsn = 0 } = options;
  for (const number of listSegments(files, directory)) {
    const reader = open(files, directory, number);
    if (reader === undefined) continue;
    const isTornTail = () => endsInTornTail(files, directory, number);
    try {
      yield* dumpSegment(reader, fromLsn, isTornTail);
    } finally {
      reader.close();
    }
  }
}

/** undefined: a server has folded the segment, and removed it, since it was listed. */
function open(files: Files, directory: string, number: number): SegmentReader | undefined {
  try {
    return new SegmentReader(files, directory, number);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** One JSON object. */
export function toJsonLine(dumped: DumpedFrame | DumpedDamage): string {
  return JSON.stringify(dumped);
}

/** A line for the frame, one for each change. */
export function toText(dumped: DumpedFrame | DumpedDamage): string {
  if ('damage' in dumped) return damageText(dumped);
  const { path, offset, kind, firstLsn, lastLsn, time, syncedLsn, bytes } = dumped;
  const range = `LSN ${firstLsn}..${lastLsn}`;
  const head = `${path} @${offset} ${kind} ${range} ${time} synced ${syncedLsn} ${bytes} bytes`;
  return [head, ...dumped.changes.map(changeText)].join('\n');
}

function damageText({ path, offset, damage, isTornTail }: DumpedDamage): string {
  return `${path} @${offset} ${isTornTail ? 'torn tail' : 'DAMAGED'}: ${damage}`;
}

function* dumpSegment(
  reader: SegmentReader,
  fromLsn: number,
  isTornTail: () => boolean,
): Generator<DumpedFrame | DumpedDamage> {
  const stages = new Stages();
  for (let found = reader.next(); found; found = reader.next()) {
    if (isBad(found)) {
      const { offset, bad: damage } = found;
      yield { path: reader.path, offset, damage, isTornTail: isTornTail() };
      return;
    }
    const changes = dumpChanges(found, stages).filter(({ lsn }) => lsn >= fromLsn);
    if (found.lastLsn >= fromLsn) yield toDumped(reader.path, found, changes);
  }
}

function endsInTornTail(files: Files, directory: string, number: number): boolean {
  const segments = verifySegments(files, directory, number - 1);
  const [report] = segments.map((segment) => segment.report);
  // The head of a segment that follows another may have been synced when a fold was done.
  const isHead = report?.validEnd === 0 && number > 1;
  return number === newestWritten(segments) && report?.proof === undefined && !isHead;
}

function toDumped(path: string, frame: Frame, changes: readonly DumpedChange[]): DumpedFrame {
  const { offset, firstLsn, lastLsn, syncedLsn } = frame;
  const state = frame.kind === FrameKind.head ? headState(frame) : undefined;
  return {
    path,
    offset,
    bytes: frame.bytes.length,
    kind: KINDS[frame.kind] ?? String(frame.kind),
    firstLsn,
    lastLsn,
    syncedLsn,
    time: new Date(frame.timeMs).toISOString(),
    ...(state === undefined ? {} : { stateBytes: state.length }),
    changes,
  };
}

function dumpChanges(frame: Frame, stages: Stages): DumpedChange[] {
  const changes: DumpedChange[] = [];
  visitChangeSections(frame, (type, section) => {
    const stage = stages.of(type);
    if (type === SectionType.lastStage) changes.push(endAt(section.lsn - 1));
    const { bytes } = section;
    visitChanges(section, (flags, lsn, keyStart, valueStart, valueEnd) => {
      const kind = flags & 0x0f;
      changes.push({
        lsn,
        kind: CHANGES[kind] ?? String(kind),
        created: (flags & ChangeFlag.created) !== 0,
        deleted: (flags & ChangeFlag.deleted) !== 0,
        ...(stage === undefined ? {} : { stage }),
        key: bytes.latin1Slice(keyStart, valueStart),
        ...dumpValue(kind, bytes, valueStart, valueEnd),
      });
    });
  });
  return changes;
}

function dumpValue(
  kind: number,
  bytes: Buffer,
  valueStart: number,
  valueEnd: number,
): Pick<DumpedChange, 'value' | 'offset'> {
  if (kind !== ChangeKind.patch) return { value: bytes.latin1Slice(valueStart, valueEnd) };
  const { offset, start, end } = readPatch(bytes, valueStart, valueEnd);
  return { value: bytes.latin1Slice(start, end), offset };
}

/** The LSN of the end of a transaction in stages, which is no change. */
function endAt(lsn: number): DumpedChange {
  return { lsn, kind: 'end', created: false, deleted: false, stage: 'last', key: '', value: '' };
}

/** To which stage changes belong: a section may go on in the next frame. */
class Stages {
  #open: string | undefined;

  of(type: number): string | undefined {
    if (type !== SectionType.continuation) this.#open = STAGES[type];
    return this.#open;
  }
}

function changeText(change: DumpedChange): string {
  const { lsn, kind, created, deleted, stage, key, value, offset } = change;
  const part = stage === undefined ? '' : ` (${stage} stage)`;
  const flags = `${created ? ' created' : ''}${deleted ? ' deleted' : ''}${part}`;
  if (kind === 'end') return `  ${lsn} end of the transaction in stages`;
  const at = offset === undefined ? '' : ` @${offset}`;
  const put = kind === 'delete' ? '' : `${at} = ${printable(value)}`;
  return `  ${lsn} ${kind}${flags} ${printable(key)}${put}`;
}

function namesOf(numbers: Readonly<Record<string, number>>): Readonly<Record<number, string>> {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [number, name]));
}
