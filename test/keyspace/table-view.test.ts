/** What is made of the resident records of a table, and keeps up with them: the order of their names, and a pool for draws. */

import { expect, test } from 'vitest';
import { yieldTurn } from '../../src/base/yield-turn.js';
import { Collection, tableRange } from '../../src/keyspace/collection.js';

const TABLE = 3;

function nameOf(i: number): string {
  return tableRange(TABLE).from + String(i).padStart(6, '0');
}

function collectionOf(count: number): Collection {
  const collection = new Collection(true);
  for (let i = 0; i < count; i++) collection.set(nameOf((i * 7919) % count), 'value', 1);
  return collection;
}

test('an order that is made in slices has what came and lacks what went meanwhile', async () => {
  const collection = collectionOf(20_000);
  const view = collection.view(TABLE);
  const made = Promise.all([view.makeOrder(), view.makeOrder()]);
  expect(view.hasOrder).toBe(false);
  collection.set(nameOf(7), undefined, 2);
  collection.forget(nameOf(8));
  collection.set(nameOf(9), undefined, 2);
  collection.set(nameOf(9), 'again', 2);
  collection.set(nameOf(50_000), 'new', 2);
  collection.set(nameOf(50_001), 'new', 2);
  collection.forget(nameOf(50_001));
  await made;
  expect(view.hasOrder).toBe(true);
  const { order } = view;
  expect(order.size).toBe(20_000 - 2 + 1);
  expect(order.slice(5, 9)).toEqual([5, 6, 9, 10].map(nameOf));
  expect(order.slice(order.size - 1, order.size)).toEqual([nameOf(50_000)]);
});

test('who cannot wait for it has the order at once, and it stays the one', async () => {
  const collection = collectionOf(10_000);
  const view = collection.view(TABLE);
  const made = view.makeOrder();
  const { order } = view;
  collection.set(nameOf(20_000), 'new', 2);
  await made;
  expect(view.order).toBe(order);
  expect(order.size).toBe(10_001);
});

function namesInPool(collection: Collection): string[] {
  const { pool } = collection.view(TABLE);
  return pool
    .sample(pool.size, Math.random)
    .map(({ sub }) => sub)
    .sort();
}

test('a pool has what is there, whatever comes and goes, and is undone', () => {
  const collection = collectionOf(100);
  const expected = new Set(Array.from({ length: 100 }, (_, i) => nameOf(i)));
  expect(namesInPool(collection)).toEqual([...expected].sort());
  for (const i of [3, 4, 5]) collection.set(nameOf(i), undefined, 2);
  collection.set(nameOf(4), 'again', 2);
  collection.set(nameOf(200), 'new', 2);
  collection.set(nameOf(201), undefined, 2);
  collection.forget(nameOf(6));
  collection.set(nameOf(6), 'again', 2);
  expected.add(nameOf(200));
  for (const i of [3, 5]) expected.delete(nameOf(i));
  expect(namesInPool(collection)).toEqual([...expected].sort());
});

test('a pool that is made in slices has what came and lacks what went meanwhile, each once', async () => {
  const count = 20_000;
  const collection = collectionOf(count);
  const view = collection.view(TABLE);
  const made = Promise.all([view.makePool(), view.makePool()]);
  const expected = new Set(Array.from({ length: count }, (_, i) => nameOf(i)));
  for (let turn = 0; !view.hasPool; turn++) {
    // What the walk has passed, and what it has not, comes and goes, and comes again.
    for (let i = turn; i < count; i += 97) {
      const name = nameOf(i);
      if (i % 3 === 0) collection.forget(name);
      else collection.set(name, undefined, 2);
      if (i % 4 === 0) collection.set(name, 'again', 2);
      else expected.delete(name);
      collection.set(nameOf(count + i), 'new', 2);
      expected.add(nameOf(count + i));
    }
    await yieldTurn();
  }
  await made;
  expect(expected.size).not.toBe(count);
  expect(namesInPool(collection)).toEqual([...expected].sort());
});

test('a pool is not kept if while it was made something was no longer known', async () => {
  const collection = collectionOf(20_000);
  const view = collection.view(TABLE);
  const made = view.makePool();
  collection.forgetAbsences();
  await made;
  expect(view.hasPool).toBe(false);
});

test('a pool is made anew once not all of its table was known', () => {
  const collection = collectionOf(10);
  expect(collection.view(TABLE).pool.size).toBe(10);
  collection.forgetAbsences();
  collection.forget(nameOf(1));
  collection.learn(tableRange(TABLE).from, tableRange(TABLE).to);
  expect(collection.view(TABLE).pool.size).toBe(9);
});

test('a pool of which much is gone is dropped, and made anew', () => {
  const collection = collectionOf(100);
  const view = collection.view(TABLE);
  expect(view.pool.size).toBe(100);
  for (let i = 0; i < 25; i++) collection.set(nameOf(i), undefined, 2);
  expect(view.hasPool).toBe(true);
  collection.set(nameOf(25), undefined, 2);
  expect(view.hasPool).toBe(false);
  expect(view.pool.size).toBe(74);
});
