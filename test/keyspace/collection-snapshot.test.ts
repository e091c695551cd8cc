import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { type NameRange, tableRange } from '../../src/keyspace/collection.js';
import { CollectionSnapshot } from '../../src/keyspace/collection-snapshot.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { seed } from '../support/seed.js';
import { putCollection, World, writeRecord } from './world.js';

const TABLE = 6;
const NAMES = 12_000;

let world: World;
let model: Map<string, string>;
let random: () => number;

function name(i: number): string {
  return String.fromCharCode(TABLE) + String(i).padStart(6, '0');
}

function below(bound: number): number {
  return Math.floor(random() * bound);
}

beforeEach(async () => {
  random = seededRandom(seed);
  world = await World.open();
  model = new Map();
  for (let i = 0; i < NAMES; i += 2) model.set(name(i), `stored ${i}`);
  await world.turn((db) => putCollection(db, 'k', Object.fromEntries(model)));
  await world.chill();
});

afterEach(() => world.close());

/** Changes, adds and removes so many records, which stay dirty. */
async function change(count: number): Promise<void> {
  await world.turn((db) => {
    for (let i = 0; i < count; i++) {
      const key = name(below(NAMES));
      const value = random() < 0.5 ? undefined : `dirty ${i}`;
      writeRecord(db, 'k', key, value);
      if (value === undefined) model.delete(key);
      else model.set(key, value);
    }
  });
}

function take(range: NameRange = tableRange(TABLE)): Promise<CollectionSnapshot> {
  return world.run((db) => new CollectionSnapshot(world.keyspace, db.entry('k') as Entry, range));
}

function namesIn({ from, to }: NameRange, reverse = false): string[] {
  const names = [...model.keys()].filter((key) => key >= from && key < to).sort();
  return reverse ? names.reverse() : names;
}

function someRange(): NameRange {
  const [a, b] = [name(below(NAMES)), name(below(NAMES))].sort() as [string, string];
  return random() < 0.3 ? tableRange(TABLE) : { from: a, to: b };
}

async function readAll(
  snapshot: CollectionSnapshot,
  range: NameRange,
  reverse: boolean,
): Promise<[string, string][]> {
  const records: [string, string][] = [];
  for (let rest: NameRange | undefined = range; rest !== undefined; ) {
    const page = await snapshot.page(rest, reverse);
    for (const [i, key] of page.names.entries()) records.push([key, page.values[i] as string]);
    rest = page.rest;
  }
  return records;
}

for (const dirty of [0, 50, 9_000]) {
  test(`shows one moment, with ${dirty} dirty records (seed ${seed})`, async () => {
    await change(dirty);
    const range = someRange();
    const snapshot = await take(range);
    const expected = namesIn(range).map((key) => [key, model.get(key)]);
    const moment = new Map(model);
    await change(100);
    await world.chill();
    expect(await readAll(snapshot, range, false)).toEqual(expected);
    expect(await readAll(snapshot, range, true)).toEqual(expected.toReversed());
    model = moment;
    snapshot.close();
  });

  test(`counts, with ${dirty} dirty records (seed ${seed})`, async () => {
    await change(dirty);
    const snapshot = await take();
    for (let i = 0; i < 20; i++) {
      const range = someRange();
      const reverse = random() < 0.5;
      const limit = random() < 0.3 ? Number.MAX_SAFE_INTEGER : below(NAMES) + 1;
      const names = namesIn(range, reverse);
      const { count, rest } = await snapshot.skip(range, reverse, limit);
      expect(count).toBe(Math.min(limit, names.length));
      expect(namesIn(rest, reverse)).toEqual(names.slice(count));
      expect(await snapshot.count(range)).toBe(names.length);
      const one = name(below(NAMES));
      const rank = namesIn({ from: tableRange(TABLE).from, to: one }).length;
      expect(await snapshot.rank(one, model.size)).toBe(rank);
    }
    snapshot.close();
  });
}

test('what is resident is read without the store', async () => {
  await change(1_000);
  await world.run((db) => db.scanData(db.entry('k') as Entry, tableRange(TABLE)));
  const { ranges } = world.storage;
  const snapshot = await take();
  const expected = namesIn(tableRange(TABLE)).map((key) => [key, model.get(key)]);
  expect(await readAll(snapshot, tableRange(TABLE), false)).toEqual(expected);
  expect(await snapshot.rank(name(5_000), model.size)).toBe(
    namesIn({ from: tableRange(TABLE).from, to: name(5_000) }).length,
  );
  snapshot.close();
  expect(world.storage.ranges).toBe(ranges);
});
