/**
 * The keyspace: databases over spaces, residents over the store, and the one transaction. It owns what must
 * agree when a key changes; loading, expiry and folding each have their own file.
 */

import type { Clock, Random } from '../base/clock.js';
import type { Storage } from '../storage/storage.js';
import { SpaceChange } from './changes.js';
import { Database } from './database.js';
import type { Entry } from './entry.js';
import { KeyspaceEvents } from './events.js';
import { ExpiryQueue } from './expiry-queue.js';
import { KeyNames } from './key-names.js';
import { KeyWarmer } from './key-warmer.js';
import { CommandTooLarge, changedBytesMax, loadedBytesMax } from './limits.js';
import { Loader } from './loader.js';
import { MemberNames } from './member-names.js';
import { MembershipFilter } from './membership-filter.js';
import { Orphans } from './orphans.js';
import { OwnRecords } from './own-records.js';
import { ReadAhead } from './read-ahead.js';
import { Residents } from './residents.js';
import { Runner } from './runner.js';
import { Space } from './space.js';
import { Transaction } from './transaction.js';
import { Watches } from './watches.js';

export interface KeyspaceOptions {
  /** Number of databases. */
  readonly databases: number;
  /** What residents may take, clean and dirty, in bytes. */
  cacheBytes: number;
  /** Memory that one transaction's changes may hold, in bytes. */
  transactionBytes: number;
}

export class Keyspace {
  readonly options: KeyspaceOptions;
  readonly clock: Clock;
  readonly residents = new Residents();
  readonly transaction: Transaction;
  readonly expiry: ExpiryQueue;
  readonly loader: Loader;
  readonly names: KeyNames;
  readonly memberNames: MemberNames;
  readonly warmer: KeyWarmer;
  readonly orphans: Orphans;
  readonly runner: Runner;
  readonly watches: Watches;
  readonly events = new KeyspaceEvents();
  readonly ownRecords: OwnRecords;
  readonly readAhead = new ReadAhead();
  readonly databases: { readonly spaces: (Space | undefined)[] };
  nextSpace = 0;
  /** Told how many fields of a hash were deleted because their time had come. */
  onFieldsExpired: (count: number) => void = () => undefined;
  /** Told how long work took that requests may feel, in milliseconds; undefined while nobody wants to know. */
  onLatency: ((event: string, milliseconds: number) => void) | undefined;
  /** What is looked up counts as used, so that the cache keeps it; off for a client that wants to leave no traces. */
  touches = true;
  /** Why the last group could not be written; undefined once one could (set by GroupCommit). */
  writeFailure: Error | undefined;
  readonly #views: Database[];
  #storage: Storage | undefined;
  #expired: Entry[] = [];

  constructor(options: KeyspaceOptions, clock: Clock, random: Random) {
    this.options = options;
    this.clock = clock;
    this.transaction = new Transaction(this.residents);
    this.expiry = new ExpiryQueue();
    this.loader = new Loader(this);
    this.warmer = new KeyWarmer(this);
    this.orphans = new Orphans(this.residents);
    this.runner = new Runner(this, Math.floor(random() * 0x1_0000_0000));
    this.watches = new Watches(this);
    this.ownRecords = new OwnRecords(this.transaction);
    this.residents.loads = this.loader;
    this.databases = { spaces: new Array(options.databases).fill(undefined) };
    this.names = new KeyNames(Math.floor(random() * 0x1_0000_0000) | 0);
    this.memberNames = new MemberNames(this.names);
    this.#views = this.databases.spaces.map((_, index) => new Database(this, index));
  }

