/** What SORT loads when all is cold: what it needs, with few faults. */

import { expect, test } from 'vitest';
import { setMany } from '../../src/types/hash/hash.js';
import { List } from '../../src/types/list/list.js';
import * as set from '../../src/types/set/set.js';
import { valuesOf } from '../../src/types/sort/pattern.js';
import { findSortable, type Sortable, sortElements } from '../../src/types/sort/sort.js';
import { World } from '../keyspace/world.js';

const COUNT = 500;
const ORDER = { by: undefined, alpha: false, descending: false };
const LIMITS = { intsetEntries: 512, listpackEntries: 128, listpackValue: 64 };
const ELEMENTS = Array.from({ length: COUNT }, (_, i) => String(i));

async function coldList(): Promise<World> {
  const world = await World.open();
  await world.turn((db) => {
    List.create(db, 'list').push('tail', ELEMENTS);
    for (const element of ELEMENTS) {
      db.put(`w_${element}`, String(-element));
      setMany(db, `h_${element}`, [['f', element]], { fields: 512, bytes: 64 });
    }
  });
  await world.chill();
  return world;
}

test.each([
  ['w_*', [...ELEMENTS].reverse()],
  ['h_*->f', ELEMENTS],
])('the values of BY %s come together', async (by, expected) => {
  const world = await coldList();
  const before = world.keyspace.runner.faults;
  const sorted = await world.run((db) => {
    const list = findSortable(db, 'list') as Sortable;
    return sortElements(db, list.slice(0, list.length, false), { ...ORDER, by });
  });
  expect(sorted).toEqual(expected);
  // The list's header, its elements, the headers of the keys, the fields.
  expect(world.storage.loads.length + world.storage.ranges).toBeLessThanOrEqual(4);
  expect(world.keyspace.runner.faults).toBe(before + 1);
  await world.close();
});

test('an escalated attempt reads the same', async () => {
  const world = await coldList();
  const { runner, transaction } = world.keyspace;
  const values = await runner.run({
    run: () => {
      transaction.escalated = true;
      return valuesOf(world.db, 'h_*->f', ELEMENTS);
    },
  });
  expect(values).toEqual(ELEMENTS);
  expect(world.storage.loads).toEqual([]);
  await world.close();
});

test('of a large cold set that stays unsorted only what LIMIT leaves is read', async () => {
  const world = await World.open();
  await world.turn((db) =>
    set.add(
      db,
      'set',
      Array.from({ length: 5000 }, (_, i) => `member${i}`),
      LIMITS,
    ),
  );
  await world.chill();
  const some = await world.run((db) => (findSortable(db, 'set') as Sortable).slice(10, 30, false));
  expect(new Set(some).size).toBe(20);
  expect(world.resident('set')?.data?.size).toBeLessThan(200);
  await world.close();
});

test.each(['1e-310', '-2.225073858507201e-308', '1e-400', '1e400'])(
  '%s is out of range, as in Redis',
  async (number) => {
    const world = await World.open();
    const sorted = world.run((db) => sortElements(db, ['1', number], ORDER));
    await expect(sorted).rejects.toMatchObject({ code: 'NOT_SORTABLE' });
    await world.close();
  },
);

test('numbers that are nearly out of range', async () => {
  const world = await World.open();
  const numbers = ['0x1p-1030', '2.2250738585072014e-308', '0e-400', '-1.7976931348623157e308'];
  expect(await world.run((db) => sortElements(db, numbers, ORDER))).toEqual([
    '-1.7976931348623157e308',
    '0e-400',
    '0x1p-1030',
    '2.2250738585072014e-308',
  ]);
  await world.close();
});
