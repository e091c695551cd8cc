/** What MEMORY USAGE says of collections, resident and cold. */

import { expect, test } from 'vitest';
import type { Entry } from '../../src/keyspace/entry.js';
import { ValueType } from '../../src/keyspace/header.js';
import { createCollection, setCount } from '../../src/types/collection.js';
import { memoryOf } from '../../src/types/memory.js';
import { World } from '../keyspace/world.js';

const COUNT = 1000;

function usage(world: World, samples: number): Promise<number> {
  return world.turn((db) => memoryOf(db, db.entry('s') as Entry, samples));
}

test('a collection counts whole, whether it is resident or a few elements of it are read', async () => {
  const world = await World.open();
  await world.turn((db) => {
    const entry = createCollection(db, 's', ValueType.set);
    for (let i = 0; i < COUNT; i++) db.writeData(entry, `\x03${i + COUNT}`, 'x'.repeat(20));
    setCount(db, entry, COUNT);
  });
  const warm = await usage(world, 5);
  expect(warm).toBeGreaterThan(20 * COUNT);
  await world.chill();
  expect(await usage(world, 5)).toBe(warm);
  expect(world.resident('s')?.data?.size).toBeLessThan(COUNT);
  expect(await usage(world, 0)).toBe(warm);
});
