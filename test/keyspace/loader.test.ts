/** Loads in flight: what they cover stays, what is resident wins, what has become void is thrown away. */

import { afterEach, describe, expect, test } from 'vitest';
import { tableRange } from '../../src/keyspace/collection.js';
import { keyRecordKey } from '../../src/keyspace/encoding.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { Header, type TypeNumber, ValueType } from '../../src/keyspace/header.js';
import { hashOf, nameOf, slotOf } from '../../src/keyspace/key-name.js';
import { CommandTooLarge, loadedBytesMax } from '../../src/keyspace/limits.js';
import { List } from '../../src/types/list/list.js';
import { countedBytes, putCollection, readRecord, settled, World, writeRecord } from './world.js';

let world: World;

afterEach(() => world.close());

async function openCold(keys: Readonly<Record<string, string>> = { a: 'old' }): Promise<void> {
  world = await World.open();
  for (const [key, value] of Object.entries(keys)) await world.set(key, value);
  await world.chill();
}

function recordKeyOf(key: string): string {
  const { seed } = world.keyspace.names;
  return keyRecordKey({ space: 0, slot: slotOf(key), hash: hashOf(nameOf(key), seed), name: key });
}

/** Starts a read whose load has read the store but does not return before `releaseAll`. */
function start<T>(read: () => T): { result: Promise<T> } {
  world.storage.holds = true;
  const result = world.run(read);
  world.storage.holds = false;
  return { result };
}

test('several requests that miss one record share one load', async () => {
  await openCold();
  const first = start(() => world.db.get('a'));
  const second = world.run((db) => db.get('a'));
  const third = world.run((db) => db.get('a'));
  await settled();
  expect(world.storage.loads).toHaveLength(1);
  await world.storage.releaseAll();
  expect(await Promise.all([first.result, second, third])).toEqual(['old', 'old', 'old']);
  expect(world.storage.loads).toHaveLength(1);
});

test('absence is cached: a key that the filter wrongly lets through is looked up once', async () => {
  await openCold();
  const space = world.keyspace.databases.spaces[0];
  space?.remember(slotOf('ghost'), hashOf('ghost', world.keyspace.names.seed));
  expect(await world.get('ghost')).toBeUndefined();
  expect(await world.get('ghost')).toBeUndefined();
  expect(world.storage.loads).toHaveLength(1);
});

test('a write under a load in flight wins over what the load brings', async () => {
  await openCold();
  const read = start(() => world.db.get('a'));
  // Another path makes the key resident meanwhile: an escalated request.
  writeEscalated(() => void world.db.put('a', 'new'));
  await world.endTurn();
  await world.storage.releaseAll();
  expect(await read.result).toBe('new');
  expect(await world.get('a')).toBe('new');
});

test('what was written, folded and evicted under a load in flight does not come back old', async () => {
  await openCold();
  const read = start(() => world.db.get('a'));
  writeEscalated(() => void world.db.put('a', 'new'));
  await world.endTurn();
  await world.fold();
  world.residents.evictAll();
  expect(world.resident('a')).toBeDefined(); // pinned by the load
  await world.storage.releaseAll();
  expect(await read.result).toBe('new');
  expect(await world.get('a')).toBe('new');
  world.residents.evictAll();
  expect(world.resident('a')).toBeUndefined(); // and let go after it
  expect(world.residents.bytes).toBe(0);
});

test('what was deleted, folded and evicted under a load in flight stays deleted', async () => {
  await openCold();
  const read = start(() => world.db.get('a'));
  writeEscalated(() => void world.db.delete('a'));
  await world.endTurn();
  await world.fold();
  world.residents.evictAll();
  await world.storage.releaseAll();
  expect(await read.result).toBeUndefined();
  expect(await world.get('a')).toBeUndefined();
  expect(world.db.size).toBe(0);
});

test('a load for a space that was dropped meanwhile is thrown away', async () => {
  await openCold();
  const read = start(() => world.db.get('a'));
  await world.turn(() => world.keyspace.flush(0));
  const { entries } = world.residents;
  await world.storage.releaseAll();
  expect(await read.result).toBeUndefined();
  expect(world.residents.entries).toBe(entries);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  expect(world.resident('a')).toBeUndefined();
});

test('a load in flight across SWAPDB serves the database that asks', async () => {
  await openCold();
  await world.set('a', 'of 1', 1);
  const read = start(() => world.db.get('a'));
  await world.turn(() => world.keyspace.swap(0, 1));
  await world.storage.releaseAll();
  expect(await read.result).toBe('of 1');
  expect(await world.get('a', 1)).toBe('old');
});

