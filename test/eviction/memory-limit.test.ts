/** What is used of `maxmemory`, and when nothing more can be taken. */

import { afterEach, expect, test } from 'vitest';
import { MemoryLimit, SERVER_BYTES } from '../../src/eviction/memory-limit.js';
import { World } from '../keyspace/world.js';

let world: World;

afterEach(() => world.close());

test('what clients kept that have gone refuses nothing, though their sizes are summed only now and then', async () => {
  world = await World.open();
  const sizes = [5_000_000, 5_000_000];
  const settings = {
    maxMemory: SERVER_BYTES + 1_000_000,
    policy: 'noeviction',
    samples: 5,
    tenacity: 10,
  } as const;
  const limit = new MemoryLimit(world.keyspace, settings, () => sizes);
  expect(limit.isFull).toBe(true);
  sizes.length = 0;
  world.clock.milliseconds += 1;
  expect(limit.excess).toBe(9_000_000);
  expect(limit.isFull).toBe(false);
  expect(limit.used).toBe(SERVER_BYTES);
});
