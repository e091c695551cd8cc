/**
 * Chooses among the keys in memory: looks at some by chance, and of all that it has looked at of late takes the one that was
 * not used for longest, or was used least. The same approximation as Redis's, which keeps the best sixteen it has seen.
 */

import type { Random } from '../base/clock.js';
import type { Entry } from '../keyspace/entry.js';
import { expireAtOf, NEVER } from '../keyspace/header.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Space } from '../keyspace/space.js';
import type { Policy } from './policy.js';

const POOL_SIZE = 16;
/** Residents looked at for one that may go: what is resident of keys that are gone may not, nor keys without a time. */
const TRIES_PER_SAMPLE = 32;

export class ResidentVictims {
  readonly #keyspace: Keyspace;
  readonly #random: Random;
  #pool: Entry[] = [];

  constructor(keyspace: Keyspace, random: Random) {
    this.#keyspace = keyspace;
    this.#random = random;
  }

  /** The policy is another: who was chosen by the old one is not by the new. */
  forget(): void {
    this.#pool = [];
  }

  /** An entry whose key is to go; undefined if none was found among so many samples. */
  next(policy: Policy, samples: number): Entry | undefined {
    if (policy.order === 'random') return this.#sample(policy);
    for (let i = 0; i < samples; i++) {
      const entry = this.#sample(policy);
      if (entry !== undefined && !this.#pool.includes(entry)) this.#pool.push(entry);
    }
    return this.#takeWorst(policy);
  }

  #takeWorst(policy: Policy): Entry | undefined {
    const ranked = this.#pool
      .filter((entry) => this.#mayGo(entry, policy))
      .map((entry) => ({ entry, rank: this.#rank(entry, policy) }))
      .sort((a, b) => b.rank - a.rank);
    const worst = ranked.shift();
    this.#pool = ranked.slice(0, POOL_SIZE).map(({ entry }) => entry);
    return worst?.entry;
  }

  /** The higher, the sooner it goes. */
  #rank(entry: Entry, { order }: Policy): number {
    const { usage } = this.#keyspace.residents;
    return order === 'lfu' ? -usage.frequency(entry) : usage.idleSeconds(entry);
  }

  #sample(policy: Policy): Entry | undefined {
    const space = this.#chooseSpace(policy);
    for (let i = 0; space !== undefined && i < TRIES_PER_SAMPLE; i++) {
      const entry = space.randomResident(this.#random);
      if (entry !== undefined && this.#mayGo(entry, policy)) return entry;
    }
    return undefined;
  }

  /** In proportion to the keys that may go. */
  #chooseSpace(policy: Policy): Space | undefined {
    const { spaces } = this.#keyspace.databases;
    let keys = 0;
    for (const space of spaces) keys += weight(space, policy);
    let left = this.#random() * keys;
    for (const space of spaces) {
      left -= weight(space, policy);
      if (left < 0) return space;
    }
    return undefined;
  }

  #mayGo(entry: Entry, { isVolatile }: Policy): boolean {
    const { record, home } = entry;
    if (record === undefined || home.dropped) return false;
    if (isVolatile && expireAtOf(record) === NEVER) return false;
    // It may have left the memory since it was looked at.
    return home.resident(entry)?.record === record;
  }
}

function weight(space: Space | undefined, { isVolatile }: Policy): number {
  if (space === undefined) return 0;
  return isVolatile ? Math.min(space.expiries.count, space.residentKeys) : space.residentKeys;
}
