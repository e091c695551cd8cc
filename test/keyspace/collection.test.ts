/** The resident records of a collection: the order of their names. */

import { expect, test } from 'vitest';
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
  const made = Promise.all([collection.makeOrder(TABLE), collection.makeOrder(TABLE)]);
  expect(collection.hasOrder(TABLE)).toBe(false);
  collection.set(nameOf(7), undefined, 2);
  collection.forget(nameOf(8));
  collection.set(nameOf(9), undefined, 2);
  collection.set(nameOf(9), 'again', 2);
  collection.set(nameOf(50_000), 'new', 2);
  collection.set(nameOf(50_001), 'new', 2);
  collection.forget(nameOf(50_001));
  await made;
  expect(collection.hasOrder(TABLE)).toBe(true);
  const order = collection.order(TABLE);
  expect(order.size).toBe(20_000 - 2 + 1);
  expect(order.slice(5, 9)).toEqual([5, 6, 9, 10].map(nameOf));
  expect(order.at(order.size - 1)).toBe(nameOf(50_000));
});

test('who cannot wait for it has the order at once, and it stays the one', async () => {
  const collection = collectionOf(10_000);
  const made = collection.makeOrder(TABLE);
  const order = collection.order(TABLE);
  collection.set(nameOf(20_000), 'new', 2);
  await made;
  expect(collection.order(TABLE)).toBe(order);
  expect(order.size).toBe(10_001);
});
