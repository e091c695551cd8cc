/** Changes of a header alone, and what follows from it, are in the log though they may wait for the end of their group. */

import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import { Header, NEVER } from '../../src/keyspace/header.js';
import * as hash from '../../src/types/hash/hash.js';
import { List } from '../../src/types/list/list.js';
import { putCollection, World } from './world.js';

const LIMITS = { fields: 20, bytes: 64 };

function setCount(db: Database, count: number): void {
  const entry = db.entry('c');
  if (!(entry?.record instanceof Header)) throw new Error('no collection');
  db.replace(entry, new Header({ ...entry.record, count }));
}
const countOf = (db: Database): number => (db.get('c') as Header).count;

test('a transaction that changes a header and no record is in the log', async () => {
  const world = await World.open();
  await world.turn((db) => putCollection(db, 'c', { a: '1' }));
  await world.turn((db) => setCount(db, 7));
  await world.restart();
  expect(await world.run(countOf)).toBe(7);
  await world.close();
});

test('so is one that was paused after it', async () => {
  const world = await World.open();
  await world.turn((db) => putCollection(db, 'c', { a: '1' }));
  await world.run(world.inSteps([() => setCount(world.db, 7), () => undefined]));
  await world.endTurn();
  await world.restart();
  expect(await world.run(countOf)).toBe(7);
  await world.close();
});

test('the index of fields that expire follows every header of a group', async () => {
  const world = await World.open();
  const at = world.clock.now() + 1_000_000;
  await world.turn((db) => void hash.setMany(db, 'h', [['f', '1']], LIMITS, NEVER));
  await world.run((db) => void hash.setMany(db, 'h', [['e', '1']], LIMITS, NEVER));
  await world.run((db) => void hash.setMany(db, 'h', [['g', '1']], LIMITS, at));
  await world.run((db) => void hash.setMany(db, 'h', [['i', '1']], LIMITS, NEVER));
  await world.endTurn();
  const hashes = () => world.keyspace.databases.spaces[0]?.expiries.hashes;
  expect(hashes()).toBe(1);
  await world.restart();
  expect(hashes()).toBe(1);
  await world.close();
});

test('what the dataset takes is known after a restart, though the header of its last group was only in the store', async () => {
  const world = await World.open();
  await world.turn((db) => List.create(db, 'list').push('tail', ['first']));
  await world.fold();
  for (let i = 0; i < 2000; i++) {
    await world.run((db) => List.findOrCreate(db, 'list').push('tail', [`element ${i}`]));
  }
  await world.endTurn();
  const { datasetBytes, dirtyBytes } = world.residents;
  await world.restart();
  expect(world.residents.datasetBytes / datasetBytes).toBeCloseTo(1, 2);
  expect(world.residents.dirtyBytes / dirtyBytes).toBeCloseTo(1, 2);
  await world.close();
});

test('a header that waits for the end of its group does not count what a paused transaction adds', async () => {
  const world = await World.open();
  const push = (element: string) => () =>
    List.findOrCreate(world.db, 'list').push('tail', [element]);
  for (const element of ['1', '2', '3']) await world.run(push(element));
  const fail = (): void => {
    throw new Error('undo');
  };
  const endTurn = (): void => void world.endTurn();
  const undone = world.run(world.inSteps([push('x'.repeat(10_000)), fail], endTurn));
  await expect(undone).rejects.toThrow('undo');
  const { datasetBytes } = world.residents;
  await world.restart();
  expect(world.residents.datasetBytes).toBe(datasetBytes);
  await world.close();
});
