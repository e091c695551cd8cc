/** Collections against a Set, with folds, evictions and restarts between the steps. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableRange } from '../../src/keyspace/collection.js';
import type { Database } from '../../src/keyspace/database.js';
import { ValueType } from '../../src/keyspace/header.js';
import {
  type CollectionEntry,
  findCollection,
  findOrCreateCollection,
  setCount,
} from '../../src/types/collection.js';
import { copy } from '../../src/types/copy.js';
import {
  memberNames,
  memberOf,
  memberValue,
  payloadOf,
  randomMember,
  scanMembers,
} from '../../src/types/member-table.js';
import { countedBytes, World } from '../keyspace/world.js';

const TABLE = 2;
const KEY = 'c';

function add(db: Database, member: string): boolean {
  const entry = findOrCreateCollection(db, KEY, ValueType.set);
  const name = db.memberName(TABLE, member);
  if (db.readData(entry, name) !== undefined) return false;
  db.writeData(entry, name, memberValue(member, 'p'));
  setCount(db, entry, entry.record.count + 1);
  return true;
}

function remove(db: Database, member: string): boolean {
  const entry = findCollection(db, KEY, ValueType.set);
  const name = db.memberName(TABLE, member);
  if (entry === undefined || db.readData(entry, name) === undefined) return false;
  db.writeData(entry, name, undefined);
  setCount(db, entry, entry.record.count - 1);
  return true;
}

function members(db: Database, entry: CollectionEntry, names: readonly string[]): string[] {
  return names.map((name) => memberOf(name, db.readData(entry, name) as string)).sort();
}

function all(db: Database): string[] {
  const entry = findCollection(db, KEY, ValueType.set);
  return entry === undefined ? [] : members(db, entry, memberNames(db, entry, TABLE));
}

async function scanAll(world: World, count: number): Promise<string[]> {
  const found = new Set<string>();
  for (let cursor = 0; ; ) {
    const page = await world.run((db) => {
      const entry = findCollection(db, KEY, ValueType.set);
      if (entry === undefined) return { cursor: 0, found: [] };
      const { cursor: next, names } = scanMembers(db, entry, TABLE, cursor, count);
      return { cursor: next, found: members(db, entry, names) };
    });
    for (const member of page.found) found.add(member);
    if (page.cursor === 0) return [...found].sort();
    cursor = page.cursor;
    world.residents.evictAll();
  }
}

const member = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => `member${n}`),
  fc.integer({ min: 0, max: 3 }).map((n) => `${'long'.repeat(300)}${n}`),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), member }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), member }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('fold', 'evict', 'chill'), member }) },
);

test('hold what a Set would, whatever is folded and evicted meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 0, max: 300 }),
      async (steps, initial) => {
        const world = await World.open();
        const model = new Set<string>();
        for (let i = 0; i < initial; i++) {
          model.add(`member${i}`);
          await world.turn((db) => add(db, `member${i}`));
        }
        await world.chill();
        for (const { kind, member } of steps) {
          if (kind === 'add') {
            expect(await world.turn((db) => add(db, member))).toBe(!model.has(member));
            model.add(member);
          } else if (kind === 'remove') {
            expect(await world.turn((db) => remove(db, member))).toBe(model.delete(member));
          } else if (kind === 'fold') await world.fold();
          else if (kind === 'evict') world.residents.evictAll();
          else await world.chill();
        }
        const sorted = [...model].sort();
        expect(await scanAll(world, 10)).toEqual(sorted);
        expect(await world.run(all)).toEqual(sorted);
        expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
        await world.close();
      },
    ),
    { numRuns: 60 },
  );
});

async function filled(count: number): Promise<World> {
  const world = await World.open();
  await world.turn((db) => {
    for (let i = 0; i < count; i++) add(db, `member${i}`);
  });
  await world.chill();
  return world;
}

test('a small collection is loaded whole with the first thing that is missed of it', async () => {
  const world = await filled(100);
  expect(await world.run((db) => add(db, 'member5'))).toBe(false);
  expect(world.storage.ranges).toBe(1);
  expect(await world.run((db) => add(db, 'member7'))).toBe(false);
  expect(await world.run((db) => add(db, 'another'))).toBe(true);
  expect(world.storage.ranges).toBe(1);
  await world.close();
});

test('of a large collection only what is read is loaded', async () => {
  const world = await filled(5_000);
  const first = await world.run((db) => {
    const entry = findCollection(db, KEY, ValueType.set) as CollectionEntry;
    return db.scanData(entry, { ...tableRange(TABLE), limit: 3 });
  });
  const last = await world.run((db) => {
    const entry = findCollection(db, KEY, ValueType.set) as CollectionEntry;
    return db.scanData(entry, { ...tableRange(TABLE), limit: 3, reverse: true });
  });
  const entry = world.resident(KEY);
  expect(entry?.data?.size).toBeLessThan(200);
  const names = await world.run((db) => {
    const found = findCollection(db, KEY, ValueType.set) as CollectionEntry;
    return memberNames(db, found, TABLE);
  });
  expect(names).toHaveLength(5_000);
  expect([names.slice(0, 3), names.slice(-3).reverse()]).toEqual([first, last]);
  await world.close();
});

test('a member by chance is one of them, each now and then', async () => {
  for (const count of [20, 3_000]) {
    const world = await filled(count);
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const name = await world.run((db) => {
        const entry = findCollection(db, KEY, ValueType.set) as CollectionEntry;
        const chosen = randomMember(db, entry, TABLE);
        expect(payloadOf(chosen, db.readData(entry, chosen) as string)).toBe('p');
        return chosen;
      });
      seen.add(name);
    }
    expect(seen.size).toBeGreaterThan(Math.min(count, 150) * 0.9);
    await world.close();
  }
});

test('a copy is another collection with the same elements', async () => {
  const world = await filled(300);
  await world.turn((db) => copy(db, findCollection(db, KEY, ValueType.set) as never, db, 'copy'));
  await world.turn((db) => remove(db, 'member1'));
  await world.chill();
  const count = await world.run((db) => {
    const entry = findCollection(db, 'copy', ValueType.set) as CollectionEntry;
    return [entry.record.count, memberNames(db, entry, TABLE).length];
  });
  expect(count).toEqual([300, 300]);
  await world.close();
});

test('what was removed is forgotten once the store knows of it', async () => {
  const world = await World.open();
  await world.turn((db) => {
    for (let i = 0; i < 300; i++) add(db, `member${i}`);
  });
  await world.turn((db) => {
    for (let i = 1; i < 300; i++) remove(db, `member${i}`);
  });
  expect(world.resident(KEY)?.data?.size).toBe(300);
  await world.fold();
  await world.turn((db) => add(db, 'another'));
  expect(world.resident(KEY)?.data?.size).toBe(2);
  expect(await world.run((db) => add(db, 'member7'))).toBe(true);
  expect(world.storage.ranges + world.storage.loads.length).toBe(0);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  await world.close();
});
