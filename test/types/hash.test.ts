/** Hashes against a Map, with folds, evictions and restarts between the steps. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import type { Header } from '../../src/keyspace/header.js';
import * as hash from '../../src/types/hash/hash.js';
import { increment } from '../../src/types/hash/number.js';
import { differentRandomPairs, randomPairs, scan } from '../../src/types/hash/scan.js';
import { countedBytes, World } from '../keyspace/world.js';

const KEY = 'h';
const LIMITS = { fields: 20, bytes: 64 };

const field = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 60 }).map((n) => `field${n}`) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 }).map((n) => `${'long'.repeat(300)}${n}`) },
);
const value = fc.constantFrom('1', '', '\xff', '\xff2', '-7', 'v'.repeat(65));
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      pairs: fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      fields: fc.array(field, { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), field }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('fold', 'evict', 'chill', 'restart') }),
  },
);

function sorted(pairs: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function scanAll(world: World, count: number): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor = 0;
  do {
    const page = await world.run((db) => {
      const entry = hash.find(db, KEY);
      return entry === undefined ? { cursor: 0, pairs: [] } : scan(db, entry, cursor, count);
    });
    for (const [name, text] of page.pairs) found.set(name, text);
    cursor = page.cursor;
    world.residents.evictAll();
  } while (cursor !== 0);
  return found;
}

async function disturb(world: World, kind: string): Promise<void> {
  if (kind === 'fold') await world.fold();
  else if (kind === 'evict') world.residents.evictAll();
  else if (kind === 'chill') await world.chill();
  else await world.restart();
}

function set(model: Map<string, string>, pairs: readonly hash.Pair[]): number {
  const before = model.size;
  for (const [name, text] of pairs) model.set(name, text);
  return model.size - before;
}

test('hold what a Map would, whatever happens meanwhile', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = await World.open();
      const model = new Map<string, string>();
      for (const each of steps) {
        if ('pairs' in each) {
          const created = await world.turn((db) => hash.setMany(db, KEY, each.pairs, LIMITS));
          expect(created).toBe(set(model, each.pairs));
        } else if ('fields' in each) {
          const removed = each.fields.filter((name) => model.delete(name)).length;
          expect(await world.turn((db) => hash.remove(db, KEY, each.fields))).toBe(removed);
        } else if ('field' in each) {
          await world.turn((db) => hash.setMany(db, KEY, [[each.field, '5']], LIMITS));
          model.set(each.field, '6');
          expect(await world.turn((db) => increment(db, KEY, each.field, 1, LIMITS))).toBe(6n);
        } else await disturb(world, each.kind);
        expect(await world.run((db) => hash.length(db, KEY))).toBe(model.size);
      }
      const all = sorted(model);
      expect(sorted(await scanAll(world, 7))).toEqual(all);
      expect(sorted(await world.run((db) => hash.getAll(db, KEY)))).toEqual(all);
      const names = [...model.keys(), 'none'];
      const values = names.map((name) => model.get(name));
      expect(await world.run((db) => hash.getMany(db, KEY, names))).toEqual(values);
      expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
      await world.close();
    }),
    { numRuns: 80 },
  );
});

async function filled(count: number): Promise<World> {
  const world = await World.open();
  const pairs = Array.from({ length: count }, (_, i) => [`f${i}`, String(i)] as const);
  await world.turn((db) => hash.setMany(db, KEY, pairs, LIMITS));
  await world.chill();
  return world;
}

test('a change of a large hash loads what it touches', async () => {
  const world = await filled(5_000);
  await world.turn((db) => hash.setMany(db, KEY, [['f7', 'x']], LIMITS));
  expect(await world.run((db) => hash.length(db, KEY))).toBe(5_000);
  expect(world.resident(KEY)?.data?.size).toBeLessThan(200);
  await world.close();
});

test('fields by chance are fields, and different ones if so asked', async () => {
  for (const [size, count] of [
    [20, 3],
    [20, 19],
    [20, 20],
    [20, 90],
    [3_000, 5],
  ] as const) {
    const world = await filled(size);
    const different = await world.run((db) => differentRandomPairs(db, KEY, count));
    expect(different).toHaveLength(Math.min(size, count));
    expect(new Set(different.map(([name]) => name)).size).toBe(different.length);
    const any = await world.run((db) => randomPairs(db, KEY, count));
    expect(any).toHaveLength(count);
    for (const [name, text] of [...different, ...any]) expect(name).toBe(`f${text}`);
    await world.close();
  }
});

test('how Redis would keep it stays as it once was', async () => {
  const world = await World.open();
  const encoding = () =>
    world.run((db: Database) => hash.encodingOf(hash.find(db, KEY)?.record as Header));
  await world.turn((db) => hash.setMany(db, KEY, [['f', 'v'.repeat(64)]], LIMITS));
  expect(await encoding()).toBe('listpack');
  await world.turn((db) => hash.setMany(db, KEY, [['g', 'v'.repeat(65)]], LIMITS));
  await world.turn((db) => hash.remove(db, KEY, ['g']));
  await world.chill();
  expect(await encoding()).toBe('hashtable');
  await world.close();
});
