/** The filter never says no to a key that is there, keeps its bound of false hits, and survives its file. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { SimulatedFiles, systemError } from '../../src/base/simulated-files.js';
import { FilterFiles } from '../../src/keyspace/filter-files.js';
import { hashOf, slotOf } from '../../src/keyspace/key-name.js';
import { MembershipFilter } from '../../src/keyspace/membership-filter.js';
import { Space } from '../../src/keyspace/space.js';
import { DIRECTORY, RecordingLogger, settled, World } from './world.js';

let world: World | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

function addTo(filter: MembershipFilter, key: string): void {
  filter.add(slotOf(key), hashOf(key, 7));
}

function mayContain(filter: MembershipFilter, key: string): boolean {
  return filter.mayContain(slotOf(key), hashOf(key, 7));
}

/** The share of the keys that may be there. */
function share(filter: MembershipFilter, probes: number, keyOf: (i: number) => string): number {
  let hits = 0;
  for (let i = 0; i < probes; i++) if (mayContain(filter, keyOf(i))) hits++;
  return hits / probes;
}

test('no key that was added is ever denied', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 16_383 }), fc.integer()), { maxLength: 500 }),
      (keys) => {
        const filter = new MembershipFilter();
        for (const [slot, hash] of keys) filter.add(slot, hash | 0);
        for (const [slot, hash] of keys) expect(filter.mayContain(slot, hash | 0)).toBe(true);
      },
    ),
  );
});

test('over several layers no key is denied, and about one absent key in fifty is not', () => {
  const filter = new MembershipFilter();
  for (let i = 0; i < 200_000; i++) addTo(filter, `key:${i}`);
  expect(share(filter, 200_000, (i) => `key:${i}`)).toBe(1);
  expect(filter.layers.length).toBe(4);
  expect(filter.keys).toBe(200_000);
  expect(filter.bytes).toBeLessThan(200_000 * 3);
  expect(share(filter, 50_000, (i) => `absent:${i}`)).toBeLessThan(0.06);
});

test('keys of one slot do not crowd together', () => {
  const filter = new MembershipFilter();
  for (let i = 0; i < 16_000; i++) addTo(filter, `{one}${i}`);
  expect(share(filter, 20_000, (i) => `{one}absent${i}`)).toBeLessThan(0.04);
});

test('an incomplete filter answers maybe to everything', () => {
  expect(mayContain(new MembershipFilter([], false), 'anything')).toBe(true);
  expect(mayContain(new MembershipFilter(), 'anything')).toBe(false);
});

interface Saved {
  readonly files: SimulatedFiles;
  readonly logger: RecordingLogger;
  readonly filterFiles: FilterFiles;
}

async function save(keys: number, segment: number): Promise<Saved> {
  const files = new SimulatedFiles();
  const logger = new RecordingLogger();
  const filterFiles = new FilterFiles(files, DIRECTORY, logger);
  const filter = new MembershipFilter();
  for (let i = 0; i < keys; i++) addTo(filter, `key:${i}`);
  await filterFiles.save([new Space(3, filter)], segment);
  return { files, logger, filterFiles };
}

test('a saved filter is read back whole, after a power cut too', async () => {
  const { files, filterFiles, logger } = await save(40_000, 9);
  files.crash();
  const filter = filterFiles.load(3, 9);
  expect(filter.complete).toBe(true);
  expect(filter.keys).toBe(40_000);
  expect(share(filter, 40_000, (i) => `key:${i}`)).toBe(1);
  expect(mayContain(filter, 'absent:1') && mayContain(filter, 'absent:2')).toBe(false);
  expect(logger.messages).toEqual([]);
});

test('a filter that covers less than the checkpoint is not used; one that covers more is', async () => {
  const { filterFiles } = await save(10, 9);
  expect(filterFiles.load(3, 10).complete).toBe(false);
  expect(filterFiles.load(3, 8).complete).toBe(true);
  expect(filterFiles.load(4, 1).complete).toBe(false);
});

