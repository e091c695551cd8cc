/** Bytes that are put over others. */

/** Most texts fit. */
const scratch = Buffer.allocUnsafeSlow(16_384);

/**
 * `text` with `piece` over it from `offset` on; what lies between its end and the offset is zero. Made in a buffer: V8 joins strings
 * by reference, so that this one would keep the one before.
 */
export function overwrite(text: string, offset: number, piece: string): string {
  const length = Math.max(text.length, offset + piece.length);
  const bytes = length <= scratch.length ? scratch : Buffer.allocUnsafeSlow(length);
  bytes.latin1Write(text, 0, text.length);
  if (offset > text.length) bytes.fill(0, text.length, offset);
  bytes.latin1Write(piece, offset, piece.length);
  return bytes.latin1Slice(0, length);
}
