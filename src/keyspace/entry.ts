/** What is resident of one key: its header, its data records, and its place in the eviction queue. */

import type { Collection } from './collection.js';
import type { KeyPlace } from './encoding.js';
import { dueAt } from './field-expiry.js';
import { collectionBytes, Header, type KeyRecord, NEVER } from './header.js';
import type { Space } from './space.js';

/**
 * Estimates of what V8 takes, in bytes, without those of key and value. Measured (Node 20, the heap's growth by
 * 300,000 keys): 178 for an entry with its string and its bucket, 80 more for a header; the first of these estimates
 * is on the safe side for all.
 */
const ENTRY_BYTES = 216;
const HEADER_BYTES = 72;
/** A place in the expiry queue (58 measured); a key has one until its last change is folded. */
const DUE_BYTES = 64;
const STRING_BYTES = 24;

/** What a look-up touches comes first, so that it lies together in memory. */
export class Entry implements KeyPlace {
  readonly hash: number;
  /** The key, or what stands for a long one (nameOf). */
  readonly name: string;
  /** undefined: the key is known to be absent. */
  record: KeyRecord | undefined = undefined;
  /** The chain of EntryTable. */
  nextInBucket: Entry | undefined = undefined;
  /** When, or how often, it was used, and whether since SIEVE's hand last passed (see Usage). */
  usage = 0;
  /** The segment that holds the last change of the key or its data: dirty while above the checkpoint. */
  segment = 0;
  readonly home: Space;
  readonly slot: number;
  data: Collection | undefined = undefined;
  /** Of a long key that is absent the name may be all that is known, until the key is written. */
  key: string;
  /** Where it stands in the current expiry queue, if it stands there (see ExpiryQueue). */
  duePlace = 0;
  /** The queue of SIEVE. */
  newer: Entry | undefined = undefined;
  older: Entry | undefined = undefined;

  constructor(key: string, name: string, home: Space, slot: number, hash: number) {
    this.key = key;
    this.name = name;
    this.home = home;
    this.slot = slot;
    this.hash = hash;
  }

  get space(): number {
    return this.home.id;
  }
}

export function recordBytes(record: KeyRecord | undefined): number {
  if (record === undefined) return 0;
  if (record instanceof Header) {
    const due = dueAt(record) === NEVER ? 0 : DUE_BYTES;
    return HEADER_BYTES + STRING_BYTES + record.value.length + due;
  }
  return STRING_BYTES + record.length;
}

/** What the key adds to the dataset while it has the record, its collection included. */
export function keyBytes({ key }: Entry, record: KeyRecord | undefined): number {
  if (record === undefined) return 0;
  return ENTRY_BYTES + key.length + recordBytes(record) + collectionBytes(record);
}

/** Without its data. */
export function entryBytes(entry: Entry): number {
  return ENTRY_BYTES + entry.key.length + recordBytes(entry.record);
}
