/** The log says of a put that it creates its record where that is known, and never of one that was there. */

import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import { ChangeKind } from '../../src/storage/storage.js';
import { List } from '../../src/types/list/list.js';
import { changesIn } from '../support/audit-log.js';
import { DIRECTORY, putCollection, World } from './world.js';

/** Of each record of a collection that was put since, by name and in order, whether that created it. */
async function putsOf(world: World, task: (db: Database) => void): Promise<[string, boolean][]> {
  const from = world.storage.log.nextLsn;
  await world.turn(task);
  return changesIn(world.files, DIRECTORY, world.storage.log.segment)
    .filter(({ key, lsn, kind }) => key.startsWith('d') && lsn >= from && kind === ChangeKind.put)
    .map(({ key, creates }) => [key.slice(15), creates]);
}

function write(db: Database, sub: string, value: string | undefined): void {
  const entry = db.entry('c');
  if (entry === undefined) throw new Error('no collection');
  db.writeData(entry, sub, value);
}

test('in a collection of which all is known', async () => {
  const world = await World.open();
  const made = await putsOf(world, (db) => putCollection(db, 'c', { '\x02a': '1', '\x02b': '2' }));
  expect(made).toEqual([
    ['\x02a', true],
    ['\x02b', true],
  ]);
  const changed = await putsOf(world, (db) => {
    write(db, '\x02a', '3');
    write(db, '\x02b', undefined);
    write(db, '\x02b', '4');
    write(db, '\x02c', '5');
    write(db, '\x02c', '6');
  });
  expect(changed).toEqual([
    ['\x02a', false],
    ['\x02b', true],
    ['\x02c', true],
    ['\x02c', false],
  ]);
  await world.close();
});

test('not if nothing was known of the record', async () => {
  const world = await World.open();
  await world.turn((db) => List.create(db, 'list').push('tail', ['a', 'b', 'c']));
  await world.chill();
  const puts = await putsOf(world, (db) => List.find(db, 'list')?.set(1, 'B'));
  expect(puts.map(([, creates]) => creates)).toEqual([false]);
  await world.close();
});

test('if it was looked for in the store, where it was not', async () => {
  const world = await World.open();
  await world.turn((db) => putCollection(db, 'c', { '\x02a': '1' }));
  await world.chill();
  const puts = await putsOf(world, (db) => {
    const entry = db.entry('c');
    if (entry !== undefined) for (const sub of ['\x02a', '\x02b']) db.readData(entry, sub);
    write(db, '\x02a', '2');
    write(db, '\x02b', '2');
  });
  expect(puts).toEqual([
    ['\x02a', false],
    ['\x02b', true],
  ]);
  await world.close();
});
