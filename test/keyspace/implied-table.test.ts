/** The order of a sorted set, which is not kept in memory while all of the set is resident. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { tableRange } from '../../src/keyspace/collection.js';
import { CollectionSnapshot } from '../../src/keyspace/collection-snapshot.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { copy } from '../../src/types/copy.js';
import { membersAt } from '../../src/types/sorted-set/range.js';
import {
  MEMBERS_TABLE,
  SCORES_TABLE,
  type ScoredMember,
  SortedSet,
} from '../../src/types/sorted-set/sorted-set.js';
import { countedBytes, countedDataset, World } from './world.js';

const KEY = 'set';
const LIMITS = { entries: 128, memberBytes: 64 };
/** More than leave at once. */
const LARGE = 2_000;
const LONG = 'long'.repeat(300);

let world: World;

beforeEach(async () => {
  world = await World.open();
});

afterEach(() => world.close());

function findSet(db: Database): SortedSet {
  return SortedSet.find(db, KEY) as SortedSet;
}

function fill(count: number): Promise<void> {
  return world.turn((db) => {
    const set = SortedSet.create(db, KEY, true);
    for (let i = 0; i < count; i++) set.add(`member${i}`, i, LIMITS);
    set.save();
  });
}

function move(db: Database, member: string, score: number): void {
  const set = findSet(db);
  set.move(member, set.score(member) as number, score);
  set.save();
}

function scored(member: string, score: number): ScoredMember {
  return { member, score };
}

function slice(from: number, to: number): Promise<ScoredMember[]> {
  return world.run((db) => membersAt(findSet(db), from, to, false));
}

function isImplied(): boolean {
  return world.resident(KEY)?.data?.implied !== undefined;
}

function residentRecords(): number {
  return world.resident(KEY)?.data?.size ?? 0;
}

test('a new set has a record for each member, and none for its place', async () => {
  await fill(LARGE);
  await world.turn((db) => move(db, 'member5', -1));
  expect(residentRecords()).toBe(LARGE);
  expect(await slice(0, 1)).toEqual([scored('member5', -1), scored('member0', 0)]);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  expect(world.residents.datasetBytes).toBe(countedDataset(world.keyspace));
});

test('what is implied is read by name: long members, both zeros, and what is not there', async () => {
  await world.turn((db) => {
    const set = SortedSet.create(db, KEY, true);
    for (const [member, score] of [
      [LONG, 0.5],
      ['minus', -0],
      ['zero', 0],
    ] as const) {
      set.add(member, score, LIMITS);
    }
    set.save();
  });
  expect(await slice(0, -1)).toEqual([scored('minus', -0), scored('zero', 0), scored(LONG, 0.5)]);
  const [values, absent] = await world.run((db) => {
    const { entry } = findSet(db);
    const names = db.allData(entry).filter((name) => name.charCodeAt(0) === SCORES_TABLE);
    const other = `${(names[0] as string).slice(0, -1)}?`;
    return [names.map((name) => db.readData(entry, name)), db.readData(entry, other)];
  });
  expect(values).toEqual(['-', '', `\0\0\x04\xb0${LONG}`]);
  expect(absent).toBeUndefined();
});

test('the store has all of the order: it is there after a restart, with and without a fold', async () => {
  await fill(100);
  await world.turn((db) => move(db, 'member5', 200));
  for (const step of ['log', 'store']) {
    if (step === 'store') await world.fold();
    await world.restart();
    expect(isImplied()).toBe(false);
    expect((await slice(0, -1)).length).toBe(100);
    expect(await slice(4, 5)).toEqual([scored('member4', 4), scored('member6', 6)]);
    expect(await slice(99, 99)).toEqual([scored('member5', 200)]);
  }
});

/** What stands around the place that member5 has left for the first one. */
const WITHOUT_FIFTH = [scored('member3', 3), scored('member4', 4), scored('member6', 6)];

test('nothing of a set leaves before the store has what was implied', async () => {
  await fill(LARGE);
  await world.fold();
  await world.turn((db) => move(db, 'member5', -1));
  for (let i = 0; i < 20; i++) world.residents.evict(0);
  expect(residentRecords()).toBe(LARGE);
  expect(isImplied()).toBe(true);
  await world.fold();
  // One turn of the hand finds that it was used, the next takes a piece.
  for (let i = 0; i < 2; i++) world.residents.evict(0);
  expect(isImplied()).toBe(false);
  expect(residentRecords()).toBeLessThan(LARGE);
  expect(await slice(4, 6)).toEqual(WITHOUT_FIFTH);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
});

