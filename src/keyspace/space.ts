/** The keys of one database between two flushes: their count, their residents by slot, and their filter. */

import type { Random } from '../base/clock.js';
import type { Entry } from './entry.js';
import { EntryTable } from './entry-table.js';
import { ExpiryTotals } from './expiry-totals.js';
import { fieldExpiryOf } from './field-expiry.js';
import { expireAtOf, type KeyRecord, NEVER } from './header.js';
import type { KeyName } from './key-name.js';
import type { MembershipFilter } from './membership-filter.js';

/** Residents are spread over this many tables, sixteen slots each: none grows large enough to stop the world. */
const SHARDS = 1024;
const SLOT_BITS_PER_SHARD = 4;

/** A key, as KeyName or KeyPlace has it. */
type LookedFor = Pick<KeyName, 'name' | 'slot' | 'hash'>;

export class Space {
  readonly id: number;
  /** The segment in which it was made: until that is folded the store has nothing of it. 0 if that was before the start. */
  readonly madeIn: number;
  filter: MembershipFilter;
  /** The filter that is being made to replace it. */
  nextFilter: MembershipFilter | undefined;
  /** Keys in the space, resident or not, expired ones that nobody removed yet included. */
  count = 0;
  readonly expiries = new ExpiryTotals();
  /** Keys of which the header is resident. */
  residentKeys = 0;
  /** Memory that all keys would take if all were resident, in bytes, as estimated. */
  datasetBytes = 0;
  /** Memory that the residents take, in bytes, as estimated. */
  bytes = 0;
  /** True when no database points here any more; one does again if that is undone. */
  dropped = false;
  /** True when none ever will. */
  gone = false;
  readonly #shards: (EntryTable | undefined)[] = new Array(SHARDS).fill(undefined);

  constructor(id: number, filter: MembershipFilter, madeIn = 0) {
    this.id = id;
    this.filter = filter;
    this.madeIn = madeIn;
  }

  /** All of its keys are in memory. */
  get isResident(): boolean {
    return this.residentKeys >= this.count;
  }

  /**
   * Whether the store may have something of it, as of that checkpoint. One that the running transaction has made is another on each
   * attempt: to wait for what the store has of it would never end.
   */
  mayBeStored(checkpoint: number): boolean {
    return this.madeIn <= checkpoint;
  }

  /** The key exists from now on, as far as the filters are concerned. */
  remember(slot: number, hash: number): void {
    this.filter.add(slot, hash);
    this.nextFilter?.add(slot, hash);
  }

  /** A key's record is another from now on, or none: the counts follow. Its undo is the same backwards. */
  recount(before: KeyRecord | undefined, after: KeyRecord | undefined): void {
    if (before === undefined) this.count++;
    else if (after === undefined) this.count--;
    this.expiries.hashes += hasFieldExpiry(after) - hasFieldExpiry(before);
    const old = before === undefined ? NEVER : expireAtOf(before);
    const at = after === undefined ? NEVER : expireAtOf(after);
    if (old === at) return;
    if (old !== NEVER) this.expiries.remove(old);
    if (at !== NEVER) this.expiries.add(at);
  }

  resident({ name, slot, hash }: LookedFor): Entry | undefined {
    return this.#shards[slot >>> SLOT_BITS_PER_SHARD]?.get(name, hash);
  }

  /** Where a look-up begins. */
  firstOfBucket({ slot, hash }: LookedFor): Entry | undefined {
    return this.#shards[slot >>> SLOT_BITS_PER_SHARD]?.firstOfBucket(hash);
  }

  add(entry: Entry): void {
    const index = entry.slot >>> SLOT_BITS_PER_SHARD;
    let shard = this.#shards[index];
    if (shard === undefined) {
      shard = new EntryTable();
      this.#shards[index] = shard;
    }
    shard.add(entry);
  }

  remove(entry: Entry): void {
    this.#shards[entry.slot >>> SLOT_BITS_PER_SHARD]?.remove(entry);
  }

  /** A resident by chance; undefined if there is none. `random` draws from [0, 1). */
  randomResident(random: Random): Entry | undefined {
    const start = Math.floor(random() * SHARDS);
    for (let i = 0; i < SHARDS; i++) {
      const shard = this.#shards[(start + i) % SHARDS];
      if (shard !== undefined && shard.size > 0) return shard.random(random);
    }
    return undefined;
  }

  /** Every resident, in no order. */
  *residents(): Generator<Entry> {
    for (const shard of this.#shards) {
      if (shard !== undefined) yield* shard.entries();
    }
  }

  /** Residents of the slots that share a shard with `slot`. */
  residentsAround(slot: number): Iterable<Entry> {
    return this.#shards[slot >>> SLOT_BITS_PER_SHARD]?.entries() ?? [];
  }

  /** Residents of the slot whose hashes lie between these (see EntryTable), and some others. */
  residentsBetween(slot: number, from: number, to: number): Iterable<Entry> {
    return this.#shards[slot >>> SLOT_BITS_PER_SHARD]?.between(from, to) ?? [];
  }

  /** The last of the slots that share a shard with `slot`. */
  lastSlotAround(slot: number): number {
    return slot | ((1 << SLOT_BITS_PER_SHARD) - 1);
  }
}

/** 1 if a field of the hash in the record expires, else 0. */
function hasFieldExpiry(record: KeyRecord | undefined): 0 | 1 {
  return record === undefined || fieldExpiryOf(record) === NEVER ? 0 : 1;
}
