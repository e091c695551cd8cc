/**
 * `maxmemory` under random writes, with a cache far too small, folds, evictions from the cache and kills between them: a key is as it
 * was written or it is gone, only keys that may go are, and in the end the limit holds.
 *
 * SEED=n begins with that seed, DISKDB_MODEL_ROUNDS=n runs more of them, DISKDB_MODEL_STEPS=n longer ones.
 */

import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../src/storage/store/memory-store.js';
import { decodeReply, type ErrorReply, type Reply } from '../support/decode-reply.js';
import { seed as firstSeed } from '../support/seed.js';
import { type ModelClient, ModelServer } from './model-server.js';

const ROUNDS = Number(process.env.DISKDB_MODEL_ROUNDS ?? 1);
const STEPS = Number(process.env.DISKDB_MODEL_STEPS ?? 400);
const seeds = Array.from({ length: ROUNDS }, (_, i) => firstSeed + i);

const KEYS = 120;
const LIMIT = 1024 * 1024 + 60_000;

const POLICIES = [
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
];

/** What was acknowledged of a key. */
interface Known {
  readonly value: string;
  readonly expires: boolean;
}

class EvictionRun {
  readonly #server: ModelServer;
  readonly #policy: string;
  readonly #known = new Map<string, Known>();
  #state: number;
  evicted = 0;

  private constructor(server: ModelServer, policy: string, seed: number) {
    this.#server = server;
    this.#policy = policy;
    this.#state = seed | 0;
  }

  static async open(policy: string, seed: number): Promise<EvictionRun> {
    const server = await ModelServer.open({
      ...{ cacheBytes: 40_000, maxLogSize: 100_000, sync: 'no', databases: 1, clients: 1 },
      ...{ store: new MemoryStore(), compression: 'none', seed },
    });
    const run = new EvictionRun(server, policy, seed);
    await run.#configure();
    return run;
  }

  /** What is set at run time is gone with the process. */
  async #configure(): Promise<void> {
    await this.#ask('CONFIG', 'SET', 'maxmemory-policy', this.#policy, 'maxmemory', String(LIMIT));
  }

  async play(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) await this.#step();
    await this.#settle();
    await this.#verify();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #step(): Promise<void> {
    const chance = this.#integer(100);
    const key = `k${this.#integer(KEYS)}`;
    this.#server.clock.milliseconds += this.#integer(2000);
    if (chance < 60) await this.#set(key);
    else if (chance < 80) await this.#read(key);
    else if (chance < 88) await this.#delete(key);
    else if (chance < 92) await this.#server.fold();
    else if (chance < 97) this.#server.keyspace.residents.evictAll();
    else await this.#startAgain(chance === 99);
  }

  async #startAgain(isKilled: boolean): Promise<void> {
    if (isKilled) await this.#server.crash(() => true);
    else await this.#server.restart(this.#integer(2) === 0);
    await this.#configure();
  }

  async #set(key: string): Promise<void> {
    const value = 'x'.repeat(this.#integer(2500));
    const expires = this.#integer(3) > 0;
    const times = expires ? ['EX', String(1_000_000 + this.#integer(1_000_000))] : [];
    const reply = await this.#ask('SET', key, value, ...times);
    if (reply === 'OK') this.#known.set(key, { value, expires });
    else expect((reply as ErrorReply).message).toMatch(/^OOM /);
  }

  async #delete(key: string): Promise<void> {
    await this.#ask('DEL', key);
    this.#known.delete(key);
  }

  async #read(key: string): Promise<void> {
    const value = await this.#ask('GET', key);
    const known = this.#known.get(key);
    if (value !== null || known === undefined) {
      expect(value).toBe(known?.value ?? null);
      return;
    }
    expect(known.expires || this.#policy.startsWith('allkeys')).toBe(true);
    this.#known.delete(key);
    this.evicted++;
  }

  async #settle(): Promise<void> {
    for (let i = 0; i < 500 && this.#excess > 0; i++) {
      await this.#ask('PING');
      await this.#server.quiet();
    }
    const { evictor } = this.#server;
    expect(this.#excess <= 0 || !evictor.limit.canEvict).toBe(true);
  }

  get #excess(): number {
    return this.#server.evictor.limit.excess;
  }

  async #verify(): Promise<void> {
    let keys = 0;
    for (let i = 0; i < KEYS; i++) {
      await this.#read(`k${i}`);
      if (this.#known.has(`k${i}`)) keys++;
    }
    expect(await this.#ask('DBSIZE')).toBe(keys);
    expect(this.evicted).toBeGreaterThan(0);
    expect(await this.#server.audit()).toEqual([]);
    await this.#ask('FLUSHALL');
    expect(this.#server.keyspace.residents.datasetBytes).toBe(0);
  }

  async #ask(...args: string[]): Promise<Reply> {
    const client = this.#server.clients[0] as ModelClient;
    const [reply = ''] = await client.pipeline([args]);
    return decodeReply(Buffer.from(reply, 'latin1'));
  }

  #integer(below: number): number {
    this.#state = (Math.imul(this.#state, 0x0019_660d) + 0x3c6e_f35f) | 0;
    return Math.floor(((this.#state >>> 0) / 0x1_0000_0000) * below);
  }
}

describe.each(POLICIES)('%s', (policy) => {
  test.each(seeds)(
    'seed %i',
    async (seed) => {
      const run = await EvictionRun.open(policy, seed);
      try {
        await run.play(STEPS);
      } finally {
        await run.close();
      }
    },
    120_000,
  );
});
