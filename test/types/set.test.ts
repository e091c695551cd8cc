/** Sets against a Set, with folds, evictions and restarts between the steps. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import type { CollectionEntry } from '../../src/types/collection.js';
import { difference, intersection, union } from '../../src/types/set/algebra.js';
import * as set from '../../src/types/set/set.js';
import { countedBytes, World } from '../keyspace/world.js';

const LIMITS = { intsetEntries: 8, listpackEntries: 6, listpackValue: 8 };

type Model = Map<string, Set<string>>;

const key = fc.constantFrom('a', 'b', 'c');
const member = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map(String),
  fc.integer({ min: 0, max: 60 }).map((n) => `member${n}`),
  fc.integer({ min: 0, max: 2 }).map((n) => `${'long'.repeat(300)}${n}`),
);
const members = fc.array(member, { minLength: 1, maxLength: 12 });
const keys = fc.array(key, { minLength: 1, maxLength: 4 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), key, members }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key, members }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      key,
      to: key,
      member,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pop' as const),
      key,
      count: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('combine' as const),
      operation: fc.constantFrom('intersection', 'union', 'difference'),
      key,
      keys,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'fold' as const,
        'evict' as const,
        'chill' as const,
        'restart' as const,
      ),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function combined(operation: string, sets: readonly ReadonlySet<string>[]): Set<string> {
  const [first = new Set<string>(), ...others] = sets;
  if (operation === 'union') return new Set(sets.flatMap((each) => [...each]));
  const isKept = (each: string): boolean =>
    operation === 'intersection'
      ? others.every((other) => other.has(each))
      : !others.some((other) => other.has(each));
  return new Set([...first].filter(isKept));
}

function combine(db: Database, operation: string, to: string, from: readonly string[]): number {
  const found = from.map((each) => set.find(db, each));
  const there = found.filter((each) => each !== undefined);
  const [first, ...others] = found;
  let records = new Map<string, string>();
  if (operation === 'union') records = union(db, there);
  else if (operation === 'intersection') {
    if (there.length === found.length) records = intersection(db, there);
  } else if (first !== undefined) {
    records = difference(
      db,
      first,
      others.filter((each) => each !== undefined),
    );
  }
  return set.store(db, to, records, LIMITS);
}

async function take(world: World, model: Model, step: Step): Promise<void> {
  const of = (name: string): Set<string> => model.get(name) ?? new Set();
  switch (step.kind) {
    case 'add': {
      const before = of(step.key);
      const after = new Set([...before, ...step.members]);
      const added = await world.turn((db) => set.add(db, step.key, step.members, LIMITS));
      expect(added).toBe(after.size - before.size);
      model.set(step.key, after);
      return;
    }
    case 'remove': {
      const after = new Set([...of(step.key)].filter((each) => !step.members.includes(each)));
      const removed = await world.turn((db) => set.remove(db, step.key, step.members));
      expect(removed).toBe(of(step.key).size - after.size);
      model.set(step.key, after);
      return;
    }
    case 'move': {
      const { key: from, to, member: moved } = step;
      const isThere = of(from).has(moved);
      expect(await world.turn((db) => set.move(db, from, to, moved, LIMITS))).toBe(isThere);
      if (!isThere) return;
      of(from).delete(moved);
      model.set(to, new Set([...of(to), moved]));
      return;
    }
    case 'pop': {
      const popped = await world.turn((db) => {
        const entry = set.find(db, step.key);
        return entry === undefined ? [] : set.pop(db, entry, step.count, LIMITS);
      });
      expect(popped).toHaveLength(Math.min(step.count, of(step.key).size));
      for (const each of popped) expect(of(step.key).delete(each)).toBe(true);
      return;
    }
    case 'combine': {
      const expected = combined(step.operation, step.keys.map(of));
      const count = await world.turn((db) => combine(db, step.operation, step.key, step.keys));
      expect(count).toBe(expected.size);
      model.set(step.key, expected);
      return;
    }
    case 'fold':
      return world.fold();
    case 'evict':
      return world.residents.evictAll();
    case 'chill':
      return world.chill();
    case 'restart':
      return world.restart();
  }
}

test('hold what a Set would, whatever is folded and evicted meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = await World.open();
      const model: Model = new Map();
      for (const each of steps) await take(world, model, each);
      for (const name of ['a', 'b', 'c']) {
        const found = await world.run((db) => {
          const entry = set.find(db, name);
          if (entry === undefined) return [];
          expect(entry.record.count).toBe(set.members(db, entry).length);
          return set.members(db, entry).sort();
        });
        expect(found).toEqual([...(model.get(name) ?? [])].sort());
      }
      expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
      await world.close();
    }),
    { numRuns: 100 },
  );
});

function encoding(world: World): Promise<string | undefined> {
  return world.run((db) => {
    const entry = set.find(db, 'k');
    return entry && set.encodingOf(entry.record);
  });
}

async function added(...batches: readonly (readonly string[])[]): Promise<string | undefined> {
  const world = await World.open();
  for (const batch of batches) await world.turn((db) => set.add(db, 'k', batch, LIMITS));
  const found = await encoding(world);
  await world.chill();
  expect(await encoding(world)).toBe(found);
  await world.close();
  return found;
}

function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}

test.each([
  ['intset', [['1', '2']]],
  ['intset', [numbers(8)]],
  ['hashtable', [numbers(8), ['8']]],
  ['listpack', [['x']]],
  ['listpack', [['01']]],
  ['listpack', [numbers(5), ['x']]],
  ['hashtable', [numbers(6), ['x']]],
  ['hashtable', [['1'], ['123456789x']]],
  ['hashtable', [['123456789'], ['x']]],
  ['hashtable', [['123456789x']]],
  ['listpack', [[...numbers(5), 'x']]],
  ['hashtable', [[...numbers(6), 'x']]],
  // The number of arguments decides, though they are all the same.
  ['hashtable', [['x', 'x', 'x', 'x', 'x', 'x', 'x']]],
  ['hashtable', [['x'], ['x', 'x', 'x', 'x', 'x', 'x', 'x']]],
  ['listpack', [['1', 'x', 'x', 'x', 'x', 'x', 'x']]],
] as const)('is a %s after %j', async (expected, batches) => {
  expect(await added(...batches)).toBe(expected);
});

test('what has outgrown a form does not return to it, but for what SPOP leaves of most', async () => {
  const world = await World.open();
  await world.turn((db) => set.add(db, 'k', [...numbers(19), 'x'], LIMITS));
  await world.turn((db) => set.remove(db, 'k', numbers(10)));
  expect(await encoding(world)).toBe('hashtable');
  await world.turn((db) => set.pop(db, set.find(db, 'k') as CollectionEntry, 9, LIMITS));
  expect(await encoding(world)).toBe('listpack');
  await world.close();
});

async function filled(sizes: Readonly<Record<string, number>>): Promise<World> {
  const world = await World.open();
  for (const [name, size] of Object.entries(sizes)) {
    await world.turn((db) => set.add(db, name, numbers(size), LIMITS));
  }
  await world.chill();
  return world;
}

function intersect(world: World, names: readonly string[], limit?: number): Promise<number> {
  return world.run((db) => {
    const sets = names.map((name) => set.find(db, name) as CollectionEntry);
    return intersection(db, sets, limit).size;
  });
}

test('an intersection reads of the larger sets what the smallest has', async () => {
  const world = await filled({ small: 50, large: 5000 });
  expect(await intersect(world, ['large', 'small'])).toBe(50);
  expect(world.resident('large')?.data?.size).toBe(50);
  await world.close();
});

test('an intersection with a limit reads no more than it needs', async () => {
  const world = await filled({ a: 5000, b: 20_000 });
  expect(await intersect(world, ['a', 'b'], 10)).toBe(10);
  expect(world.resident('a')?.data?.size).toBeLessThan(1000);
  expect(world.resident('b')?.data?.size).toBeLessThan(1000);
  expect(await intersect(world, ['a', 'b'], 4000)).toBe(4000);
  expect(await intersect(world, ['a', 'b'], 6000)).toBe(5000);
  await world.close();
});

test('SPOP and SRANDMEMBER of a large cold set load few of its members', async () => {
  const world = await filled({ k: 20_000 });
  const popped = await world.turn((db) =>
    set.pop(db, set.find(db, 'k') as CollectionEntry, 50, LIMITS),
  );
  expect(new Set(popped).size).toBe(50);
  expect(world.resident('k')?.data?.size).toBeLessThan(3000);
  await world.chill();
  const sample = await world.run((db) => set.sample(db, set.find(db, 'k') as CollectionEntry, 50));
  expect(new Set(sample).size).toBe(50);
  expect(sample.some((each) => popped.includes(each))).toBe(false);
  expect(world.resident('k')?.data?.size).toBeLessThan(3000);
  await world.close();
});
