/** Packed values as servers before Redis 7.0 made them, and the frame of a dump: docs/formats/dump.md. */

import { crc64 } from '../../src/base/crc64.js';
import { ListpackWriter } from '../../src/types/rdb/listpack-writer.js';

export type Piece = string | number;

/** All of it as bytes: a number is one byte. */
export function bytes(...pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === 'number' ? String.fromCharCode(piece & 0xff) : piece))
    .join('');
}

/** `size` bytes of the number, the lowest first. */
export function little(value: number | bigint, size: number): string {
  let rest = BigInt.asUintN(size * 8, BigInt(value));
  let text = '';
  for (let i = 0; i < size; i++, rest >>= 8n) text += String.fromCharCode(Number(rest & 0xffn));
  return text;
}

function big(value: number, size: number): string {
  return [...little(value, size)].reverse().join('');
}

/** A length before a string, or a count. */
function length(value: number): string {
  return value < 64 ? bytes(value) : bytes(0x80, big(value, 4));
}

export function string(text: string): string {
  return length(text.length) + text;
}

/** The body of a dump with its version and checksum. */
export function sealed(body: string, version = 9): string {
  const data = Buffer.from(body + little(version, 2), 'latin1');
  return Buffer.concat([data, crc64(data)]).toString('latin1');
}

export function ziplist(elements: readonly (string | bigint)[]): string {
  let body = '';
  let previous = 0;
  let tail = 10;
  for (const element of elements) {
    tail = 10 + body.length;
    const before = previous < 254 ? bytes(previous) : bytes(0xfe, little(previous, 4));
    const entry = before + ziplistEntry(element);
    body += entry;
    previous = entry.length;
  }
  const size = 10 + body.length + 1;
  return bytes(little(size, 4), little(tail, 4), little(elements.length, 2), body, 0xff);
}

function ziplistEntry(element: string | bigint): string {
  if (typeof element === 'bigint') return ziplistInteger(element);
  const { length: size } = element;
  if (size < 64) return bytes(size, element);
  if (size < 0x4000) return bytes(big(0x4000 | size, 2), element);
  return bytes(0x80, big(size, 4), element);
}

function ziplistInteger(value: bigint): string {
  if (value >= 0n && value <= 12n) return bytes(0xf1 + Number(value));
  const widths = [
    [0xfe, 1],
    [0xc0, 2],
    [0xf0, 3],
    [0xd0, 4],
    [0xe0, 8],
  ] as const;
  const [mark, size] = widths.find(([, width]) => BigInt.asIntN(width * 8, value) === value) ?? [
    0, 0,
  ];
  return bytes(mark, little(value, size));
}

export function zipmap(pairs: readonly (readonly [string, string])[], unused = 0): string {
  const entries = pairs.map(
    ([field, value]) =>
      zipmapLength(field) + field + bytes(zipmapLength(value), unused, value, 'u'.repeat(unused)),
  );
  return bytes(Math.min(pairs.length, 254), ...entries, 0xff);
}

function zipmapLength({ length: size }: string): string {
  return size < 254 ? bytes(size) : bytes(0xfe, little(size, 4));
}

export function listpack(elements: readonly (string | number)[]): string {
  const writer = new ListpackWriter();
  for (const element of elements) writer.add(element);
  return writer.end().toString('latin1');
}
