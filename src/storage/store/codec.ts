/**
 * The envelope of stored values: CRC-32, codec byte, payload (docs/formats/store.md). The libraries are
 * loaded when a setting or a record first needs them, so that mode `none` works without native code.
 */

import { crc32 } from 'node:zlib';
import { DiskDbError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';

export type Compression = 'none' | 'snappy' | 'lz4' | 'zstd';

/** Written to disk: never renumber. */
export const CODEC: Record<Compression, number> = { none: 0, snappy: 1, lz4: 2, zstd: 3 };

const CHECKSUM_BYTES = 4;
/** Of what stands before the payload. */
export const ENVELOPE_BYTES = 5;
/** Shorter values stay as they are: a call into a library costs 2 µs and wins some tens of bytes (measured). */
const LEAST_BYTES = 256;
const ZSTD_LEVEL = 3;

/** A library; zstd's has no synchronous calls. */
interface Library {
  compress(payload: Buffer): Buffer | Promise<Buffer>;
  uncompress(payload: Buffer): Buffer | Promise<Buffer>;
}

const LOADERS: Record<number, () => Promise<Library>> = {
  [CODEC.snappy]: loadSnappy,
  [CODEC.lz4]: loadLz4,
  [CODEC.zstd]: loadZstd,
};

export class Codec {
  readonly #codec: number;
  readonly #libraries = new Map<number, Library>();

  constructor(compression: Compression) {
    this.#codec = CODEC[compression];
  }

  /** Loads the library of the setting, so that a missing one shows at start and not at the first fold. */
  async open(): Promise<void> {
    if (this.#codec !== CODEC.none) await this.#load(this.#codec);
  }

  encode(key: Buffer, value: Buffer): Buffer | Promise<Buffer> {
    return this.encodeInPlace(key, inEnvelope(value));
  }

  /** The same of a value that stands behind room for its envelope, which is filled in unless the value is compressed. */
  encodeInPlace(key: Buffer, stored: Buffer): Buffer | Promise<Buffer> {
    const library = this.#libraries.get(this.#codec);
    if (library === undefined || stored.length < ENVELOPE_BYTES + LEAST_BYTES) {
      return seal(key, CODEC.none, stored);
    }
    const packed = library.compress(stored.subarray(ENVELOPE_BYTES));
    if (packed instanceof Promise) return packed.then((each) => this.#choose(key, stored, each));
    return this.#choose(key, stored, packed);
  }

  /** The value in `stored`. A promise only if the codec is asynchronous or not loaded yet. */
  decode(key: Buffer, stored: Buffer): Buffer | Promise<Buffer> {
    const codec = verify(key, stored);
    const payload = stored.subarray(ENVELOPE_BYTES);
    if (codec === CODEC.none) return payload;
    const library = this.#libraries.get(codec);
    if (library) return library.uncompress(payload);
    return this.#load(codec).then((loaded) => loaded.uncompress(payload));
  }

  /** As decode, but undefined where that would be a promise. @throws STORE_CORRUPT */
  decodeNow(key: Buffer, stored: Buffer): Buffer | undefined {
    const codec = verify(key, stored);
    const payload = stored.subarray(ENVELOPE_BYTES);
    if (codec === CODEC.none) return payload;
    if (codec === CODEC.zstd) return undefined;
    const value = this.#libraries.get(codec)?.uncompress(payload);
    return value instanceof Promise ? undefined : value;
  }

  async #load(codec: number): Promise<Library> {
    const loader = LOADERS[codec];
    if (!loader)
      throw new DiskDbError('FORMAT_UNKNOWN', `codec ${codec} is newer than this server`);
    const library = await loader();
    this.#libraries.set(codec, library);
    return library;
  }

  #choose(key: Buffer, stored: Buffer, packed: Buffer): Buffer {
    const length = stored.length - ENVELOPE_BYTES;
    const pays = packed.length <= length - (length >>> 3);
    return pays ? seal(key, this.#codec, inEnvelope(packed)) : seal(key, CODEC.none, stored);
  }
}

/** The codec of a stored value whose checksum is right. @throws STORE_CORRUPT */
export function verify(key: Buffer, stored: Buffer): number {
  if (stored.length >= ENVELOPE_BYTES && checksum(key, stored) === stored.readUInt32BE(0)) {
    return stored[CHECKSUM_BYTES] as number;
  }
  throw new DiskDbError('STORE_CORRUPT', `the checksum of record ${printable(key)} is wrong`);
}

function inEnvelope(payload: Buffer): Buffer {
  const stored = Buffer.allocUnsafe(ENVELOPE_BYTES + payload.length);
  stored.set(payload, ENVELOPE_BYTES);
  return stored;
}

/** Fills in what stands before the payload. */
function seal(key: Buffer, codec: number, stored: Buffer): Buffer {
  stored[CHECKSUM_BYTES] = codec;
  stored.writeUInt32BE(checksum(key, stored), 0);
  return stored;
}

function checksum(key: Buffer, stored: Buffer): number {
  return crc32(stored.subarray(CHECKSUM_BYTES), crc32(key));
}

async function loadSnappy(): Promise<Library> {
  const snappy = await import('snappy');
  return {
    compress: (payload) => snappy.compressSync(payload),
    uncompress: (payload) => Buffer.from(snappy.uncompressSync(payload)),
  };
}

async function loadLz4(): Promise<Library> {
  const lz4 = await import('lz4-napi');
  return {
    compress: (payload) => lz4.compressSync(payload),
    uncompress: (payload) => lz4.uncompressSync(payload),
  };
}

async function loadZstd(): Promise<Library> {
  const zstd = await import('@mongodb-js/zstd');
  return {
    compress: (payload) => zstd.compress(payload, ZSTD_LEVEL),
    uncompress: (payload) => zstd.decompress(payload),
  };
}
