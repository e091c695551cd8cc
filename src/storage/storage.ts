/**
 * What the command thread asks of storage: append to the log, load what is cold, fold the log into the store.
 *
 * Keys and values of records are opaque latin1 strings here (one character is one byte): storage never
 * looks inside them, except for the families it owns (`c`, `g`; docs/formats/records.md).
 */

import type { ByteWriter } from '../base/byte-writer.js';

/**
 * Records of a collection begin with so many bytes: the family, and what places the collection, the last of it its version: the LSN
 * that made it (docs/formats/records.md).
 */
export const DATA_PREFIX_BYTES = 15;
export const DATA_FAMILY = 0x64; // d
export const VERSION_BYTES = 8;

/** What a change does. Written to disk: never renumber. */
export const ChangeKind = { delete: 0, put: 1, state: 2, patch: 3 } as const;

/** Bits above the kind in a change's flag byte. Written to disk: never renumber. */
export const ChangeFlag = {
  /** The change brings the record into being: there was none. If it is the header of a key, the count of keys goes up. */
  created: 0x10,
  /** The change ends a key: the count of keys goes down. */
  deleted: 0x20,
} as const;

/** One change as recovery reads it back from the log. */
export interface LoggedChange {
  /** A ChangeKind. A `state` change is for the replay only: it never reaches the store. */
  readonly kind: number;
  readonly created: boolean;
  readonly deleted: boolean;
  readonly lsn: number;
  /** The number of the segment that holds it. */
  readonly segment: number;
  readonly key: string;
  /** Empty for a deletion; of a patch what `patched` takes. */
  readonly value: string;
}

/** Receives what the log holds above the checkpoint, oldest first, whole groups only. */
export interface ReplaySink {
  /**
   * The state written at the head of the first segment above the checkpoint (undefined in a new directory),
   * and the checkpoint: the last segment that is wholly in the store.
   */
  restore(state: string | undefined, checkpoint: number): void;
  apply(change: LoggedChange): void;
  /**
   * Called after each replayed segment but the newest; true asks that everything replayed so far is folded
   * before going on (the residents it filled are then clean and may be evicted).
   */
  wantsFold(): boolean;
  /** The fold it asked for is done: what stood in `segment` and before is in the store. */
  folded(segment: number): void;
}

/**
 * The parts of a transaction that goes to the log while it runs, so that others may be written between them: none counts without
 * the last. A transaction that is given up has no last one.
 */
export type Stage = 'first' | 'next' | 'last';

/** Writes itself to the log, by `change`, when its group ends. Must not throw. */
export interface DeferredChange {
  log(log: Log): void;
}

/**
 * The write-ahead log as the command thread sees it. Calls between `beginTransaction` and `endTransaction`
 * come from one transaction; transactions ended since the last flush, and what they have deferred, form the group.
 */
export interface Log {
  /** Where the bytes of changes go; see `change`. */
  readonly writer: ByteWriter;
  /** The number of the segment that the next flush writes to. Grows by one with each fold. */
  readonly segment: number;
  /** The LSN that the next change will have. */
  readonly nextLsn: number;
  readonly writtenLsn: number;
  readonly syncedLsn: number;
  /** Bytes in all segments not yet folded. */
  readonly size: number;
  /** Set for good when a write or sync failed in a way that only a restart can mend. */
  readonly failure: Error | undefined;

  /**
   * Without `stage` the transaction is written as a whole; with it, what follows is a part of one. Nothing is deferred of that:
   * what ended transactions of the group have deferred is written before it.
   */
  beginTransaction(stage?: Stage): void;
  /**
   * Starts the next change; the caller then writes exactly `keyLength` bytes of key and `valueLength` bytes
   * of value to `writer`. `flags` is a ChangeKind with ChangeFlag bits. Takes the next LSN.
   */
  change(flags: number, keyLength: number, valueLength: number): void;
  endTransaction(): void;
  /**
   * Whether the group has no change of the subject yet that a later one may replace. Then this one is written at once: recovery
   * learns from it whose the records are that stand between it and the last one.
   */
  isFirst(subject: object, change: DeferredChange): boolean;
  /**
   * Has the change of an ended transaction, which was not the first, written when the group ends, in place of an earlier one of
   * the subject; with undefined there is none to be written any more.
   */
  defer(subject: object, change: DeferredChange | undefined): void;
  /** Throws away the open transaction, as if it had never begun (its LSNs are given back). */
  abortTransaction(): void;
  /** True if a transaction that changed something, or a stage of one, has ended since the last flush. */
  readonly pending: boolean;
  /**
   * Writes the group with one write call; after it the group survives a kill of the process. On failure the
   * file is cut back to its last whole frame, the group is forgotten (its LSNs are given back), and it throws
   * DISK_FULL (may be tried again later) or LOG_FAILED (never again).
   */
  flush(): void;
  /** Resolves when everything flushed before the call is on stable storage; rejects with LOG_FAILED. */
  sync(): Promise<void>;
  /**
   * Syncs by a blocking call, if such calls have been short. True: everything flushed is on stable storage. False: it is not, and
   * `sync` is to be asked.
   */
  trySync(): boolean;
}

