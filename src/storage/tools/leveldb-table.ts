/**
 * Verifies and mends a table of LevelDB. It has a checksum for each block, and LevelDB, as classic-level opens it, never
 * looks at one. The format: leveldb/doc/table_format.md.
 */

import { ByteReader } from '../../base/byte-reader.js';
import { bitToTurn, crc32c } from '../../base/crc32c.js';
import type { FileHandle } from '../../base/files.js';
import { yieldTurn } from '../../base/yield-turn.js';

const FOOTER_BYTES = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const CHECKSUM_BYTES = 4;
/** Behind each block: its compression (1) and its checksum. */
const TRAILER_BYTES = 1 + CHECKSUM_BYTES;
const CHECKSUM_MASK = 0xa282_ead8;
/** Of 4 KiB each, or more by the record that fills one. */
const BLOCKS_PER_TURN = 256;

export interface Block {
  readonly offset: number;
  /** Without the trailer. */
  readonly size: number;
}

export interface DamagedBlock extends Block {
  readonly what: string;
}

/** The blocks whose checksum is wrong; of a table whose end or index is damaged no more than that can be said. */
export async function damagedBlocks(file: FileHandle): Promise<DamagedBlock[]> {
  const footer = readFooter(file);
  if (footer.length === 0) {
    const offset = Math.max(0, file.sizeSync() - FOOTER_BYTES);
    return [{ offset, size: FOOTER_BYTES, what: 'the end of the table is damaged' }];
  }
  const damaged: DamagedBlock[] = [];
  const blocks: Block[] = [];
  for (const index of footer) {
    const bytes = readBlock(file, index);
    if (bytes !== undefined && isSound(bytes)) blocks.push(...blocksIn(bytes));
    else damaged.push({ ...index, what: 'the checksum of the index is wrong' });
  }
  for (const [at, block] of blocks.entries()) {
    if (at % BLOCKS_PER_TURN === 0) await yieldTurn();
    const bytes = readBlock(file, block);
    if (bytes !== undefined && isSound(bytes)) continue;
    damaged.push({ ...block, what: 'the checksum of a block is wrong' });
  }
  return damaged;
}

/** Writes the block as it was, if no more than one bit of it has turned over; false if more is wrong. */
export function mendBlock(file: FileHandle, block: Block): boolean {
  const bytes = readBlock(file, block);
  if (bytes === undefined) return false;
  const content = contentOf(bytes);
  const bit = bitToTurn(content, unmasked(storedChecksum(bytes)));
  if (bit !== undefined) {
    content[bit >> 3] = (content[bit >> 3] as number) ^ (1 << (bit & 7));
  } else if (isPowerOfTwo(storedChecksum(bytes) ^ masked(crc32c(content)))) {
    bytes.writeUInt32LE(masked(crc32c(content)), content.length);
  } else {
    return false;
  }
  file.writeSync(bytes, block.offset);
  file.dataSyncSync();
  return true;
}

/** The two indexes that the table ends with: of its filters, and of its data. Empty if the end cannot be read. */
function readFooter(file: FileHandle): Block[] {
  const footer = Buffer.alloc(FOOTER_BYTES);
  const size = file.sizeSync();
  if (size < FOOTER_BYTES) return [];
  file.readSync(footer, size - FOOTER_BYTES);
  if (!footer.subarray(-MAGIC.length).equals(MAGIC)) return [];
  const reader = new ByteReader(footer);
  try {
    return [readPlace(reader), readPlace(reader)];
  } catch {
    return []; // no number where one must stand
  }
}

function readPlace(reader: ByteReader): Block {
  return { offset: reader.varint(), size: reader.varint() };
}

/** With its trailer; undefined if it would end behind the file. */
function readBlock(file: FileHandle, { offset, size }: Block): Buffer | undefined {
  if (offset + size + TRAILER_BYTES > file.sizeSync()) return undefined;
  const bytes = Buffer.allocUnsafe(size + TRAILER_BYTES);
  return file.readSync(bytes, offset) === bytes.length ? bytes : undefined;
}

function isSound(bytes: Buffer): boolean {
  return storedChecksum(bytes) === masked(crc32c(contentOf(bytes)));
}

function contentOf(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - CHECKSUM_BYTES);
}

function storedChecksum(bytes: Buffer): number {
  return bytes.readUInt32LE(bytes.length - CHECKSUM_BYTES);
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + CHECKSUM_MASK) >>> 0;
}

function unmasked(stored: number): number {
  const rotated = (stored - CHECKSUM_MASK) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

function isPowerOfTwo(number: number): boolean {
  return (number & (number - 1)) === 0;
}

/** The blocks that the entries of an index name; its checksum is right. */
function blocksIn(bytes: Buffer): Block[] {
  const end = bytes.length - TRAILER_BYTES;
  const restarts = bytes.readUInt32LE(end - 4);
  const reader = new ByteReader(bytes, 0, end - 4 * (restarts + 1));
  const blocks: Block[] = [];
  while (reader.remaining > 0) {
    reader.varint();
    const keyBytes = reader.varint();
    reader.varint();
    reader.bytes(keyBytes);
    blocks.push(readPlace(reader));
  }
  return blocks;
}