  get storage(): Storage {
    if (this.#storage === undefined) throw new Error('bug: the storage is not open yet');
    return this.#storage;
  }

  /** Called once, when recovery has replayed the log. */
  attach(storage: Storage): void {
    this.#storage = storage;
    this.cut(storage.log.segment);
    this.advance(storage.checkpoint);
  }

  /** What is written from now on belongs to this segment. */
  cut(segment: number): void {
    this.residents.cut(segment);
    this.expiry.cut(segment);
  }

  /** Everything up to the segment is in the store. */
  advance(checkpoint: number): void {
    this.residents.advance(checkpoint);
    this.expiry.advance(checkpoint);
    this.orphans.advance(checkpoint);
  }

  /** The view of one database; it lives as long as the keyspace. */
  database(index: number): Database {
    const view = this.#views[index];
    if (view === undefined) throw new RangeError(`there is no database ${index}`);
    return view;
  }

  get databaseCount(): number {
    return this.#views.length;
  }

  /** The space of the database, made if this is its first write. */
  spaceForWriting(index: number): Space {
    const space = this.databases.spaces[index];
    if (space !== undefined) return space;
    const fresh = this.#makeSpace();
    this.#point(index, fresh, { drops: false, isNew: true });
    return fresh;
  }

  /** A space that never held anything. Ids are not used twice. `madeIn`: see Space. */
  newSpace(id: number, madeIn = 0): Space {
    this.nextSpace = Math.max(this.nextSpace, id + 1);
    return new Space(id, new MembershipFilter(), madeIn);
  }

  #makeSpace(): Space {
    return this.newSpace(this.nextSpace, this.residents.segment);
  }

  #point(index: number, space: Space, how: { drops: boolean; isNew: boolean }): void {
    const change = new SpaceChange(this.databases, index, space, how);
    change.apply(this.residents);
    this.transaction.add(change);
  }

  /** Removes every key of the database in O(1): it gets a new space, the old one becomes garbage. */
  flush(index: number): void {
    const before = this.databases.spaces[index];
    if (before === undefined) return;
    this.#point(index, this.#makeSpace(), { drops: true, isNew: true });
    this.transaction.effect(() => this.residents.letGo(before));
  }

  /** Exchanges what two databases hold. */
  swap(first: number, second: number): void {
    if (first === second) return;
    const before = this.spaceForWriting(first);
    this.#point(first, this.spaceForWriting(second), { drops: false, isNew: false });
    this.#point(second, before, { drops: false, isNew: false });
  }

  /** Notes a key that a read found expired, or fields of it: they are deleted by a transaction of its own after this one. */
  noteExpired(entry: Entry): void {
    if (this.#expired.at(-1) !== entry) this.#expired.push(entry);
  }

  get hasExpired(): boolean {
    return this.#expired.length > 0;
  }

  /** Keys noted since the last call. */
  takeExpired(): readonly Entry[] {
    if (this.#expired.length === 0) return NONE;
    const expired = this.#expired;
    this.#expired = [];
    return expired;
  }

  /** Does it, and tells how long it took if somebody wants to know. */
  timed(event: string, action: () => void): void {
    const { onLatency, clock } = this;
    if (onLatency === undefined) {
      action();
      return;
    }
    const start = clock.monotonic();
    action();
    onLatency(event, clock.monotonic() - start);
  }

  /** Counts memory that the transaction's changes hold. @throws CommandTooLarge above the limit */
  grow(bytes: number): void {
    this.transaction.bytes += bytes;
    this.checkChanged(this.transaction.bytes);
  }

  /** @throws CommandTooLarge if a transaction may not hold so much */
  checkChanged(bytes: number): void {
    const { options, transaction } = this;
    if (bytes > transaction.bytesMax) throw new CommandTooLarge('too much to be tried out');
    const room = changedBytesMax(options.cacheBytes);
    if (bytes <= options.transactionBytes && bytes <= room) return;
    const limit =
      room < options.transactionBytes
        ? `what cache_size leaves room for (${room} bytes)`
        : `max_transaction_size (${options.transactionBytes} bytes)`;
    throw new CommandTooLarge(`the transaction would hold more than ${limit} in memory`);
  }

  /** @throws CommandTooLarge if replies that leave together may not take so much */
  checkReplies(bytes: number): void {
    const room = loadedBytesMax(this.options.cacheBytes);
    if (bytes <= room) return;
    const limit = `what cache_size leaves room for (${room} bytes)`;
    throw new CommandTooLarge(`the transaction's replies would hold more than ${limit} in memory`);
  }

  /** @throws CommandTooLarge if a request may not load so much */
  checkLoaded(bytes: number): void {
    const room = loadedBytesMax(this.options.cacheBytes);
    if (bytes <= room) return;
    const limit = `what cache_size leaves room for (${room} bytes)`;
    throw new CommandTooLarge(`the command would load more than ${limit} into memory`);
  }
}

const NONE: readonly Entry[] = [];
