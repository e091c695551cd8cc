/**
 * `maxmemory`: how much is used of it, and what is refused at its end. What counts is the dataset, in memory or not, with
 * what clients make the server keep; the process takes less when most of the dataset is on disk only, and more for itself.
 */

import type { Keyspace } from '../keyspace/keyspace.js';
import { ExceededTime } from './exceeded-time.js';
import { type Policy, type PolicyName, policyOf } from './policy.js';

/** What an empty server is taken to use, in bytes: about what Redis does, so that limits mean the same to both. */
export const SERVER_BYTES = 1024 * 1024;
/**
 * How long the sum over all clients holds, in milliseconds: at least this, so that what an eviction makes the server send (invalidations)
 * has left before it is looked at and does not lead to the next; and …
 */
const CLIENTS_MS = 100;
/** … so much more for each client: it is not to cost more than a hundredth of the time. */
const CLIENT_MS = 0.05;

/** Redis's text. */
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

export interface MemorySettings {
  /** In bytes; 0: no limit. */
  readonly maxMemory: number;
  readonly policy: PolicyName;
  /** Keys that are looked at to find one to delete. */
  readonly samples: number;
  /** How long requests wait at once for what is deleted before them: 0 to 100, as Redis has it. */
  readonly tenacity: number;
}

/** What each client makes the server keep, in bytes: requests that are incomplete or queued, replies that wait. */
export type ClientSizes = () => Iterable<number>;

export class MemoryLimit {
  readonly settings: MemorySettings;
  readonly exceeded: ExceededTime;
  readonly #keyspace: Keyspace;
  readonly #clientSizes: ClientSizes;
  #clientBytes = 0;
  #clientsUntil = 0;
  #freshUntil = 0;

  constructor(keyspace: Keyspace, settings: MemorySettings, clientSizes: ClientSizes) {
    this.#keyspace = keyspace;
    this.settings = settings;
    this.exceeded = new ExceededTime(keyspace.clock);
    this.#clientSizes = clientSizes;
  }

  /** Whether there is a limit: without one nothing else here needs to be asked. */
  get isOn(): boolean {
    return this.settings.maxMemory > 0;
  }

  get policy(): Policy | undefined {
    return policyOf(this.settings.policy);
  }

  /** What the clients make the server keep, in bytes. */
  get clientBytes(): number {
    const now = this.#keyspace.clock.monotonic();
    if (now >= this.#clientsUntil) this.#sumClients(now);
    return this.#clientBytes;
  }

  /** What is compared with `maxmemory`, in bytes: INFO's used_memory. */
  get used(): number {
    return SERVER_BYTES + this.#keyspace.residents.datasetBytes + this.clientBytes;
  }

  /** By how much the limit is passed; 0 or less: it is not. */
  get excess(): number {
    return this.isOn ? this.used - this.settings.maxMemory : 0;
  }

  /** Notes whether the limit is passed now. */
  look(): void {
    this.exceeded.note(this.excess > 0);
  }

  /** Whether any key may be deleted to make room. */
  get canEvict(): boolean {
    const { policy } = this;
    if (policy === undefined) return false;
    return this.#keyspace.databases.spaces.some((space) => {
      if (space === undefined) return false;
      return (policy.isVolatile ? space.expiries.count : space.count) > 0;
    });
  }

  /**
   * The limit is passed, and nothing can be done about it: commands that may need memory (denyoom) are refused. Not for
   * what clients kept that have gone since they were looked at.
   */
  get isFull(): boolean {
    if (this.excess <= 0 || this.canEvict) return false;
    const now = this.#keyspace.clock.monotonic();
    if (now >= this.#freshUntil) this.#sumClients(now);
    return this.excess > 0;
  }

  /** Of keys that could be deleted to make room, how large one is, in bytes. */
  get meanKeyBytes(): number {
    let keys = 0;
    for (const space of this.#keyspace.databases.spaces) keys += space?.count ?? 0;
    return Math.max(1, this.#keyspace.residents.datasetBytes / Math.max(1, keys));
  }

  #sumClients(now: number): void {
    let clients = 0;
    this.#clientBytes = 0;
    for (const bytes of this.#clientSizes()) {
      clients++;
      this.#clientBytes += bytes;
    }
    this.#freshUntil = now + clients * CLIENT_MS;
    this.#clientsUntil = this.#freshUntil + CLIENTS_MS;
  }
}