async function openColdCollection(): Promise<void> {
  world = await World.open();
  await world.turn((db) => putCollection(db, 'c', { a: 'old', b: 'old' }));
  await world.chill();
  await world.get('c'); // the header is resident, the records are not
}

test('a record written, folded and evicted under the load of its collection wins', async () => {
  await openColdCollection();
  const read = start(() => readRecord(world.db, 'c', 'a'));
  await world.turn((db) => writeRecord(db, 'c', 'a', 'new'));
  await world.fold();
  world.residents.evictAll();
  await world.storage.releaseAll();
  expect(await read.result).toBe('new');
  expect(await world.turn((db) => readRecord(db, 'c', 'a'))).toBe('new');
});

/** Of a collection of 200 records a hundred are resident. */
async function openHalfResident(): Promise<void> {
  world = await World.open();
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`n${i}`, 'old']));
  await world.turn((db) => putCollection(db, 'c', many));
  await world.chill();
  for (let i = 0; i < 100; i++) await world.turn((db) => readRecord(db, 'c', `n${i}`));
}

test('clean records leave while others of their collection are loaded', async () => {
  await openHalfResident();
  const data = () => world.resident('c')?.data;
  expect(data()?.size).toBe(100);
  const read = start(() => readRecord(world.db, 'c', 'n100'));
  await settled();
  await world.turn((db) => writeRecord(db, 'c', 'n1', 'new'));
  await world.fold();
  world.residents.evictAll();
  expect(
    data()
      ?.nextRecords(2)
      .map(({ value }) => value),
  ).toEqual(['new']);
  await world.storage.releaseAll();
  expect(await read.result).toBe('old');
  world.residents.evictAll();
  expect(world.residents.bytes).toBe(0);
});

/** As often as the hand needs to come around. */
function evict(capacity: number): void {
  for (let i = 0; i < 9; i++) world.residents.evict(capacity);
}

test.each([
  { records: 2_500, value: 'old' },
  { records: 1_000, value: 'x'.repeat(3_000) },
])(
  'what is read in pages ($records records) is not evicted before all is there, unless that is more than may be loaded',
  async ({ records, value }) => {
    world = await World.open();
    const many = Object.fromEntries(Array.from({ length: records }, (_, i) => [`n${i}`, value]));
    await world.turn((db) => putCollection(db, 'c', many));
    await world.chill();
    const size = () => world.resident('c')?.data?.size;
    const sizes: (number | undefined)[] = [];
    world.storage.afterRange = async () => {
      if (world.storage.ranges !== 2) return;
      const page = size();
      for (const capacity of [1_000, -loadedBytesMax(0)]) {
        evict(capacity);
        sizes.push(size());
      }
      expect(sizes).toEqual([page, 0]);
      expect(page).toBeGreaterThan(100);
    };
    const names = await world.run((db) => db.allData(db.entry('c') as Entry));
    expect(sizes).toHaveLength(2);
    expect(names).toHaveLength(records);
    evict(0);
    expect(world.resident('c')).toBeUndefined();
  },
);

test('loads of single records leave the cache no larger than it may be', async () => {
  await openHalfResident();
  const read = start(() => readRecord(world.db, 'c', 'n100'));
  await settled();
  evict(0);
  expect(world.resident('c')?.data?.size).toBe(0);
  await world.storage.releaseAll();
  expect(await read.result).toBe('old');
});

test('records of a collection that was replaced meanwhile are thrown away', async () => {
  await openColdCollection();
  const read = start(() => readRecord(world.db, 'c', 'a'));
  await world.turn((db) => putCollection(db, 'c', { b: 'other' }));
  await world.storage.releaseAll();
  expect(await read.result).toBeUndefined();
  expect(await world.turn((db) => readRecord(db, 'c', 'b'))).toBe('other');
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
});

test('a load pins a collection that RENAME has taken to another key and back', async () => {
  await openColdCollection();
  const read = start(() => readRecord(world.db, 'c', 'a'));
  await world.turn((db) => db.rename('c', 'd'));
  await world.turn((db) => writeRecord(db, 'd', 'a', 'new'));
  await world.fold();
  world.residents.evictAll();
  expect(world.resident('d')?.data?.get('a')?.value).toBe('new');
  await world.turn((db) => db.rename('d', 'c'));
  await world.storage.releaseAll();
  expect(await read.result).toBe('new');
  await world.chill();
  expect(await world.turn((db) => readRecord(db, 'c', 'a'))).toBe('new');
});

