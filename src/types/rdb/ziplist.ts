/** Ziplists, as Redis before 7.0 packed lists, hashes and sorted sets (docs/formats/dump.md). */

import { expectSame, integerOf, type PackedElement } from './packed.js';

const HEADER_BYTES = 10;
const END = 0xff;
/** Begins a size of four bytes. */
const LONG = 0xfe;
/** A count that says nothing. */
const COUNT_UNKNOWN = 0xffff;

/** The elements of a ziplist that fills the bytes. @throws RangeError where it is none */
export function* readZiplist(bytes: Buffer): Generator<PackedElement> {
  const end = bytes.length - 1;
  expectSame(bytes.readUInt32LE(0), bytes.length);
  const tail = bytes.readUInt32LE(4);
  const announced = bytes.readUInt16LE(8);
  let count = 0;
  let last = HEADER_BYTES;
  let previous = 0;
  let at = HEADER_BYTES;
  for (; at < end; count++) {
    const head = checkPrevious(bytes, at, previous);
    const { element, size } = readElement(bytes, at + head);
    last = at;
    previous = head + size;
    at += previous;
    yield element;
  }
  expectSame(at, end);
  expectSame(bytes[end] as number, END);
  expectSame(last, tail);
  if (announced !== COUNT_UNKNOWN) expectSame(count, announced);
}

/** Bytes that say how long the entry before is, which must be right. */
function checkPrevious(bytes: Buffer, at: number, previous: number): number {
  const first = bytes.readUInt8(at);
  if (first === END) throw new RangeError('no entry before the end');
  expectSame(first === LONG ? bytes.readUInt32LE(at + 1) : first, previous);
  return first === LONG ? 5 : 1;
}

interface Sized {
  readonly element: PackedElement;
  /** Bytes that it takes. */
  readonly size: number;
}

function readElement(bytes: Buffer, at: number): Sized {
  const first = bytes.readUInt8(at);
  if (first < 0x40) return stringAt(bytes, at, 1, first);
  if (first < 0x80) return stringAt(bytes, at, 2, bytes.readUInt16BE(at) & 0x3fff);
  if (first === 0x80) return stringAt(bytes, at, 5, bytes.readUInt32BE(at + 1));
  if (first > 0xf0 && first < LONG) return { element: (first & 0x0f) - 1, size: 1 };
  const read = INTEGERS.get(first);
  if (read === undefined) throw new RangeError(`no element starts with ${first}`);
  return read(bytes, at + 1);
}

/** By the first byte. */
const INTEGERS: ReadonlyMap<number, (bytes: Buffer, at: number) => Sized> = new Map([
  [0xfe, (bytes: Buffer, at: number) => ({ element: bytes.readInt8(at), size: 2 })],
  [0xc0, (bytes, at) => ({ element: bytes.readInt16LE(at), size: 3 })],
  [0xf0, (bytes, at) => ({ element: bytes.readIntLE(at, 3), size: 4 })],
  [0xd0, (bytes, at) => ({ element: bytes.readInt32LE(at), size: 5 })],
  [0xe0, (bytes, at) => ({ element: integerOf(bytes.readBigInt64LE(at)), size: 9 })],
]);

function stringAt(bytes: Buffer, at: number, head: number, length: number): Sized {
  const start = at + head;
  if (length > bytes.length - start) throw new RangeError('a string beyond the end');
  return { element: bytes.latin1Slice(start, start + length), size: head + length };
}