export interface RangeQuery {
  /** First key, included. */
  readonly from: string;
  /** Last key, excluded. */
  readonly to: string;
  readonly reverse?: boolean;
  readonly maxRecords: number;
  /** A soft bound: the page ends after the record that passes it. */
  readonly maxBytes: number;
  /** Read as of this snapshot instead of now. */
  readonly snapshot?: Snapshot;
}

export interface RangePage {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** True when no record of the range lies beyond this page. */
  readonly done: boolean;
}

/** Keys of a range are counted where they are stored: none of them comes here. */
export interface CountQuery {
  /** First key, included. */
  readonly from: string;
  /** Last key, excluded. */
  readonly to: string;
  /** Keys in the range that count, be they stored or not; ascending. */
  readonly present: readonly string[];
  /** Keys in the range that do not; ascending. */
  readonly absent: readonly string[];
  /** Count as of this snapshot instead of now. */
  readonly snapshot?: Snapshot;
}

/** The first keys of a range are passed over, or with `reverse` the last ones. */
export interface SkipQuery extends CountQuery {
  readonly reverse: boolean;
  readonly limit: number;
}

export interface Skipped {
  /** At most `limit`. */
  readonly count: number;
  /** The last key that was passed; undefined if none was. */
  readonly last: string | undefined;
}

/** The store as it was at a checkpoint. Held until released; costs disk space, not memory. */
export interface Snapshot {
  readonly id: number;
  /** The last segment whose changes it holds. */
  readonly segment: number;
}

export interface StorageStatistics {
  /** Bytes the store takes on disk. */
  readonly storeBytes: number;
  readonly folds: number;
  readonly foldFailure: string | undefined;
  readonly lastFoldMs: number;
  /** Prefixes that still wait to be cleared. */
  readonly garbage: number;
}

/** Whether a transaction is open between two turns: no segment may begin then. */
export interface Quiet {
  readonly isSuspended: boolean;
  /** Resolves when none is. */
  settled(): Promise<void>;
  /** None begins that can do without it, until that is called which this returns. */
  want(): () => void;
}

export interface CutOptions {
  /** The cut waits for it. */
  readonly quiet?: Quiet;
  /** Called right after `state`, unless the cut has failed: what is flushed from now on is written to the new segment. */
  readonly onCut?: () => void;
}

export interface Storage {
  readonly log: Log;
  /** Every change in this segment and before is in the store. */
  readonly checkpoint: number;

  /** Values by key; undefined is absent. Rejects with STORE_CORRUPT if a checksum fails. */
  load(keys: readonly string[]): Promise<(string | undefined)[]>;
  /** The same, blocking the caller: for attempts that must run to their end. */
  loadSync(keys: readonly string[]): (string | undefined)[];
  range(query: RangeQuery): Promise<RangePage>;
  rangeSync(query: RangeQuery): RangePage;
  count(query: CountQuery): Promise<number>;
  skip(query: SkipQuery): Promise<Skipped>;
  /** About the bytes that the range takes in the store. */
  sizeOf(from: string, to: string): Promise<number>;

  /** The store as of the latest checkpoint. */
  snapshot(): Promise<Snapshot>;
  release(snapshot: Snapshot): void;

  /**
   * Starts a new segment and folds all before it into the store. `state` is called between two turns, at the cut; what it
   * returns heads the new segment. Resolves when the checkpoint has moved. One at a time.
   * @throws STORE_FAILED or DISK_FULL: the log keeps everything, and a later fold tries again.
   */
  fold(state: () => string, options?: CutOptions): Promise<void>;
  statistics(): Promise<StorageStatistics>;
  /** Flushes and syncs the log, stops the storage thread and releases the lock. */
  close(): Promise<void>;
}
