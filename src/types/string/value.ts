/** The bytes of a string, whether they stand in one JS string or in chunks. */

import { CHUNK_BYTES, type LargeString } from '../../base/large-string.js';

export type StringValue = string | LargeString;

/** The characters from `start` to `end`, which must lie within the value; at most a few chunks. */
export function sliceValue(value: StringValue, start: number, end: number): string {
  if (typeof value === 'string') return value.slice(start, end);
  let text = '';
  for (let at = start; at < end; ) {
    const chunk = value.chunks[Math.floor(at / CHUNK_BYTES)] as string;
    const offset = at % CHUNK_BYTES;
    const piece = chunk.slice(offset, offset + end - at);
    text += piece;
    at += piece.length;
  }
  return text;
}

/** The fragments that the value is stored as: copies, so that none keeps the whole alive. */
export function chunksOf(value: StringValue): readonly string[] {
  if (typeof value !== 'string') return value.chunks;
  return chunksOfBytes(Buffer.from(value, 'latin1'));
}

/** The same bytes as strings of CHUNK_BYTES; the last has the rest. */
export function chunksOfBytes(bytes: Buffer): readonly string[] {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    chunks.push(bytes.latin1Slice(at, Math.min(at + CHUNK_BYTES, bytes.length)));
  }
  return chunks;
}

/** One JS string. @throws RangeError above V8's limit (512 MiB - 24) */
export function textOf(value: StringValue): string {
  return typeof value === 'string' ? value : value.toString();
}