test('a large set that never rests leaves nevertheless: its changes are kept until the next fold', async () => {
  await fill(LARGE);
  await world.fold();
  for (let i = 0; i < 3; i++) {
    await world.turn((db) => move(db, 'member5', -i));
    for (let turn = 0; turn < 3; turn++) world.residents.evict(0);
    await world.turn((db) => move(db, `member${100 + i}`, -10 - i));
    expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
    await world.fold();
  }
  await world.turn((db) => move(db, 'member5', -1));
  for (let turn = 0; turn < 3; turn++) world.residents.evict(0);
  expect(residentRecords()).toBeLessThan(LARGE);
  const first = [scored('member102', -12), scored('member101', -11), scored('member100', -10)];
  expect(await slice(0, 3)).toEqual([...first, scored('member5', -1)]);
  expect(await slice(7, 9)).toEqual(WITHOUT_FIFTH);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
});

for (const closing of [false, true]) {
  test(`a request that fails leaves the order as it was, ${closing ? 'closing' : 'implied'}`, async () => {
    await fill(LARGE);
    if (closing) for (let i = 0; i < 3; i++) world.residents.evict(0);
    expect(world.resident(KEY)?.data?.implied?.isClosing).toBe(closing);
    await world.turn((db) => move(db, 'member5', -1));
    const before = await slice(0, -1);
    for (let i = 0; i < 2; i++) {
      const failing = world.run((db) => {
        const set = findSet(db);
        set.move('member5', -1, 7.5);
        set.remove('member6', 6);
        set.remove('member5', 7.5);
        set.add('new', 5.5, LIMITS);
        set.save();
        throw new Error('as planned');
      });
      await expect(failing).rejects.toThrow('as planned');
      expect(await slice(0, -1)).toEqual(before);
      expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
      expect(world.residents.datasetBytes).toBe(countedDataset(world.keyspace));
      await world.turn((db) => move(db, 'member5', -1));
    }
    expect(isImplied()).toBe(true);
  });
}

test('an order that is made in slices has what came and lacks what went meanwhile', async () => {
  const count = 20_000;
  await fill(count);
  const view = world.resident(KEY)?.data?.view(SCORES_TABLE);
  const made = view?.makeOrder();
  // What the walk has passed, and what it has not.
  await world.turn((db) => {
    const set = findSet(db);
    for (let i = 0; i < count; i += 10) set.move(`member${i}`, i, count + i);
    for (let i = 1; i < count; i += 10) set.remove(`member${i}`, i);
    for (let i = 2; i < count; i += 10) set.add(`new${i}`, i, LIMITS);
    set.save();
  });
  expect(view?.hasOrder).toBe(false);
  await made;
  expect(view?.hasOrder).toBe(true);
  const first = [2, 3, 4, 5, 6, 7, 8, 9].map((i) => scored(`member${i}`, i));
  expect(await slice(0, 8)).toEqual([first[0], scored('new2', 2), ...first.slice(1)]);
  const last = [count - 20, count - 10].map((i) => scored(`member${i}`, count + i));
  expect(await slice(-2, -1)).toEqual(last);
  expect(view?.order.size).toBe(count);
});

test('a snapshot has the order as it was', async () => {
  await fill(100);
  const range = tableRange(SCORES_TABLE);
  const snapshot = await world.run(
    (db) => new CollectionSnapshot(world.keyspace, findSet(db).entry, range),
  );
  await world.turn((db) => move(db, 'member5', 200));
  const { names } = await snapshot.page(range, false);
  expect(names.map((name) => name.slice(9))).toEqual(
    Array.from({ length: 100 }, (_, i) => `member${i}`),
  );
  snapshot.close();
});

test('a copy has members and order', async () => {
  await fill(100);
  await world.turn((db) => copy(db, findSet(db).entry, db, 'copy'));
  const names = await world.run((db) => db.allData(findSet(db).entry));
  expect(names.filter((name) => name.charCodeAt(0) === MEMBERS_TABLE).length).toBe(100);
  expect(await world.run((db) => db.allData(db.entry('copy') as Entry))).toEqual(names);
  expect(world.residents.datasetBytes).toBe(countedDataset(world.keyspace));
});

test('after a rename the set is what it was', async () => {
  await fill(LARGE);
  await world.turn((db) => db.rename(KEY, 'other'));
  await world.turn((db) => db.rename('other', KEY));
  await world.turn((db) => move(db, 'member5', -1));
  expect(isImplied()).toBe(true);
  await world.restart();
  expect(await slice(4, 6)).toEqual(WITHOUT_FIFTH);
});
