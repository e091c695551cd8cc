/**
 * Deletes keys while the dataset is larger than `maxmemory`, as the policy says: each by a transaction of its own, some before
 * each request and after each turn, so that none is long. What is in memory is deleted at once; the rest is looked for in the
 * store, and writers wait if that is too slow for them.
 */

import type { Random } from '../base/clock.js';
import type { Logger } from '../base/log.js';
import { yieldTurn } from '../base/yield-turn.js';
import type { KeyPlace } from '../keyspace/encoding.js';
import type { Entry } from '../keyspace/entry.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { type ClientSizes, MemoryLimit, type MemorySettings } from './memory-limit.js';
import type { Policy } from './policy.js';
import { ResidentVictims } from './resident-victims.js';
import { SoonestVictims } from './soonest-victims.js';
import { StoredVictims } from './stored-victims.js';

/**
 * How long requests wait at once for what is deleted before them, in milliseconds; then they come in between. This is by default;
 * tenacity makes it less, or more by as much a step as in Redis.
 */
const SLICE_MS = 1;
const USUAL_TENACITY = 10;
const TENACITY_STEP = 1.15;
const ENDLESS_TENACITY = 100;
/** Keys deleted between two looks at the clock. */
const KEYS_PER_LOOK = 8;
/** Keys from the store that are deleted together: their headers are loaded in one message. */
const BATCH = 200;
/** Once so many pages have brought nothing, it is left to the next request or look. */
const FRUITLESS_PAGES = 64;
/** The limit may be passed by this before writers wait: a share of it, and at least so many bytes. */
const SLACK_SHARE = 1 / 64;
const SLACK_BYTES = 1024 * 1024;
/** If fewer of the keys are out of memory, they are not worth the search. */
const COLD_SHARE = 1 / 16;

export interface EvictorParts {
  readonly keyspace: Keyspace;
  readonly settings: MemorySettings;
  readonly clientSizes: ClientSizes;
  readonly logger: Logger;
  readonly random: Random;
  /** Called for each key deleted. */
  readonly onEvicted: () => void;
}

export class Evictor {
  readonly limit: MemoryLimit;
  /** While clients are paused nothing is deleted. */
  paused = false;
  readonly #parts: EvictorParts;
  readonly #residents: ResidentVictims;
  readonly #stored: StoredVictims;
  readonly #soonest: SoonestVictims;
  #search: Promise<void> | undefined;
  #fruitless = 0;
  /** Keys that are being deleted, but not yet. */
  #underWay = 0;

  constructor(parts: EvictorParts) {
    this.#parts = parts;
    const { keyspace, random, settings, clientSizes } = parts;
    this.limit = new MemoryLimit(keyspace, settings, clientSizes);
    this.#residents = new ResidentVictims(keyspace, random);
    this.#stored = new StoredVictims(keyspace, random);
    this.#soonest = new SoonestVictims(keyspace);
  }

  /** The policy is another. */
  forget(): void {
    this.#residents.forget();
    this.#stored.forget();
  }

  /** To be called between two requests: deletes for a moment if the limit is passed, and goes on later if that did not do. */
  relieve(): void {
    const { limit } = this;
    if (this.#excess <= 0) {
      limit.exceeded.note(false);
      return;
    }
    if (this.#mayDelete) this.#parts.keyspace.timed('eviction-cycle', () => this.#deleteSome());
    limit.look();
  }

  #deleteSome(): void {
    const { limit } = this;
    const { clock } = this.#parts.keyspace;
    const until = clock.monotonic() + sliceOf(limit.settings.tenacity);
    do {
      for (let i = 0; i < KEYS_PER_LOOK; i++) {
        if (this.#excess <= 0) return;
        if (this.#deleteResident(limit.policy)) continue;
        this.#startSearch();
        return;
      }
    } while (clock.monotonic() < until);
    this.#startSearch();
  }

  /** Whether writers are to wait: keys are deleted more slowly than they bring more. */
  get isLate(): boolean {
    const { limit } = this;
    const slack = Math.max(SLACK_BYTES, limit.settings.maxMemory * SLACK_SHARE);
    return limit.excess > slack && limit.canEvict;
  }

  /** Resolves when what can be done for now has been done. */
  room(): Promise<void> {
    this.#startSearch();
    return this.#search ?? Promise.resolve();
  }

  /** What is left once those have gone that are under way. */
  get #excess(): number {
    const { limit } = this;
    return this.#underWay === 0 ? limit.excess : limit.excess - this.#underWay * limit.meanKeyBytes;
  }

  get #mayDelete(): boolean {
    const { limit } = this;
    const { keyspace } = this.#parts;
    const { writeFailure, storage, runner } = keyspace;
    if (
      this.paused ||
      runner.isSuspended ||
      writeFailure !== undefined ||
      storage.log.failure !== undefined
    )
      return false;
    return limit.canEvict;
  }

