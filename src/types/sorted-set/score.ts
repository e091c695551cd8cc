/** Scores as eight bytes whose order is the order of the numbers (docs/formats/records.md). */

export const SCORE_BYTES = 8;

const SIGN = 0x8000_0000;
const scratch = new DataView(new ArrayBuffer(SCORE_BYTES));

/** The bits of the number: inverted if it is negative, else with the first bit set. -0 stands before 0. */
export function encodeScore(score: number): string {
  scratch.setFloat64(0, score);
  const high = scratch.getUint32(0);
  const low = scratch.getUint32(4);
  return high >= SIGN ? bytesOf(~high, ~low) : bytesOf(high | SIGN, low);
}

/** The score whose eight bytes stand in the text at the offset. */
export function decodeScore(text: string, at = 0): number {
  const high = wordAt(text, at);
  const low = wordAt(text, at + 4);
  const isPositive = high < 0;
  scratch.setInt32(0, isPositive ? high ^ SIGN : ~high);
  scratch.setInt32(4, isPositive ? low : ~low);
  return scratch.getFloat64(0);
}

/** Eight bytes that stand after those of the score and before, or at, those of the next one. */
export function afterScore(score: number): string {
  const bytes = encodeScore(score);
  const high = wordAt(bytes, 0);
  const low = wordAt(bytes, 4);
  return low === -1 ? bytesOf(high + 1, 0) : bytesOf(high, low + 1);
}

function bytesOf(high: number, low: number): string {
  return String.fromCharCode(
    (high >>> 24) & 0xff,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    (low >>> 24) & 0xff,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

/** Four bytes as a signed integer, which V8 need not box. */
function wordAt(text: string, at: number): number {
  return (
    (text.charCodeAt(at) << 24) |
    (text.charCodeAt(at + 1) << 16) |
    (text.charCodeAt(at + 2) << 8) |
    text.charCodeAt(at + 3)
  );
}
