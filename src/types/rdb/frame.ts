/** What a dump ends with: the version of Redis's format, and a checksum (docs/formats/dump.md). */

import { ByteReader } from '../../base/byte-reader.js';
import type { ByteWriter } from '../../base/byte-writer.js';
import { Crc64, crc64 } from '../../base/crc64.js';
import { failValue } from '../value-error.js';

/** Of Redis 7.0, so that it can read what DiskDB writes; and of 7.4, the newest that DiskDB reads. */
const VERSION_WRITTEN = 10;
const VERSION_MAX = 12;
/** Types from this number on need 7.4. */
const FIRST_OF_NEWER = 22;
const CHECKSUM_BYTES = 8;
const FOOTER_BYTES = 2 + CHECKSUM_BYTES;

/** Bytes whose checksum takes about a millisecond. */
const SLICE_BYTES = 256 * 1024;

/** Ends the payload that was written: a generator that can be left for a while, wherever it yields. */
export function* seal(out: ByteWriter): Generator<undefined, Buffer> {
  const isNewer = (out.buffer[0] as number) >= FIRST_OF_NEWER;
  out.u8(isNewer ? VERSION_MAX : VERSION_WRITTEN);
  out.u8(0);
  const payload = out.view();
  const checksum = new Crc64();
  for (let at = 0; at < payload.length; at += SLICE_BYTES) {
    checksum.update(payload.subarray(at, at + SLICE_BYTES));
    yield;
  }
  out.bytes(checksum.digest());
  return out.view();
}

/** The same at once. */
export function sealNow(out: ByteWriter): Buffer {
  const sealing = seal(out);
  for (;;) {
    const { done, value } = sealing.next();
    if (done === true) return value;
  }
}

/** The value in a payload, its number first. @throws ValueError BAD_CHECKSUM */
export function openPayload(payload: Buffer): ByteReader {
  const end = payload.length - FOOTER_BYTES;
  if (end < 0 || payload.readUInt16LE(end) > VERSION_MAX || !isWhole(payload)) {
    failValue('BAD_CHECKSUM');
  }
  return new ByteReader(payload, 0, end);
}

function isWhole(payload: Buffer): boolean {
  const end = payload.length - CHECKSUM_BYTES;
  return crc64(payload.subarray(0, end)).equals(payload.subarray(end));
}
