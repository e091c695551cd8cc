/**
 * How a list stands in its records: one for each element, named by a 48-bit index, dense from head to tail; the
 * header has the index of the head. The first element stands in the middle, so that both ends have room for ever.
 */

/** The number of the elements' table: never renumber. */
export const LIST_TABLE = 6;

const TABLE = String.fromCharCode(LIST_TABLE);
const HALF = 0x100_0000;
export const MIDDLE_INDEX = HALF * (HALF / 2);
/** The name of the record of the element at the index. */
export function elementName(index: number): string {
  return TABLE + encodeIndex(index);
}

/** What the header says of the list beside its count: the index of its head. */
export function encodeIndex(index: number): string {
  const high = Math.floor(index / HALF);
  const low = index & (HALF - 1);
  return String.fromCharCode(
    high >>> 16,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 16,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

/** The index that stands in the text from `start`: 1 in the name of a record. */
export function decodeIndex(text: string, start = 0): number {
  let index = 0;
  for (let i = start; i < text.length; i++) index = index * 256 + text.charCodeAt(i);
  return index;
}
