/** Lists against an array, with folds, evictions and restarts between the steps; and what Redis would call them. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import type { Header } from '../../src/keyspace/header.js';
import { type End, List, move } from '../../src/types/list/list.js';
import { countedBytes, World } from '../keyspace/world.js';

const KEY = 'l';

const element = fc.oneof(
  fc.integer({ min: 0, max: 6 }).map((n) => `e${n}`),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '127',
    '128',
    '-4097',
    '70000',
    '9999999999',
    '-9223372036854775808',
  ),
  fc.constantFrom(64, 4096, 9000).map((length) => 'x'.repeat(length)),
);
const end = fc.constantFrom<End>('head', 'tail');
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

type Model = string[];
/** One change, done to the list and to the array; both say what came of it. */
interface Step {
  readonly list: (list: List) => unknown;
  readonly model: (model: Model) => unknown;
}

function pushAll(model: Model, where: End, elements: readonly string[]): void {
  for (const each of elements) {
    if (where === 'head') model.unshift(each);
    else model.push(each);
  }
}

function popAll(model: Model, where: End, count: number): string[] {
  if (where === 'head') return model.splice(0, count);
  return model.splice(Math.max(0, model.length - count), count).reverse();
}

const push = fc.tuple(end, fc.array(element, { minLength: 1, maxLength: 30 })).map(
  ([where, elements]): Step => ({
    list: (list) => list.push(where, elements),
    model: (model) => pushAll(model, where, elements),
  }),
);
const pop = fc.tuple(end, fc.integer({ min: 1, max: 40 })).map(
  ([where, count]): Step => ({
    list: (list) => list.pop(where, count),
    model: (model) => popAll(model, where, count),
  }),
);
const set = fc.tuple(place, element).map(
  ([at, value]): Step => ({
    list: (list) => list.set(Math.floor(at * list.length), value),
    model: (model) => {
      model[Math.floor(at * model.length)] = value;
    },
  }),
);
const insert = fc.tuple(place, element).map(
  ([at, value]): Step => ({
    list: (list) => list.insert(Math.floor(at * (list.length + 1)), value),
    model: (model) => void model.splice(Math.floor(at * (model.length + 1)), 0, value),
  }),
);
/** A place for each element that goes, however many there are. */
function chosen(places: readonly number[], length: number): number[] {
  return [...new Set(places.map((at) => Math.floor(at * length)))].sort((a, b) => a - b);
}
const remove = fc.array(place, { maxLength: 8 }).map(
  (places): Step => ({
    list: (list) => list.remove(chosen(places, list.length)),
    model: (model) => {
      for (const at of chosen(places, model.length).reverse()) model.splice(at, 1);
    },
  }),
);
const trim = fc.tuple(place, place).map(
  ([a, b]): Step => ({
    list: (list) =>
      list.trim(Math.floor(a * 0.2 * list.length), list.length - Math.floor(b * 0.3 * list.length)),
    model: (model) => {
      const from = Math.floor(a * 0.2 * model.length);
      const to = model.length - Math.floor(b * 0.3 * model.length);
      model.splice(0, model.length, ...model.slice(from, to));
    },
  }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: push },
  { weight: 3, arbitrary: pop },
  { weight: 2, arbitrary: insert },
  { weight: 2, arbitrary: remove },
  { weight: 1, arbitrary: set },
  { weight: 1, arbitrary: trim },
  { weight: 2, arbitrary: fc.constantFrom('fold', 'evict', 'chill', 'restart') },
);

function apply(db: Database, { list }: Step): unknown {
  return list(List.findOrCreate(db, KEY));
}

/** Without elements only a push makes sense, as the commands see to it. */
const first: Step = {
  list: (list) => list.push('tail', ['first']),
  model: (model) => model.push('first') && undefined,
};

async function disturb(world: World, how: string): Promise<void> {
  if (how === 'fold') await world.fold();
  else if (how === 'evict') world.residents.evictAll();
  else if (how === 'chill') await world.chill();
  else await world.restart();
}

