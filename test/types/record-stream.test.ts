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
import { shouldStream, streamRecords } from '../../src/types/record-stream.js';
import { World } from '../keyspace/world.js';

const COUNT = 20_000;
const RANGE = tableRange(6);

function name(i: number): string {
  return `\x06${String(i).padStart(6, '0')}`;
}

function put(db: Database, i: number, value: string | undefined): void {
  const entry = findOrCreateCollection(db, 'c', ValueType.list);
  db.writeData(entry, name(i), value);
  setCount(db, entry, COUNT);
}

function found(db: Database): CollectionEntry {
  return findCollection(db, 'c', ValueType.list) as CollectionEntry;
}

async function coldList(): Promise<World> {
  const world = await World.open();
  await world.turn((db) => {
    for (let i = 0; i < COUNT; i++) put(db, i, String(i));
  });
  await world.chill();
  return world;
}

function stream(world: World): Promise<AsyncIterator<string, undefined>> {
  return world.run((db) =>
    streamRecords(
      world.keyspace,
      found(db),
      { range: RANGE, count: COUNT },
      {
        head: (count) => `${count}: `,
        encode: (_, value) => `${value} `,
      },
    ),
  );
}

async function textOf(pieces: AsyncIterator<string, undefined>): Promise<string> {
  let text = '';
  for (;;) {
    const { value, done } = await pieces.next();
    if (done === true) return text;
    text += value;
  }
}

test('sends what was there when it began, dirty records over stored ones, and loads nothing', async () => {
  const world = await coldList();
  await world.turn((db) => {
    put(db, 5, 'changed');
    put(db, 7, undefined);
    put(db, COUNT + 5, 'added');
  });
  expect(await world.run((db) => shouldStream(db, found(db), { range: RANGE, count: COUNT }))).toBe(
    true,
  );
  const pieces = await stream(world);
  await world.turn((db) => put(db, 9, 'too late'));
  await world.fold();
  const expected = Array.from({ length: COUNT }, (_, i) => (i === 5 ? 'changed' : String(i)));
  expected.splice(7, 1);
  expect(await textOf(pieces)).toBe(`${COUNT}: ${[...expected, 'added'].join(' ')} `);
  expect(world.resident('c')?.data?.size).toBeLessThan(10);
  await world.close();
});

test('a reader that leaves lets the snapshot go', async () => {
  const world = await coldList();
  const pieces = await stream(world);
  await pieces.next();
  await pieces.return?.();
  expect((await pieces.next()).done).toBe(true);
  await world.close();
});
