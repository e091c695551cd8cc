/** Intsets: integers of one width, ascending (docs/formats/dump.md). */

import { expectSame } from './packed.js';

const HEADER_BYTES = 8;
const WIDTHS: readonly number[] = [2, 4, 8];

/** The integers of an intset that fills the bytes, in decimal. @throws RangeError where it is none */
export function* readIntset(bytes: Buffer): Generator<string> {
  const width = bytes.readUInt32LE(0);
  if (!WIDTHS.includes(width)) throw new RangeError(`no integers have ${width} bytes`);
  expectSame(bytes.length - HEADER_BYTES, width * bytes.readUInt32LE(4));
  let before: number | bigint = Number.NEGATIVE_INFINITY;
  for (let at = HEADER_BYTES; at < bytes.length; at += width) {
    const integer = width === 8 ? bytes.readBigInt64LE(at) : bytes.readIntLE(at, width);
    if (integer <= before) throw new RangeError('integers that do not ascend');
    before = integer;
    yield String(integer);
  }
}