test('hold what an array would, whatever is folded, evicted and replayed meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 50 }),
      fc.constantFrom(0, 50, 400),
      async (steps, initial) => {
        const world = await World.open();
        const model: Model = Array.from({ length: initial }, (_, i) => `initial${i}`);
        if (initial > 0) {
          await world.turn((db) => List.findOrCreate(db, KEY).push('tail', model));
          await world.chill();
        }
        for (const each of steps) {
          if (typeof each === 'string') {
            await disturb(world, each);
            continue;
          }
          const next = model.length === 0 ? first : each;
          expect(await world.turn((db) => apply(db, next))).toEqual(next.model(model));
          const list = await world.run((db) => {
            const found = List.find(db, KEY);
            return found?.slice(0, found.length) ?? [];
          });
          expect(list).toEqual(model);
        }
        const backwards = await world.run((db) => [...(List.find(db, KEY)?.from('tail') ?? [])]);
        expect(backwards).toEqual(model.map((each, i) => [i, each]).reverse());
        expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
        await world.close();
      },
    ),
    { numRuns: 80 },
  );
}, 60_000);

test('what a request wrote before it failed is not read after it', async () => {
  const world = await World.open();
  const elements = Array.from({ length: 100 }, (_, i) => `element${i}`);
  await world.turn((db) => List.create(db, KEY).push('tail', elements));
  const slice = (from: number, to: number): unknown =>
    world.run((db) => (List.find(db, KEY) as List).slice(from, to));
  expect(await slice(0, 10)).toEqual(elements.slice(0, 10));
  const failing = world.turn((db) => {
    const list = List.find(db, KEY) as List;
    list.set(3, 'changed');
    list.push('head', ['pushed']);
    expect(list.slice(0, 10)).toContain('changed');
    throw new Error('as a command does');
  });
  await expect(failing).rejects.toThrow('as a command does');
  expect(await slice(0, 10)).toEqual(elements.slice(0, 10));
  expect(await slice(0, 100)).toEqual(elements);
  await world.close();
});

async function filled(count: number): Promise<World> {
  const world = await World.open();
  const elements = Array.from({ length: count }, (_, i) => `element${i}`);
  await world.turn((db) => List.create(db, KEY).push('tail', elements));
  await world.chill();
  return world;
}

test('of a large list only what is read is loaded', async () => {
  const world = await filled(5_000);
  const read = (db: Database): unknown[] => {
    const list = List.find(db, KEY) as List;
    return [list.at(2_500), list.slice(10, 12), list.slice(1_000, 1_100).length];
  };
  expect(await world.run(read)).toEqual(['element2500', ['element10', 'element11'], 100]);
  expect(world.resident(KEY)?.data?.size).toBeLessThan(200);
  await world.close();
});

test('the ends of a large list cost one record each, and what is cut off need not be read', async () => {
  const world = await filled(5_000);
  await world.turn((db) => (List.find(db, KEY) as List).push('head', ['new']));
  await world.turn((db) => (List.find(db, KEY) as List).trim(0, 4_990));
  expect(world.storage.loads.flat()).toHaveLength(1);
  expect(await world.turn((db) => (List.find(db, KEY) as List).pop('tail', 1))).toEqual([
    'element4988',
  ]);
  expect(world.storage.loads.flat()).toHaveLength(2);
  await world.close();
});

test('a list that is rotated keeps its expiry, and no other list appears', async () => {
  const world = await World.open();
  await world.turn((db) => {
    List.create(db, KEY).push('tail', ['a']);
    db.setExpiry(KEY, db.now + 1000);
  });
  const source = { key: KEY, end: 'tail' } as const;
  const target = { key: KEY, end: 'head' } as const;
  expect(await world.turn((db) => move(db, source, target))).toBe('a');
  const record = (await world.get(KEY)) as Header;
  expect([record.count, record.expireAt]).toEqual([1, world.clock.now() + 1000]);
  const other = { key: 'other', end: 'head' } as const;
  expect(await world.turn((db) => move(db, other, target))).toBeUndefined();
  await world.close();
});

test('a trim that leaves little writes that anew, with the expiry', async () => {
  const world = await World.open();
  await world.turn((db) => {
    const elements = Array.from({ length: 20_000 }, (_, i) => String(i));
    List.create(db, 'long').push('tail', elements);
    db.setExpiry('long', 2e12);
  });
  await world.chill();
  const before = world.keyspace.loader.loads;
  await world.turn((db) => List.find(db, 'long')?.trim(7_000, 7_010));
  expect(world.keyspace.loader.loads - before).toBeLessThan(100);
  expect(world.resident('long')?.data?.size).toBe(10);
  await world.chill();
  const left = await world.run((db) => {
    const list = List.find(db, 'long') as List;
    return [list.slice(0, list.length), db.get('long')];
  });
  const expected = Array.from({ length: 10 }, (_, i) => String(7_000 + i));
  expect(left).toMatchObject([expected, { count: 10, expireAt: 2e12 }]);
  await world.close();
});
