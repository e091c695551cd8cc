/** Requests that read much of cold collections: they end, after few attempts, and others wait little for them. */

import { afterEach, expect, test } from 'vitest';
import { tableRange } from '../../src/keyspace/collection.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { putCollection, World } from './world.js';

const TABLE = 2;

let world: World;

afterEach(() => world.close());

async function openCold(
  sizes: Readonly<Record<string, number>>,
  value: string,
  cacheBytes = 1 << 30,
) {
  world = await World.open({ cacheBytes });
  for (const [key, size] of Object.entries(sizes)) {
    const records = Array.from({ length: size }, (_, i) => [`\x02${i}`, value]);
    await world.turn((db) => putCollection(db, key, Object.fromEntries(records)));
    await world.chill();
  }
}

function countAll(db: Database, key: string): number {
  return db.scanData(db.entry(key) as Entry, tableRange(TABLE)).length;
}

/** Bytes that were read by blocking calls at a stretch, one number for each attempt. */
function watchBlocking(): number[] {
  const stretches = [0];
  const read = world.storage.rangeSync.bind(world.storage);
  world.storage.rangeSync = (query) => {
    const page = read(query);
    stretches.push((stretches.pop() ?? 0) + page.values.join('').length);
    return page;
  };
  world.storage.beforeRange = async () => void stretches.push(0);
  return stretches;
}

test('an escalated request reads only a part of a long range by blocking calls', async () => {
  await openCold({ a: 5, b: 5, c: 5, d: 5, large: 8000 }, 'x'.repeat(1000));
  const stretches = watchBlocking();
  const total = await world.run((db) => {
    for (const key of ['a', 'b', 'c', 'd']) countAll(db, key);
    return countAll(db, 'large');
  });
  expect(total).toBe(8000);
  expect(world.keyspace.runner.escalations).toBe(1);
  expect(Math.max(...stretches)).toBeGreaterThan(0);
  expect(Math.max(...stretches)).toBeLessThan(4_000_000);
});

test('a long range that is there only within the transaction is read all the same', async () => {
  await openCold({ large: 3000 }, 'x');
  let attempts = 0;
  const total = await world.run((db) => {
    if (++attempts > 50) throw new Error('no end');
    db.rename('large', 'other');
    return countAll(db, 'other');
  });
  expect(total).toBe(3000);
});

test('many long ranges take a bounded number of attempts', async () => {
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  await openCold(Object.fromEntries(keys.map((key) => [key, 1200])), 'x');
  let attempts = 0;
  const total = await world.run((db) => {
    attempts++;
    return keys.reduce((sum, key) => sum + countAll(db, key), 0);
  });
  expect(total).toBe(120_000);
  expect(attempts).toBeLessThanOrEqual(41);
});

test('what one fault brought stays while the next one loads, though the cache is too small for both', async () => {
  const cacheBytes = 4 << 20;
  await openCold({ a: 30_000, b: 30_000 }, 'x', cacheBytes);
  world.storage.afterRange = async () => {
    for (let i = 0; i < 3; i++) world.residents.evict(cacheBytes);
  };
  const { ranges } = world.storage;
  expect(await world.run((db) => countAll(db, 'a') + countAll(db, 'b'))).toBe(60_000);
  expect(world.storage.ranges - ranges).toBeLessThan(80);
  for (let i = 0; i < 500; i++) world.residents.evict(cacheBytes);
  expect(world.residents.bytes).toBeLessThan(cacheBytes);
});

test('a request that loads more than it may is refused before it has loaded much more', async () => {
  await openCold({ large: 1000 }, 'x'.repeat(10_000), 1 << 20);
  world.keyspace.checkLoaded = (bytes) => {
    if (bytes > 2_000_000) throw new Error('enough');
  };
  const { ranges } = world.storage;
  await expect(world.run((db) => countAll(db, 'large'))).rejects.toThrow('enough');
  expect(world.storage.ranges - ranges).toBeLessThan(4);
});
