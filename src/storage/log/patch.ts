/**
 * Patches: changes of which the log holds only the bytes that they put over the value of their record. The value itself stands before
 * them in the same segment (docs/formats/wal.md).
 */

import type { ByteWriter } from '../../base/byte-writer.js';
import { DiskDbError } from '../../base/errors.js';
import { overwrite } from '../../base/overwrite.js';
import { printable } from '../../base/printable.js';

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

/**
 * To be asked before a patch of the record goes over its value, of `length` bytes; undefined if there is none.
 * @throws LOG_CORRUPT if the bytes would neither go over it nor right behind it
 */
export function checkPatch(key: Buffer | string, offset: number, length: number | undefined): void {
  if (length !== undefined && offset >= 0 && offset <= length) return;
  const value = length === undefined ? 'no value' : `${length} bytes`;
  const where = `byte ${offset} of ${printable(key)}, which has ${value}`;
  throw new DiskDbError('LOG_CORRUPT', `the log has a patch for ${where}`);
}

/**
 * The text, which `textAt` bytes of its record stand before, with a logged patch of the record over it. @throws LOG_CORRUPT
 */
export function patched(
  key: string,
  text: string | undefined,
  textAt: number,
  patch: string,
): string {
  const offset = offsetOf(patch) - textAt;
  checkPatch(key, offset, text?.length);
  return overwrite(text ?? '', offset, patch.slice(OFFSET_BYTES));
}

function offsetOf(patch: string): number {
  let offset = 0;
  for (let i = 0; i < OFFSET_BYTES; i++) offset = offset * 256 + patch.charCodeAt(i);
  return offset;
}
