/** FUNCTION DUMP's payload, as Redis 7 has it (docs/formats/dump.md). */

import { ByteWriter } from '../base/byte-writer.js';
import { crc64 } from '../base/crc64.js';
import { openPayload } from '../types/rdb/frame.js';
import { readString, writeString } from '../types/rdb/string.js';
import { textOf } from '../types/string/value.js';

/** What stands before each library. */
const LIBRARY = 245;
/** Of Redis 7.0. */
const VERSION = 10;
/** LZF makes nothing shorter than this part of it. */
const EXPANSION_MAX = 300;

export function dumpLibraries(codes: Iterable<string>): string {
  const out = new ByteWriter(1024);
  for (const code of codes) {
    out.u8(LIBRARY);
    writeString(out, code, true);
  }
  out.u8(VERSION);
  out.u8(0);
  out.bytes(crc64(out.view()));
  return out.view().latin1Slice(0, out.length);
}

/** The code of each library. @throws ValueError if the payload is damaged; undefined if it holds something else */
export function readLibraries(payload: string): string[] | undefined {
  const reader = openPayload(Buffer.from(payload, 'latin1'));
  const codes: string[] = [];
  while (reader.remaining > 0) {
    if (reader.u8() !== LIBRARY) return undefined;
    codes.push(textOf(readString(reader, payload.length * EXPANSION_MAX)));
  }
  return codes;
}