test('an escalated load does not wait for the one in flight, whose result changes nothing then', async () => {
  await openCold();
  const read = start(() => world.db.get('a'));
  world.keyspace.transaction.begin(0, 0, escalated());
  expect(world.db.get('a')).toBe('old');
  world.keyspace.transaction.commit(world.storage.log);
  expect(world.storage.syncLoads).toHaveLength(1);
  const entry = world.resident('a');
  await world.storage.releaseAll();
  expect(world.resident('a')).toBe(entry);
  expect(await read.result).toBe('old');
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
});

test('a record that cannot be read fails its own request, not those that joined its load', async () => {
  await openCold({ good: '1', bad: '2', other: '3' });
  world.storage.damaged.set(recordKeyOf('bad'), new Error('checksum'));
  world.storage.holds = true;
  const first = world.keyspace.runner.run({
    run: () => world.db.get('other'),
    prefetch: () => {
      world.db.prefetch('good');
      world.db.prefetch('bad');
    },
  });
  const joins = world.run((db) => db.get('good'));
  const needs = world.run((db) => db.get('bad')).catch((error: Error) => error.message);
  await settled();
  await world.storage.releaseAll();
  expect([await first, await joins, await needs]).toEqual(['3', '1', 'checksum']);
});

test('what is prefetched and cannot be read is no error of the request before it', async () => {
  await openCold({ good: '1', bad: '2' });
  world.storage.damaged.set(recordKeyOf('bad'), new Error('checksum'));
  const value = await world.keyspace.runner.run({
    run: () => world.db.get('good'),
    prefetch: () => {
      world.db.prefetch('good');
      world.db.prefetch('bad');
    },
  });
  expect(value).toBe('1');
  await expect(world.get('bad')).rejects.toThrow('checksum');
});

test('prefetching loads everything in one message, and what is known to be absent not at all', async () => {
  const keys = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, `${i}`]));
  await openCold(keys);
  const names = Object.keys(keys);
  const values = await world.keyspace.runner.run({
    run: () => names.map((name) => world.db.get(name)),
    prefetch: () => {
      for (const name of [...names, 'absent1', 'absent2']) world.db.prefetch(name);
    },
  });
  expect(values).toEqual(Object.values(keys));
  expect(world.storage.loads.flat()).toHaveLength(100);
  expect(world.storage.loads.length).toBeLessThanOrEqual(2); // what is missed, and what is prefetched with it
  expect(world.keyspace.runner.faults).toBe(1);
});

function escalated() {
  return { escalated: true, outcomes: new Map() } as never;
}

/** A request that loads what it needs by blocking calls, while others wait. */
function writeEscalated(change: () => void): void {
  world.keyspace.transaction.begin(world.clock.now(), 0, escalated());
  change();
  world.keyspace.transaction.commit(world.storage.log);
}

describe('whether there is room for all elements of a collection', () => {
  const MANY = 10_000_000;

  async function openLarge(type: TypeNumber): Promise<Entry> {
    world = await World.open({ cacheBytes: 1 << 20 });
    await world.turn((db) => {
      putCollection(db, 'k', { '\x02a': '1', '\x03a': '1', '\x08group': '1', '\x0cpiece': '1' });
      const entry = db.entry('k') as Entry;
      db.replace(entry, new Header({ ...(entry.record as Header), type, count: MANY }));
    });
    await world.chill();
    return (await world.run((db) => db.entry('k'))) as Entry;
  }

  test.each([Number.POSITIVE_INFINITY, MANY])(
    'is known before any is read (of %d)',
    async (limit) => {
      const entry = await openLarge(ValueType.hash);
      const all = world.run((db) => db.scanData(entry, { ...tableRange(2), limit }));
      await expect(all).rejects.toThrow(CommandTooLarge);
      expect(world.storage.ranges).toBe(0);
      expect(await world.run((db) => db.scanData(entry, { ...tableRange(2), limit: 9 }))).toEqual([
        '\x02a',
      ]);
    },
  );

  test('is known before the names of the elements of a list are made', async () => {
    await openLarge(ValueType.list);
    const all = world.run((db) => List.find(db, 'k')?.slice(0, MANY));
    await expect(all).rejects.toThrow(CommandTooLarge);
    expect(world.storage.ranges).toBe(0);
  });

  test('says nothing of other records that belong to it', async () => {
    const entry = await openLarge(ValueType.stream);
    expect(await world.run((db) => db.scanData(entry, tableRange(8)))).toEqual(['\x08group']);
  });

  test('does not follow from the length of a document', async () => {
    const entry = await openLarge(ValueType.json);
    expect(await world.run((db) => db.scanData(entry, tableRange(12)))).toEqual(['\x0cpiece']);
    expect(await world.run((db) => db.allData(entry))).toHaveLength(4);
  });
});
