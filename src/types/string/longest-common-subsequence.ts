/** The longest common subsequence of two strings, by the usual table of the lengths of all beginnings. */

/** Bytes of the table that Redis would make, by which it limits the work. */
export function lcsTableBytes(a: string, b: string): number {
  return (a.length + 1) * (b.length + 1) * Uint32Array.BYTES_PER_ELEMENT;
}

/** Its length, in the memory of two rows. */
export function lcsLength(a: string, b: string): number {
  let above = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    fillRow(row, 0, above, 0, a.charCodeAt(i), b);
    [above, row] = [row, above];
  }
  return above[b.length] as number;
}

type Row = Uint32Array | Uint16Array;

function fillRow(row: Row, at: number, above: Row, aboveAt: number, char: number, b: string): void {
  let left = 0;
  for (let j = 0; j < b.length; j++) {
    const up = above[aboveAt + j + 1] as number;
    if (b.charCodeAt(j) === char) left = (above[aboveAt + j] as number) + 1;
    else if (up > left) left = up;
    row[at + j + 1] = left;
  }
}

/** A stretch of both strings that is the same: offsets of the first and last byte. */
export interface CommonRange {
  readonly a: readonly [first: number, last: number];
  readonly b: readonly [first: number, last: number];
  readonly length: number;
}

export interface CommonSubsequence {
  readonly text: string;
  /** From the end to the beginning, as Redis lists them. */
  readonly ranges: readonly CommonRange[];
}

export function longestCommonSubsequence(a: string, b: string): CommonSubsequence {
  return trace(a, b, lengthTable(a, b));
}

function lengthTable(a: string, b: string): Row {
  const cells = (a.length + 1) * (b.length + 1);
  const isSmall = Math.min(a.length, b.length) < 0x1_0000;
  const table = isSmall ? new Uint16Array(cells) : new Uint32Array(cells);
  const width = b.length + 1;
  for (let i = 0; i < a.length; i++) {
    fillRow(table, (i + 1) * width, table, i * width, a.charCodeAt(i), b);
  }
  return table;
}

/** Walks back from the table's last corner along one of the longest ways, the one that Redis takes. */
function trace(a: string, b: string, table: Row): CommonSubsequence {
  const width = b.length + 1;
  const text: string[] = [];
  const ranges: CommonRange[] = [];
  let i = a.length;
  let j = b.length;
  let run = 0;
  const endRun = (): void => {
    if (run > 0) ranges.push({ a: [i, i + run - 1], b: [j, j + run - 1], length: run });
    run = 0;
  };
  while (i > 0 && j > 0) {
    if (a.charCodeAt(i - 1) === b.charCodeAt(j - 1)) {
      i--;
      j--;
      run++;
      text.push(a.charAt(i));
      continue;
    }
    endRun();
    if ((table[(i - 1) * width + j] as number) > (table[i * width + j - 1] as number)) i--;
    else j--;
  }
  endRun();
  return { text: text.reverse().join(''), ranges };
}
