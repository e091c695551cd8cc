/** Zipmaps, as Redis 2.4 packed hashes (docs/formats/dump.md). */

import { expectSame } from './packed.js';

const END = 0xff;
/** Begins a length of four bytes; shorter ones have one. */
const LONG = 0xfe;

/** Fields and values of a zipmap that fills the bytes. @throws RangeError where it is none */
export function* readZipmap(bytes: Buffer): Generator<readonly [field: string, value: string]> {
  const announced = bytes.readUInt8(0);
  const end = bytes.length - 1;
  let count = 0;
  let at = 1;
  for (; at < end; count++) {
    const field = readPiece(bytes, at, 0);
    const value = readPiece(bytes, field.end, 1);
    at = value.end;
    yield [field.text, value.text];
  }
  expectSame(at, end);
  expectSame(bytes[end] as number, END);
  if (announced < LONG) expectSame(count, announced);
}

/** A text behind its length, and behind a byte of how much follows it unused, if there is one. */
function readPiece(bytes: Buffer, at: number, freeBytes: 0 | 1): { text: string; end: number } {
  const first = bytes.readUInt8(at);
  const length = first === LONG ? bytes.readUInt32LE(at + 1) : first;
  if (first === END || (first === LONG && length < LONG)) throw new RangeError('no length');
  const head = at + (first === LONG ? 5 : 1);
  const free = freeBytes === 0 ? 0 : bytes.readUInt8(head);
  const start = head + freeBytes;
  const end = start + length + free;
  if (end > bytes.length - 1) throw new RangeError('a text beyond the end');
  return { text: bytes.latin1Slice(start, start + length), end };
}
