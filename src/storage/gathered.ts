/** What a fold has read of the log and not written yet: the last change of each record, and what has become garbage. */

import { LastChanges } from './last-changes.js';
import { type SectionChanges, visitChanges } from './log/change-reader.js';
import { readPatch } from './log/patch.js';
import { ChangeFlag, ChangeKind } from './storage.js';
import { DeadRanges } from './store/dead-ranges.js';
import { firstLsnOf, isGarbageKey, readGarbageValue } from './store/garbage.js';
import { StoredPatches } from './stored-patches.js';

export class Gathered {
  readonly latest = new LastChanges();
  /** Ranges that the changes have made garbage. */
  readonly dead = new DeadRanges();
  /** What has changed of records that were written before all of this; of no account if `latest` has the record, too. */
  readonly patches = new StoredPatches();
  readonly #from: number;
  readonly #heedsCreated: boolean;
  /** The highest so far: the changes of a transaction that was written in stages come after others with higher ones. */
  #lastLsn: number;

  /**
   * Everything below the LSN `from` is in the store, or was left out. `heedsCreated`: nothing from there on has been written to the
   * store before, so that what a change creates is not in it.
   */
  constructor(from: number, heedsCreated: boolean) {
    this.#from = from;
    this.#lastLsn = from - 1;
    this.#heedsCreated = heedsCreated;
  }

  /** What is gathered next: behind all of this, which is written now. */
  next(): Gathered {
    return new Gathered(this.#lastLsn + 1, this.#heedsCreated);
  }

  /** About the memory that it takes. */
  get bytes(): number {
    return this.latest.bytes + this.dead.bytes + this.patches.bytes;
  }

  add(section: SectionChanges): void {
    const { bytes } = section;
    visitChanges(section, (flags, lsn, keyStart, valueStart, valueEnd) => {
      this.#lastLsn = Math.max(this.#lastLsn, lsn);
      const kind = flags & 0x0f;
      if (kind === ChangeKind.state) return;
      if (kind === ChangeKind.delete) {
        this.latest.delete(bytes, keyStart, valueStart);
        return;
      }
      if (kind === ChangeKind.patch) {
        this.#patch(bytes, keyStart, valueStart, valueEnd);
        return;
      }
      if (isGarbageKey(bytes, keyStart) && this.#isGone(bytes, valueStart, valueEnd)) return;
      const creates = this.#heedsCreated && (flags & ChangeFlag.created) !== 0;
      this.latest.put(bytes, keyStart, valueStart, valueEnd, creates);
    });
  }

  #patch(source: Buffer, keyStart: number, start: number, end: number): void {
    if (this.latest.patch(source, keyStart, start, readPatch(source, start, end))) return;
    this.patches.add(source, keyStart, start, end);
  }

  /** Notes what has become garbage: no change of it follows. Says whether there is nothing to clear, since all of it is here. */
  #isGone(bytes: Buffer, start: number, end: number): boolean {
    // A copy, so that what was read of the log is not kept for it.
    const range = readGarbageValue(Buffer.from(bytes.subarray(start, end)));
    this.dead.add(range);
    return this.#heedsCreated && firstLsnOf(range) >= this.#from;
  }
}
