/**
 * Patches: changes of which the log holds only the bytes that they put over the value of their record. The value itself stands before
 * them in the same segment (docs/formats/wal.md).
 */

import type { ByteWriter } from '../../base/byte-writer.js';
import { overwrite } from '../../base/overwrite.js';

/** Before the bytes stands where in the value they go. */
const OFFSET_BYTES = 4;

/** What a patch of so many bytes takes in place of a value. */
export function patchLength(bytes: number): number {
  return OFFSET_BYTES + bytes;
}

export function writePatch(writer: ByteWriter, offset: number, bytes: string): void {
  writer.u32(offset);
  writer.latin1(bytes);
}

/** A patch that stands in `source` from `start` to `end`. */
export interface Patch {
  /** Where in the value its bytes go. */
  readonly offset: number;
  /** Where they stand. */
  readonly start: number;
  readonly end: number;
}

export function readPatch(source: Buffer, start: number, end: number): Patch {
  return { offset: source.readUInt32BE(start), start: start + OFFSET_BYTES, end };
}

/** The value of a record with a logged patch over it. */
export function patched(value: string, patch: string): string {
  let offset = 0;
  for (let i = 0; i < OFFSET_BYTES; i++) offset = offset * 256 + patch.charCodeAt(i);
  return overwrite(value, offset, patch.slice(OFFSET_BYTES));
}