test('a damaged filter is not used, wherever the damage is', async () => {
  const { files, filterFiles, logger } = await save(10, 9);
  const path = `${DIRECTORY}/filters/3.filter`;
  const size = files.openSync(path, 'read').sizeSync();
  for (const offset of [0, 8, 15, 16, 20, 24, 100, size - 5, size - 1]) {
    files.flip(path, offset);
    expect(filterFiles.load(3, 9).complete, `offset ${offset}`).toBe(false);
    files.flip(path, offset);
  }
  expect(logger.messages).toHaveLength(9);
  for (const length of [0, 3, 11, 30, size - 1]) {
    const file = files.openSync(path, 'read-write');
    const bytes = Buffer.alloc(size);
    file.readSync(bytes, 0);
    file.truncateSync(length);
    expect(filterFiles.load(3, 9).complete, `length ${length}`).toBe(false);
    file.truncateSync(0);
    file.writeSync(bytes, 0);
  }
  expect(filterFiles.load(3, 9).complete).toBe(true);
});

test('saving removes the filters of spaces that are gone, and leaves incomplete ones out', async () => {
  const { files, filterFiles } = await save(10, 9);
  await filterFiles.save(
    [new Space(5, new MembershipFilter()), new Space(6, new MembershipFilter([], false))],
    12,
  );
  expect(files.listSync(`${DIRECTORY}/filters`)).toEqual(['5.filter']);
});

test('after a clean checkpoint and a crash a new key needs no read', async () => {
  world = await World.open();
  for (let i = 0; i < 100; i++) await world.set(`key${i}`, 'x');
  await world.fold();
  await world.set('after', 'x');
  await world.restart();
  await world.set('brand new', 'x');
  expect(world.storage.loads).toEqual([]);
  expect(world.db.size).toBe(102);
});

test('a filter that is lost is made anew, while keys come, go and are folded', async () => {
  world = await World.open();
  for (let i = 0; i < 12_000; i++) await world.run((db) => db.put(`key${i}`, 'x'));
  await world.endTurn();
  await world.fold();
  world.files.removeSync(`${DIRECTORY}/filters/0.filter`);
  await world.restart();
  const space = world.keyspace.databases.spaces[0];
  expect(space?.filter.complete).toBe(false);
  let pages = 0;
  world.storage.beforeRange = async () => {
    pages++;
    await world?.set(`between${pages}`, 'x');
    await world?.turn((db) => db.delete(`key${pages}`));
    await world?.chill();
  };
  world.filters.check();
  while (!space?.filter.complete) await settled();
  world.storage.beforeRange = undefined;
  expect(pages).toBeGreaterThan(1);
  const { seed } = world.keyspace.names;
  for (let i = pages + 1; i < 12_000; i++) {
    const found = space.filter.mayContain(slotOf(`key${i}`), hashOf(`key${i}`, seed));
    if (!found) throw new Error(`key${i} is denied`);
  }
  for (let i = 1; i <= pages; i++) expect(await world.get(`between${i}`)).toBe('x');
  const loads = world.storage.loads.length;
  await world.set('brand new', 'x');
  expect(world.storage.loads.length).toBe(loads);
});

test('a filter that is made anew knows the keys that come back with a group that is given up', async () => {
  world = await World.open();
  await world.set('stored', 'x');
  await world.fold();
  world.files.removeSync(`${DIRECTORY}/filters/0.filter`);
  await world.restart();
  await world.set('key', 'x');
  await world.run((db) => db.delete('key'));
  world.filters.check();
  world.files.failWrite = (path) => systemError('ENOSPC', path);
  await expect(world.endTurn()).rejects.toThrow('ENOSPC');
  world.files.failWrite = undefined;
  const space = world.keyspace.databases.spaces[0];
  while (!space?.filter.complete) await settled();
  await world.chill();
  expect(await world.get('key')).toBe('x');
});

test('a filter full of keys that are gone is made anew', async () => {
  world = await World.open();
  for (let i = 0; i < 110_000; i++) await world.run((db) => db.put(`key${i}`, ''));
  await world.endTurn();
  for (let i = 0; i < 109_000; i++) await world.run((db) => db.delete(`key${i}`));
  await world.endTurn();
  await world.fold();
  world.residents.evictNow(0);
  const space = world.keyspace.databases.spaces[0];
  world.filters.check();
  while ((space?.filter.keys ?? 0) > 2_000) await settled();
  expect(space?.filter.keys).toBeLessThanOrEqual(1_000);
  for (let i = 109_000; i < 110_000; i++) expect(await world.get(`key${i}`)).toBe('');
});
