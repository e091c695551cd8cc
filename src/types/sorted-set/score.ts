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
  scratch.setUint32(0, high >= SIGN ? high & ~SIGN : ~high);
  scratch.setUint32(4, high >= SIGN ? low : ~low);
  return scratch.getFloat64(0);
}

/** Eight bytes that stand after those of the score and before, or at, those of the next one. */
export function afterScore(score: number): string {
  const bytes = encodeScore(score);
  const high = wordAt(bytes, 0);
  const low = wordAt(bytes, 4);
  return low === 0xffff_ffff ? bytesOf(high + 1, 0) : bytesOf(high, low + 1);
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

function wordAt(text: string, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = value * 256 + text.charCodeAt(i);
  return value;
}
