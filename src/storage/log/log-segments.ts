/**
 * The segments of the log above the checkpoint: those that are full, the one that is written, and the file that is made
 * ready for the next.
 */

import { assert } from '../../base/assert.js';
import type { FileHandle } from '../../base/files.js';
import { segmentPath } from './segment.js';
import { SegmentFile } from './segment-file.js';
import type { WalOptions, WalStart } from './wal-options.js';

/** What heads a segment: all before `baseLsn` stands in those before it. */
interface Head {
  readonly baseLsn: number;
  readonly syncedLsn: number;
  /** '' is none. */
  readonly state: string;
}

export class LogSegments {
  #current: SegmentFile;
  readonly #options: WalOptions;
  /** Those before it that are not in the store, oldest first. */
  readonly #full: { readonly segment: number; readonly bytes: number }[];
  #next: FileHandle | undefined;

  /** Creates the first segment's file; blocks until it, its head and its name are on stable storage. */
  constructor(options: WalOptions, { segment, nextLsn, state, unfolded }: WalStart) {
    this.#options = options;
    this.#full = [...unfolded];
    const { files, directory } = options;
    const file = files.openSync(segmentPath(directory, segment), 'create');
    files.syncDirectorySync(`${directory}/wal`);
    this.#current = this.#start(file, segment, { baseLsn: nextLsn, syncedLsn: nextLsn - 1, state });
    this.#current.dataSyncSync();
  }

  /** The one that is written. */
  get current(): SegmentFile {
    return this.#current;
  }

  /** Bytes of all of them. */
  get size(): number {
    return this.#full.reduce((sum, { bytes }) => sum + bytes, this.#current.position);
  }

  /** Makes the next segment's file, if that was not done yet, and waits until its name is on stable storage. */
  async prepareNext(): Promise<void> {
    const { files, directory } = this.#options;
    this.#next ??= files.openSync(segmentPath(directory, this.#current.segment + 1), 'create');
    await files.syncDirectory(`${directory}/wal`);
  }

  /** Goes on in the next one, which must be ready. Returns the one before. @throws LOG_FAILED: nothing has changed. */
  advance(head: Head): SegmentFile {
    assert(this.#next, 'a cut without a prepared segment');
    const full = this.#current;
    this.#current = this.#start(this.#next, full.segment + 1, head);
    this.#next = undefined;
    this.#full.push({ segment: full.segment, bytes: full.position });
    return full;
  }

  /** Forgets the sizes of segments that are in the store. */
  folded(segment: number): void {
    while ((this.#full[0]?.segment ?? Number.POSITIVE_INFINITY) <= segment) this.#full.shift();
  }

  close(): void {
    this.#current.close();
    this.#next?.closeSync();
  }

  #start(file: FileHandle, segment: number, head: Head): SegmentFile {
    const { runId, epoch, clock, enabled, writeAhead = () => false } = this.#options;
    const mode = { deferred: !enabled, ahead: writeAhead };
    return new SegmentFile(file, { ...head, segment, runId, epoch, timeMs: clock.now() }, mode);
  }
}
