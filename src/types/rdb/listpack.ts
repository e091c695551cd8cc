/**
 * Listpacks: strings and integers, each with the way back over it (docs/formats/dump.md).
 * https://github.com/antirez/listpack/blob/master/listpack.md
 */

import { expectSame, integerOf, type PackedElement } from './packed.js';

export const HEADER_BYTES = 6;
export const END = 0xff;
/** A count that says nothing. */
export const COUNT_UNKNOWN = 0xffff;

/** The elements of a listpack that fills the bytes. @throws RangeError where it is none */
export function* readListpack(bytes: Buffer): Generator<PackedElement> {
  const end = bytes.length - 1;
  expectSame(bytes.readUInt32LE(0), bytes.length);
  const announced = bytes.readUInt16LE(4);
  let count = 0;
  let at = HEADER_BYTES;
  for (; at < end; count++) {
    const { element, size } = readElement(bytes, at);
    at += size + checkBack(bytes, at + size, size);
    yield element;
  }
  expectSame(at, end);
  expectSame(bytes[end] as number, END);
  if (announced !== COUNT_UNKNOWN) expectSame(count, announced);
}

interface Sized {
  readonly element: PackedElement;
  /** Bytes that it takes. */
  readonly size: number;
}

function readElement(bytes: Buffer, at: number): Sized {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return { element: first, size: 1 };
  if (first < 0xc0) return stringAt(bytes, at, 1, first & 0x3f);
  if (first < 0xe0) return { element: (bytes.readUInt16BE(at) << 19) >> 19, size: 2 };
  if (first < 0xf0) return stringAt(bytes, at, 2, bytes.readUInt16BE(at) & 0xfff);
  const read = LONG_FORMS[first - 0xf0];
  if (read === undefined) throw new RangeError(`no element starts with ${first}`);
  return read(bytes, at);
}

/** By the first byte, from 0xf0 on. */
const LONG_FORMS: readonly ((bytes: Buffer, at: number) => Sized)[] = [
  (bytes, at) => stringAt(bytes, at, 5, bytes.readUInt32LE(at + 1)),
  (bytes, at) => ({ element: bytes.readInt16LE(at + 1), size: 3 }),
  (bytes, at) => ({ element: bytes.readIntLE(at + 1, 3), size: 4 }),
  (bytes, at) => ({ element: bytes.readInt32LE(at + 1), size: 5 }),
  (bytes, at) => ({ element: integerOf(bytes.readBigInt64LE(at + 1)), size: 9 }),
];

function stringAt(bytes: Buffer, at: number, head: number, length: number): Sized {
  const start = at + head;
  if (length > bytes.length - start) throw new RangeError('a string beyond the end');
  return { element: bytes.latin1Slice(start, start + length), size: head + length };
}

/** Bytes of the way back over an element of the size, which must be right. */
function checkBack(bytes: Buffer, at: number, size: number): number {
  const count = backBytes(size);
  for (let i = count - 1, rest = size; i >= 0; i--, rest >>>= 7) {
    expectSame(bytes.readUInt8(at + i), (rest & 0x7f) | (i === 0 ? 0 : 0x80));
  }
  return count;
}

/** How many groups of seven bits the way back has. Those of more than one end a little before they are full. */
export function backBytes(size: number): number {
  if (size <= 127) return 1;
  if (size < 16_383) return 2;
  if (size < 2_097_151) return 3;
  return size < 268_435_455 ? 4 : 5;
}
