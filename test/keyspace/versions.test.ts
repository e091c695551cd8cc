/** Versions name collections: each is an LSN of the transaction that made it, and no other's. */

import { expect, test } from 'vitest';
import { versionOf } from '../../src/keyspace/header.js';
import { List } from '../../src/types/list/list.js';
import { putCollection, World } from './world.js';

test('collections made before and after a pause have different versions', async () => {
  const world = await World.open();
  const make = (key: string) => () => putCollection(world.db, key, {});
  await world.run(world.inSteps([make('a'), make('b')]));
  await world.endTurn();
  const [a, b] = await world.run((db) =>
    [db.get('a'), db.get('b')].map((r) => versionOf(r as never)),
  );
  expect(a).not.toBe(b);
  await world.close();
});

test('a version is never above the LSNs of its transaction, whatever was rolled back', async () => {
  const world = await World.open();
  await world.run((db) => {
    const { transaction } = world.keyspace;
    const start = transaction.savepoint();
    putCollection(db, 'a', { f: '1', g: '2' });
    transaction.rollBack(start);
    putCollection(db, 'b', {});
  });
  await world.endTurn();
  const b = await world.run((db) => versionOf(db.get('b') as never));
  expect(b).toBeLessThan(world.storage.log.nextLsn);
  await world.close();
});

test('a version is an LSN of its transaction, though headers before it wait for the end of the group', async () => {
  const world = await World.open();
  await world.turn((db) => List.create(db, 'list').push('tail', ['first']));
  await world.run((db) => {
    for (let i = 0; i < 10; i++) List.find(db, 'list')?.push('tail', ['x']);
    putCollection(db, 'b', {});
  });
  const b = await world.run((db) => versionOf(db.get('b') as never));
  expect(b).toBeLessThan(world.storage.log.nextLsn);
  await world.endTurn();
  await world.close();
});
