/**
 * Client-side caching: clients that have read keys, or that want to hear of keys with a prefix, are told when these
 * change. The list of changes tells which keys do, whatever the reason: commands, expiry, eviction by maxmemory. Like
 * messages, invalidations go out at the commit: after what the client was told before, and before what it reads then.
 */

import { MultiMap } from '../base/multi-map.js';
import type { Tracking, TrackingClient, TrackingOptions } from '../commands/tracking.js';
import type { Config } from '../config/config.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { CommitListener, Runner } from '../keyspace/runner.js';
import type { Transaction } from '../keyspace/transaction.js';
import { Invalidation, Registration } from './invalidation.js';

const ALL_KEYS = [''] as const;
const NONE: ReadonlyMap<string, number> = new Map();

/** Keys that the running transaction has told a client of, and how many changes came before. */
interface Read {
  readonly reader: Registration;
  readonly keys: readonly string[];
  readonly place: number;
}

/** Who was told of a key, and so has left the table. */
type Told = readonly [key: string, reader: Registration];

export class ClientTracking implements Tracking, CommitListener {
  readonly #transaction: Transaction;
  readonly #runner: Runner;
  readonly #config: Config;
  readonly #registrations = new Set<Registration>();
  /** Which clients have read which keys, since they were last told of them. */
  #readers = new MultiMap<string, Registration>();
  readonly #byPrefix = new MultiMap<string, Registration>();
  #reads: Read[] = [];
  /** Whose request runs, if that is not to hear of what it changes. */
  #actor: TrackingClient | undefined;

  constructor({ transaction, runner }: Keyspace, config: Config) {
    this.#transaction = transaction;
    this.#runner = runner;
    this.#config = config;
    config.onChange('limits.trackedKeys', () => this.#atCommit(() => this.#trim()));
  }

  get clients(): number {
    return this.#registrations.size;
  }

  get keys(): number {
    return this.#readers.size;
  }

  get items(): number {
    return this.#readers.pairs;
  }

  get prefixes(): number {
    return this.#byPrefix.size;
  }

  /** What it has read so far stays remembered if tracking was on. */
  enable(client: TrackingClient, options: TrackingOptions, prefixes: readonly string[]): void {
    const before = client.tracking as Registration | undefined;
    const added = options.broadcasts && prefixes.length === 0 ? ALL_KEYS : prefixes;
    const all = [...new Set([...(before?.prefixes ?? []), ...added])];
    this.#replace(client, new Registration(client, options, options.broadcasts ? all : []));
  }

  disable(client: TrackingClient): void {
    if (client.tracking !== undefined) this.#replace(client, undefined);
  }

  leave(client: TrackingClient): void {
    if (client.tracking !== undefined) this.#put(client, undefined);
  }

  #replace(client: TrackingClient, after: Registration | undefined): void {
    const before = client.tracking as Registration | undefined;
    this.#transaction.onUndo(() => this.#put(client, before));
    this.#put(client, after);
  }

  #put(client: TrackingClient, after: Registration | undefined): void {
    const before = client.tracking as Registration | undefined;
    if (before !== undefined) this.#remove(before);
    client.tracking = client.leaves ? undefined : after;
    if (after !== undefined && !client.leaves) this.#add(after);
    this.#runner.listen(this, this.#registrations.size > 0);
  }

  #add(registration: Registration): void {
    this.#registrations.add(registration);
    for (const prefix of registration.prefixes) this.#byPrefix.add(prefix, registration);
  }

  #remove(registration: Registration): void {
    this.#registrations.delete(registration);
    for (const prefix of registration.prefixes) this.#byPrefix.delete(prefix, registration);
  }

  remember(client: TrackingClient, keys: readonly string[]): void {
    const reader = client.tracking as Registration | undefined;
    if (reader === undefined) return;
    this.#reads.push({ reader, keys, place: this.#transaction.place });
    if (this.#reads.length > 1) return;
    this.#transaction.onUndo(() => {
      this.#reads = [];
    });
  }

  changes(client: TrackingClient): void {
    const actor = (client.tracking as Registration).client;
    if (this.#actor === actor) return;
    this.#actor = actor;
    this.#transaction.onUndo(() => {
      this.#actor = undefined;
    });
  }

  flushed(): void {
    const before = this.#readers;
    let isDone = false;
    this.#transaction.onUndo(() => {
      if (isDone) this.#readers = before;
    });
    this.#transaction.message(() => {
      isDone = true;
      this.#readers = new MultiMap<string, Registration>();
      const everything = new Invalidation(undefined);
      for (const registration of this.#registrations) registration.send(everything);
    });
  }

  /** Forgets the oldest keys if there are too many: to whoever has read them they count as changed. */
  #trim(): readonly Told[] {
    const most = this.#config.values.limits.trackedKeys;
    if (most === 0 || this.#readers.size <= most) return [];
    const oldest = this.#readers.oldest(this.#readers.size - most);
    return oldest.flatMap((key) => this.#tellReaders(key, undefined));
  }

  /** What is told goes with the turn: if that is undone, who would have been told is still to be. */
  #atCommit(tell: () => readonly Told[]): void {
    let told: readonly Told[] = [];
    this.#transaction.onUndo(() => {
      for (const [key, reader] of told) this.#readers.add(key, reader);
    });
    this.#transaction.message(() => {
      told = tell();
    });
  }

  committing(transaction: Transaction): void {
    const [reads, actor] = [this.#reads, this.#actor];
    this.#reads = [];
    this.#actor = undefined;
    const changes = transaction.hasChanges ? transaction.lastChanges() : NONE;
    if (reads.length === 0 && changes.size === 0) return;
    this.#atCommit(() => {
      const told = [...changes.keys()].flatMap((key) => this.#tellReaders(key, actor));
      this.#broadcast(changes.keys(), actor);
      for (const read of reads) this.#enter(read, changes, actor);
      return [...told, ...this.#trim()];
    });
  }

  /** Who was told of it. */
  #tellReaders(key: string, actor: TrackingClient | undefined): Told[] {
    if (!this.#readers.has(key)) return [];
    const readers = this.#readers.take(key).filter((reader) => this.#registrations.has(reader));
    this.#tell(readers, [key], actor);
    return readers.map((reader) => [key, reader] as const);
  }

  /** One invalidation for each prefix, with all its keys. */
  #broadcast(changed: Iterable<string>, actor: TrackingClient | undefined): void {
    if (this.#byPrefix.size === 0) return;
    const keys = [...changed];
    for (const prefix of this.#byPrefix.keys()) {
      const concerned = keys.filter((key) => key.startsWith(prefix));
      if (concerned.length > 0) this.#tell(this.#byPrefix.get(prefix), concerned, actor);
    }
  }

  /** What the transaction has changed after it was read is not what the client has. */
  #enter(
    { reader, keys, place }: Read,
    changes: ReadonlyMap<string, number>,
    actor: TrackingClient | undefined,
  ): void {
    for (const key of keys) {
      const isCurrent = (changes.get(key) ?? -1) < place;
      if (isCurrent) this.#readers.add(key, reader);
      else this.#tell([reader], [key], actor);
    }
  }

  #tell(
    registrations: Iterable<Registration>,
    keys: readonly string[],
    actor: TrackingClient | undefined,
  ): void {
    const invalidation = new Invalidation(keys);
    for (const registration of registrations) {
      const isOwn = registration.noLoop && registration.client === actor;
      if (!isOwn) registration.send(invalidation);
    }
  }
}
