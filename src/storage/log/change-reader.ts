/**
 * The changes that stand in the frames of one segment. Those of a transaction that was written in stages come with its last
 * one: without it they are no changes.
 */

import { type Frame, SectionType, visitSections } from './frame.js';

/** The changes of one section, or of a part of one: in `bytes` from `start` to `end`. */
export interface SectionChanges {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The LSN of the first. */
  readonly lsn: number;
}

/** Receives a change as offsets into the bytes, so that only what is wanted is copied. */
export type ChangeVisitor = (
  flags: number,
  lsn: number,
  keyStart: number,
  valueStart: number,
  valueEnd: number,
) => void;

export class ChangeReader {
  /** Of the transaction whose last stage has not come; undefined if there is none. */
  #stages: SectionChanges[] | undefined;
  /** What continues the section before belongs to them. */
  #isStage = false;

  /**
   * What is valid with this frame, which must be the next of the segment; its CRC has been verified.
   * @throws RangeError if there is a stage of a transaction that has not begun
   */
  read(frame: Frame): readonly SectionChanges[] {
    const valid: SectionChanges[] = [];
    visitChangeSections(frame, (type, changes) => {
      // There may be more than a call can have arguments.
      if (type === SectionType.lastStage)
        for (const each of this.#stagesAt(frame)) valid.push(each);
      if (type !== SectionType.continuation) this.#begin(type);
      if (this.#isStage) this.#stagesAt(frame).push(copyOf(changes));
      else valid.push(changes);
    });
    return valid;
  }

  #stagesAt({ offset }: Frame): SectionChanges[] {
    if (this.#stages !== undefined) return this.#stages;
    throw new RangeError(`a stage of a transaction without its first one at ${offset}`);
  }

  #begin(type: number): void {
    this.#isStage = type === SectionType.firstStage || type === SectionType.stage;
    // Those of a transaction that was given up have no last one.
    if (type === SectionType.firstStage) this.#stages = [];
    if (type === SectionType.lastStage) this.#stages = undefined;
  }
}

/** Calls `visit` with the type of each section that has changes, and with them. */
export function visitChangeSections(
  frame: Frame,
  visit: (type: number, changes: SectionChanges) => void,
): void {
  let lsn = frame.firstLsn;
  visitSections(frame, (type, start, end) => {
    if (type === SectionType.state || type >= SectionType.firstOptional) return;
    // The end of the transaction has an LSN of its own.
    if (type === SectionType.lastStage) lsn++;
    const changes = { bytes: frame.bytes, start, end, lsn };
    visit(type, changes);
    visitChanges(changes, () => lsn++);
  });
}

/** The frame's bytes are the reader's. */
function copyOf({ bytes, start, end, lsn }: SectionChanges): SectionChanges {
  const copy = Buffer.from(bytes.subarray(start, end));
  return { bytes: copy, start: 0, end: copy.length, lsn };
}

/** Calls `visit` for each of the changes, in order. */
export function visitChanges(
  { bytes, start, end, lsn: first }: SectionChanges,
  visit: ChangeVisitor,
): void {
  let lsn = first;
  for (let at = start; at < end; lsn++) {
    const flags = bytes[at++] as number;
    let length = bytes[at++] as number;
    if (length >= 0x80) {
      length = longVarint(bytes, at - 1);
      at += varintTail(bytes, at - 1);
    }
    const keyLength = length;
    length = bytes[at++] as number;
    if (length >= 0x80) {
      length = longVarint(bytes, at - 1);
      at += varintTail(bytes, at - 1);
    }
    const valueStart = at + keyLength;
    visit(flags, lsn, at, valueStart, valueStart + length);
    at = valueStart + length;
  }
}

function longVarint(bytes: Buffer, start: number): number {
  let value = 0;
  let scale = 1;
  for (let at = start; ; at++, scale *= 0x80) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
}

/** How many bytes of a varint follow its first. */
function varintTail(bytes: Buffer, start: number): number {
  let at = start;
  while ((bytes[at] as number) >= 0x80) at++;
  return at - start;
}
