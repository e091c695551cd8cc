/**
 * LZF, the compression in Redis's dumps. A control byte c, and then:
 *
 *     c < 32                   c+1 bytes as they are
 *     c >= 32, offset(1)       (c >> 5) + 2 bytes from (c & 31, offset) + 1 bytes back
 *     c >= 224, more(1) …      so many more of them
 */

import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

const LITERALS_MAX = 32;
const MATCH_MIN = 3;
const MATCH_MAX = 264;
const WINDOW = 8192;
const TABLE_BITS = 13;

/** The compressed bytes; undefined if they would save less than `saving` bytes. */
export function lzfCompress(input: Buffer, saving: number): Buffer | undefined {
  const out = new ByteWriter(input.length + (input.length >> 5) + 1);
  const last = new Int32Array(1 << TABLE_BITS).fill(-WINDOW - 1);
  let literals = 0;
  let at = 0;
  while (at + MATCH_MIN <= input.length) {
    const slot = slotAt(input, at);
    const from = last[slot] as number;
    last[slot] = at;
    const length = at - from > WINDOW ? 0 : matchLength(input, from, at);
    if (length < MATCH_MIN) {
      at++;
      continue;
    }
    writeLiterals(out, input, literals, at);
    writeMatch(out, at - from - 1, length);
    at += length;
    literals = at;
  }
  writeLiterals(out, input, literals, input.length);
  return out.length + saving > input.length ? undefined : out.view();
}

function slotAt(input: Buffer, at: number): number {
  const word =
    ((input[at] as number) << 16) | ((input[at + 1] as number) << 8) | (input[at + 2] as number);
  return Math.imul(word, 0x9e37_79b1) >>> (32 - TABLE_BITS);
}

function matchLength(input: Buffer, from: number, at: number): number {
  const most = Math.min(MATCH_MAX, input.length - at);
  let length = 0;
  while (length < most && input[from + length] === input[at + length]) length++;
  return length;
}

function writeLiterals(out: ByteWriter, input: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at += LITERALS_MAX) {
    const until = Math.min(end, at + LITERALS_MAX);
    out.u8(until - at - 1);
    out.bytes(input.subarray(at, until));
  }
}

function writeMatch(out: ByteWriter, distance: number, length: number): void {
  const stored = length - 2;
  out.u8((Math.min(stored, 7) << 5) | (distance >> 8));
  if (stored >= 7) out.u8(stored - 7);
  out.u8(distance & 0xff);
}

/** The `length` bytes that the input stands for. @throws RangeError if it does not */
export function lzfExpand(input: Buffer, length: number): Buffer {
  if (length > input.length * MATCH_MAX) throw new RangeError('more than LZF can hold');
  const reader = new ByteReader(input);
  const out = Buffer.alloc(length);
  let at = 0;
  while (reader.remaining > 0) {
    const control = reader.u8();
    const more = control >= 0xe0 ? reader.u8() : 0;
    const count = control < LITERALS_MAX ? control + 1 : (control >> 5) + more + 2;
    if (count > length - at) throw new RangeError('more bytes than announced');
    if (control < LITERALS_MAX) {
      out.set(reader.bytes(count), at);
    } else {
      const from = at - (((control & 0x1f) << 8) | reader.u8()) - 1;
      if (from < 0) throw new RangeError('a match before the start');
      for (let i = 0; i < count; i++) out[at + i] = out[from + i] as number;
    }
    at += count;
  }
  if (at !== length) throw new RangeError('fewer bytes than announced');
  return out;
}
