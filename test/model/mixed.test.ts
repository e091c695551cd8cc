/**
 * Random requests over all types, with a cache far too small, folds, evictions and kills between them: the same replies
 * and the same data as redis-server, and as a server of ours that has all in memory and is never stopped.
 *
 * SEED=n begins with that seed, DISKDB_MODEL_ROUNDS=n runs more of them, DISKDB_MODEL_STEPS=n longer ones.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { LeveldbStore } from '../../src/storage/store/leveldb-store.js';
import { MemoryStore } from '../../src/storage/store/memory-store.js';
import { RedisOracle } from '../support/redis-oracle.js';
import { seed as firstSeed } from '../support/seed.js';
import { type Server, startServer } from '../support/server.js';
import { type NextRequests, nextOfAll, nextOfRedis } from './mixed-commands.js';
import { type Peer, RedisPeer, ResidentPeer } from './mixed-peer.js';
import { MixedRun } from './mixed-run.js';
import type { ModelServerOptions } from './model-server.js';

const ROUNDS = Number(process.env.DISKDB_MODEL_ROUNDS ?? 1);
const STEPS = Number(process.env.DISKDB_MODEL_STEPS ?? 120);

type Options = Pick<ModelServerOptions, 'cacheBytes' | 'maxLogSize' | 'store' | 'compression'>;

const directories: string[] = [];

function leveldb(): LeveldbStore {
  const directory = mkdtempSync(join(tmpdir(), 'diskdb-mixed-'));
  directories.push(directory);
  return new LeveldbStore(directory, { writeBufferBytes: 1 << 20, blockCacheBytes: 1 << 20 });
}

const VARIANTS: Readonly<Record<string, () => Options>> = {
  'LevelDB, a tiny cache': () => ({
    cacheBytes: 150_000,
    maxLogSize: 300_000,
    store: leveldb(),
    compression: 'lz4',
  }),
  'memory, a tiny cache': () => ({
    cacheBytes: 50_000,
    maxLogSize: 200_000,
    store: new MemoryStore(),
    compression: 'none',
  }),
  'all resident, but for restarts': () => ({
    cacheBytes: 1 << 30,
    maxLogSize: 1 << 30,
    store: new MemoryStore(),
    compression: 'none',
  }),
};

const seeds = Array.from({ length: ROUNDS }, (_, i) => firstSeed + i);

async function play(options: Options, peer: Peer, next: NextRequests, seed: number): Promise<void> {
  const run = await MixedRun.open(options, peer, next, seed);
  try {
    await run.play(STEPS);
  } finally {
    await run.close();
  }
}

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let redis: Server;

  beforeAll(async () => {
    redis = await startServer('redis', { sync: 'no' });
  });

  afterAll(async () => {
    await redis?.stop();
  });

  for (const [name, options] of Object.entries(VARIANTS)) {
    test.each(seeds)(
      `${name}: seed %i`,
      async (seed) => {
        await play(options(), await RedisPeer.open(redis.port), nextOfRedis, seed);
      },
      600_000,
    );
  }
});

describe('as a server that has all in memory', () => {
  for (const [name, options] of Object.entries(VARIANTS)) {
    test.each(seeds)(
      `${name}: seed %i`,
      async (seed) => {
        await play(options(), await ResidentPeer.open(seed), nextOfAll, seed);
      },
      600_000,
    );
  }
});
