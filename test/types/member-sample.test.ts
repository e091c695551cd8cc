/** Members by chance: distinct where they must be, and of a large cold table few are loaded. */

import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import { ValueType } from '../../src/keyspace/header.js';
import {
  type CollectionEntry,
  createCollection,
  findCollection,
  setCount,
} from '../../src/types/collection.js';
import { drawMembers, sampleMembers } from '../../src/types/member-sample.js';
import { memberNames } from '../../src/types/member-table.js';
import { World } from '../keyspace/world.js';

const TABLE = 3;
const KEY = 'c';

async function filled(count: number): Promise<World> {
  const world = await World.open();
  await world.turn((db) => {
    const entry = createCollection(db, KEY, ValueType.set);
    for (let i = 0; i < count; i++) db.writeData(entry, db.memberName(TABLE, `member${i}`), '');
    setCount(db, entry, count);
  });
  await world.chill();
  return world;
}

function names(
  world: World,
  take: (db: Database, entry: CollectionEntry, table: number) => string[],
): Promise<string[]> {
  return world.run((db) =>
    take(db, findCollection(db, KEY, ValueType.set) as CollectionEntry, TABLE),
  );
}

const sizes = [
  [20, 1],
  [20, 20],
  [3000, 1],
  [3000, 5],
  [3000, 100],
  [3000, 700],
  [3000, 2000],
  [3000, 3000],
] as const;

test.each(sizes)('of %i members a sample of %i', async (size, count) => {
  const world = await filled(size);
  const all = new Set(await names(world, memberNames));
  for (let i = 0; i < 10; i++) {
    if (i < 5) world.residents.evictAll();
    const sample = await names(world, (...where) => sampleMembers(...where, count));
    expect(new Set(sample).size).toBe(count);
    expect(sample).toHaveLength(count);
    expect(sample.every((name) => all.has(name))).toBe(true);
  }
  await world.close();
});

test('every member comes now and then', async () => {
  for (const isCold of [true, false]) {
    const world = await filled(1500);
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      if (isCold) world.residents.evictAll();
      else await names(world, memberNames);
      for (const name of await names(world, (...where) => sampleMembers(...where, 50))) {
        seen.add(name);
      }
    }
    expect(seen.size).toBeGreaterThan(1400);
    await world.close();
  }
});

test('with repetition, as many as are asked for', async () => {
  for (const [size, count] of [
    [3, 100],
    [3000, 10],
    [3000, 100],
    [3000, 10_000],
  ] as const) {
    const world = await filled(size);
    const drawn = await names(world, (...where) => drawMembers(...where, count));
    expect(drawn).toHaveLength(count);
    expect(new Set(drawn).size).toBeGreaterThan(Math.min(size, count) / 2);
    const all = new Set(await names(world, memberNames));
    expect(drawn.every((name) => all.has(name))).toBe(true);
    await world.close();
  }
});

test('a sample of a large cold table loads few of its members', async () => {
  const world = await filled(20_000);
  await names(world, (...where) => sampleMembers(...where, 100));
  await names(world, (...where) => drawMembers(...where, 100));
  expect(world.resident(KEY)?.data?.size).toBeLessThan(4000);
  await world.close();
});