  /** Deletes a key that is in memory; false if there is none, or others are to go first. */
  #deleteResident(policy: Policy | undefined): boolean {
    if (policy === undefined) return false;
    if (policy.order === 'ttl') return this.#deleteSoonest();
    if (this.#prefersCold(policy)) return false;
    const entry = this.#residents.next(policy, this.limit.settings.samples);
    // Where few keys expire, chance hardly finds one: then it is the one that does so first.
    if (entry === undefined) return policy.isVolatile && this.#deleteSoonest();
    this.#deleteEntry(entry);
    return true;
  }

  #deleteSoonest(): boolean {
    const entry = this.#soonest.takeResident();
    if (entry === undefined) return false;
    this.#deleteEntry(entry);
    return true;
  }

  /** What left the memory was used before anything that is in it; by chance each has its share. */
  #prefersCold({ order }: Policy): boolean {
    if (this.#fruitless > 0) return false;
    let keys = 0;
    let residents = 0;
    for (const space of this.#parts.keyspace.databases.spaces) {
      keys += space?.count ?? 0;
      residents += space?.residentKeys ?? 0;
    }
    const share = 1 - residents / Math.max(1, keys);
    return order === 'random' ? this.#parts.random() < share : share >= COLD_SHARE;
  }

  #startSearch(): void {
    this.#search ??= this.#runSearch();
  }

  /** Never rejects. */
  async #runSearch(): Promise<void> {
    const { limit } = this;
    const { logger } = this.#parts;
    const { clock } = this.#parts.keyspace;
    try {
      for (let pages = 0; pages < FRUITLESS_PAGES; ) {
        await yieldTurn();
        if (limit.excess <= 0 || !this.#mayDelete) break;
        const start = clock.monotonic();
        pages = (await this.#step(limit.policy)) ? 0 : pages + 1;
        this.#parts.keyspace.onLatency?.('eviction-cycle', clock.monotonic() - start);
      }
    } catch (error) {
      logger.warn({ err: error }, 'eviction failed; it goes on with the next request');
    } finally {
      this.#search = undefined;
      this.#fruitless = 0;
      limit.look();
    }
  }

  /** Deletes some keys; false if it found none. */
  async #step(policy: Policy | undefined): Promise<boolean> {
    if (policy === undefined) return false;
    let deleted = 0;
    while (deleted < KEYS_PER_LOOK && this.limit.excess > 0 && this.#deleteResident(policy)) {
      deleted++;
    }
    if (deleted > 0) return true;
    const places = await this.#choose(policy);
    this.#fruitless = places.length > 0 ? 0 : this.#fruitless + 1;
    await this.#deleteAll(places, policy);
    return places.length > 0;
  }

  #choose(policy: Policy): Promise<readonly KeyPlace[]> {
    const { limit } = this;
    const count = Math.min(BATCH, Math.max(1, Math.ceil(limit.excess / limit.meanKeyBytes)));
    // After a page without one that is cold, and no resident that may go: any will do.
    const takesAny = this.#fruitless > 1;
    if (policy.order === 'ttl' || (policy.isVolatile && takesAny)) return this.#soonest.take(count);
    return this.#stored.next(policy, count, takesAny);
  }

  #deleteEntry(entry: Entry): void {
    const { keyspace } = this.#parts;
    const index = keyspace.databases.spaces.indexOf(entry.home);
    if (index < 0) return;
    const run = (): void => {
      keyspace.database(index).evictEntry(entry);
    };
    keyspace.timed('eviction-del', () => this.#note(keyspace.runner.run({ run })));
    this.#parts.onEvicted();
  }

  /** A listener to the commit may have had to load something. */
  #note(outcome: unknown): void {
    if (!(outcome instanceof Promise)) return;
    outcome.catch((error) => {
      this.#parts.logger.warn({ err: error }, 'a key could not be evicted');
    });
  }

  async #deleteAll(places: readonly KeyPlace[], policy: Policy): Promise<void> {
    const { logger, onEvicted } = this.#parts;
    this.#underWay = places.length;
    const outcomes = places.map((place) => this.#deletePlace(place, policy));
    for (const outcome of await Promise.allSettled(outcomes)) {
      if (outcome.status === 'rejected') {
        logger.warn({ err: outcome.reason }, 'a key could not be evicted');
      } else if (outcome.value) onEvicted();
    }
  }

  async #deletePlace(place: KeyPlace, { isVolatile }: Policy): Promise<boolean> {
    const { keyspace } = this.#parts;
    const run = (): boolean => {
      const { spaces } = keyspace.databases;
      const index = spaces.findIndex((space) => space?.id === place.space);
      return index >= 0 && keyspace.database(index).evict(place, isVolatile);
    };
    try {
      return await keyspace.runner.run({ run });
    } finally {
      this.#underWay--;
    }
  }
}

function sliceOf(tenacity: number): number {
  if (tenacity >= ENDLESS_TENACITY) return Number.POSITIVE_INFINITY;
  if (tenacity <= USUAL_TENACITY) return (SLICE_MS * tenacity) / USUAL_TENACITY;
  return SLICE_MS * TENACITY_STEP ** (tenacity - USUAL_TENACITY);
}
