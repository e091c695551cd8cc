/**
 * An ordered map of records on some medium: the contract that the disk store (LevelDB) and the native-free
 * memory store both keep, and that test/storage/store/store-conformance.ts checks on each.
 *
 * Keys and values are Buffers, ordered by unsigned bytes. A store has one owner: the storage thread.
 */

export interface StoreRange {
  readonly from: Buffer;
  /** Excluded. */
  readonly to: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number;
  readonly snapshot?: StoreSnapshot;
}

/** An explicit view of the store at one moment. */
export interface StoreSnapshot {
  close(): Promise<void>;
}

/** Records that are written together. Keys and values are copied when they are given: the caller may use their bytes again. */
export interface StoreBatch {
  put(key: Buffer, value: Buffer): void;
  delete(key: Buffer): void;
  /** Atomic; on stable storage when it resolves. The batch has ended then. */
  write(): Promise<void>;
}

export interface Store {
  open(): Promise<void>;
  /** Closes and opens again: the way out of LevelDB's sticky write errors. */
  reopen(): Promise<void>;
  close(): Promise<void>;

  getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]>;
  /** Blocks; from whichever thread holds this handle. */
  getSync(key: Buffer): Buffer | undefined;
  /** Calls `visit` for each record in order until it returns false. */
  scan(range: StoreRange, visit: (key: Buffer, value: Buffer) => boolean): Promise<void>;
  /** The same, blocking; only stores that are in memory can. */
  scanSync?(range: StoreRange, visit: (key: Buffer, value: Buffer) => boolean): void;
  /** Calls `visit` for the keys of the range in order, many at a time, until it returns false. */
  scanKeys(range: StoreRange, visit: (keys: readonly Buffer[]) => boolean): Promise<void>;
  /** How many records the range has: quicker than looking at their keys. */
  countKeys(range: StoreRange): Promise<number>;
  hasMany(keys: readonly Buffer[], snapshot?: StoreSnapshot): Promise<boolean[]>;
  snapshot(): StoreSnapshot;

  batch(): StoreBatch;
  /** Deletes at most `limit` records of the range, from its start; resolves to the first key that is left. */
  clear(range: StoreRange, limit: number): Promise<Buffer | undefined>;
  /** What has been written is checked on every read from then on: LevelDB's own log is not. */
  flush(): Promise<void>;
  /** Gives the space of deleted records in the range back. */
  compact(from: Buffer, to: Buffer): Promise<void>;
  /** About the bytes that the range takes on the medium. */
  sizeOf(from: Buffer, to: Buffer): Promise<number>;
  /** Bytes on the medium. */
  size(): Promise<number>;
}
