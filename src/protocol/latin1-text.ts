/** Bytes to strings. Every string is of its own: it keeps neither the buffer nor a longer string alive. */
import { type Argument, CHUNK_BYTES, LargeString } from '../base/large-string.js';

type Reader = (bytes: Uint8Array, start: number) => string;

/** Longer strings are read by latin1Slice: its call into C++ costs what 40 characters cost here (Node 20). */
const SHORT_BYTES = 32;

/**
 * One reader for each length up to SHORT_BYTES. `String.fromCharCode` of n arguments makes a flat string in
 * 15 ns for 3 bytes and 38 ns for 16, where latin1Slice takes 85 ns, concatenation leaves a tree, and
 * `apply` on an array takes twice as long. They are generated because they differ in nothing but a count.
 */
const shortReaders: readonly Reader[] = Array.from({ length: SHORT_BYTES + 1 }, (_, length) => {
  const codes = Array.from({ length }, (_, i) => `bytes[start + ${i}]`);
  return new Function(
    'bytes',
    'start',
    `return String.fromCharCode(${codes.join(', ')});`,
  ) as Reader;
});

/** `length` bytes from `start`, which must lie within the buffer. */
export function readText(bytes: Buffer, start: number, length: number): string {
  if (length > SHORT_BYTES) return bytes.latin1Slice(start, start + length);
  return (shortReaders[length] as Reader)(bytes, start);
}

/** As readText, in chunks if it is longer than CHUNK_BYTES. */
export function readArgument(bytes: Buffer, start: number, length: number): Argument {
  if (length <= CHUNK_BYTES) return readText(bytes, start, length);
  const chunks: string[] = [];
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    chunks.push(readText(bytes, start + at, Math.min(CHUNK_BYTES, length - at)));
  }
  return new LargeString(length, chunks);
}
