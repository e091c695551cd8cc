/**
 * Chooses among the keys in the store: reads it page by page, where it stopped the last time, for keys that are not in memory
 * (nobody used them since they left it); of keys that expire it reads the expiry index.
 */

import type { Random } from '../base/clock.js';
import {
  ExpiryKind,
  expiryRange,
  type KeyPlace,
  parseExpiryKey,
  parseKeyRecordKey,
  scanPosition,
  spaceRange,
} from '../keyspace/encoding.js';
import { SLOTS } from '../keyspace/key-name.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Policy } from './policy.js';

const PAGE_RECORDS = 1000;
const PAGE_BYTES = 1024 * 1024;
/** The range of all times. */
const TIMES = expiryRange(0, Number.MAX_SAFE_INTEGER);

export class StoredVictims {
  readonly #keyspace: Keyspace;
  readonly #random: Random;
  /** What is left of the last page. */
  #found: KeyPlace[] = [];
  /** Where the next page begins, by what is read. */
  readonly #cursors = new Map<string, string>();

  constructor(keyspace: Keyspace, random: Random) {
    this.#keyspace = keyspace;
    this.#random = random;
  }

  /** The policy is another: who was found for the old one is not for the new. */
  forget(): void {
    this.#found = [];
  }

  /**
   * So many keys, or fewer: of the next page those that are not in memory, or with `evenResident` all. May be none though
   * there are some further on.
   */
  async next(policy: Policy, count: number, evenResident: boolean): Promise<KeyPlace[]> {
    if (this.#found.length === 0) {
      const places = policy.isVolatile ? await this.#timedPage() : await this.#keyPage(policy);
      this.#found = policy.order === 'random' ? shuffled(places, this.#random) : places;
    }
    const chosen: KeyPlace[] = [];
    while (chosen.length < count) {
      const place = this.#found.pop();
      if (place === undefined) break;
      if (evenResident || this.#isCold(place)) chosen.push(place);
    }
    return chosen;
  }

  async #keyPage({ order }: Policy): Promise<KeyPlace[]> {
    const space = this.#spaceWithMostCold();
    if (space === undefined) return [];
    const { from, to } = spaceRange('m', space);
    const start = order === 'random' ? this.#randomPosition(space) : this.#cursors.get(from);
    const { keys, done } = await this.#range(start ?? from, to);
    if (keys.length === 0 && start !== from)
      return (await this.#range(from, to)).keys.map(parseKeyRecordKey);
    this.#cursors.set(from, (done ? undefined : after(keys)) ?? from);
    return keys.map(parseKeyRecordKey);
  }

  #randomPosition(space: number): string {
    return scanPosition(space, Math.floor(this.#random() * SLOTS), 0);
  }

  #spaceWithMostCold(): number | undefined {
    let most = 0;
    let found: number | undefined;
    for (const space of this.#keyspace.databases.spaces) {
      if (space === undefined || space.count - space.residentKeys <= most) continue;
      most = space.count - space.residentKeys;
      found = space.id;
    }
    return found;
  }

  async #timedPage(): Promise<KeyPlace[]> {
    const { from, to } = TIMES;
    const { keys, done } = await this.#range(this.#cursors.get(from) ?? from, to);
    this.#cursors.set(from, (done ? undefined : after(keys)) ?? from);
    return keys
      .map(parseExpiryKey)
      .filter(isOfKey)
      .map(({ place }) => place);
  }

  #range(from: string, to: string) {
    const { storage } = this.#keyspace;
    return storage.range({ from, to, maxRecords: PAGE_RECORDS, maxBytes: PAGE_BYTES });
  }

  #isCold(place: KeyPlace): boolean {
    const space = this.#keyspace.databases.spaces.find((each) => each?.id === place.space);
    return space !== undefined && space.resident(place) === undefined;
  }
}

function isOfKey({ kind }: { readonly kind: number }): boolean {
  return kind === ExpiryKind.key;
}

function shuffled(places: readonly KeyPlace[], random: Random): KeyPlace[] {
  const ranked = places.map((place) => ({ place, rank: random() }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ place }) => place);
}

/** Where what follows the keys begins. */
function after(keys: readonly string[]): string | undefined {
  const last = keys[keys.length - 1];
  return last === undefined ? undefined : `${last}\0`;
}
