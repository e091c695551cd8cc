/**
 * How a list stands in its records: one for each element, named by a 48-bit index, dense from head to tail; the
 * header has the index of the head. The first element stands in the middle, so that both ends have room for ever.
 */

const TABLE = String.fromCharCode(6);
const HALF = 0x100_0000;
export const MIDDLE_INDEX = HALF * (HALF / 2);
const INDEX_BYTES = 6;
const SIZE_BYTES = 4;

/** What the header says of the list beside the number of its elements. */
export interface ListShape {
  /** The index of the first element. */
  readonly head: number;
  /** Bytes of Redis's listpack of it; 0 if Redis would have a quicklist. */
  readonly bytes: number;
}

/** The name of the record of the element at the index. */
export function elementName(index: number): string {
  return TABLE + encode48(index);
}

export function encodeShape({ head, bytes }: ListShape): string {
  return (
    encode48(head) +
    String.fromCharCode(bytes >>> 24, (bytes >>> 16) & 0xff, (bytes >>> 8) & 0xff, bytes & 0xff)
  );
}

export function decodeShape(value: string): ListShape {
  return { head: decode(value, 0, INDEX_BYTES), bytes: decode(value, INDEX_BYTES, SIZE_BYTES) };
}

function encode48(index: number): string {
  const high = Math.floor(index / HALF);
  const low = index % HALF;
  return String.fromCharCode(
    high >>> 16,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 16,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

function decode(text: string, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 256 + text.charCodeAt(i);
  return value;
}
