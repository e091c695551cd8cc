/** Changes of a few bytes of a long value: the log need not hold it whole (docs/formats/wal.md). */

/** Which bytes of a value that takes the place of another are not as before. All others are, at the same places. */
export interface ChangedBytes {
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** Fewer bytes that the log is spared are not worth another kind of change. */
const SPARED_MIN = 64;

/** What `overwrite` changes of a value of `length` bytes: what lies between its end and the offset becomes zero, too. */
export function changedBy(length: number, offset: number, bytes: number): ChangedBytes {
  return { from: Math.min(length, offset), to: offset + bytes };
}

/** Whether the log is to hold no more than them of the value that they have made. */
export function areWorthPatching({ from, to }: ChangedBytes, after: string): boolean {
  return after.length - (to - from) >= SPARED_MIN;
}
