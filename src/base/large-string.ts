/**
 * An argument too large to be worth one string: it arrives, is stored and leaves in chunks of one size, so a
 * value of 512 MB is never copied whole.
 */

/** Bytes in every chunk but the last; also the size of a stored string fragment (docs/formats/records.md). */
export const CHUNK_BYTES = 16_384;

export class LargeString {
  readonly length: number;
  /** Each of CHUNK_BYTES characters but the last, which has the rest. */
  readonly chunks: readonly string[];

  constructor(length: number, chunks: readonly string[]) {
    this.length = length;
    this.chunks = chunks;
  }

  /** One string. @throws RangeError above V8's limit (512 MiB - 24). */
  toString(): string {
    return this.chunks.join('');
  }
}

/** One argument of a request. A string unless it is longer than CHUNK_BYTES. */
export type Argument = string | LargeString;

/** Bytes of all of them. A loop, for every request is measured. */
export function bytesOfArguments(args: readonly Argument[]): number {
  let bytes = 0;
  for (const argument of args) bytes += argument.length;
  return bytes;
}
