/** Recovery: what the log tells becomes resident again, whatever of it is only in the store. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { Header, inlineString } from '../../src/keyspace/header.js';
import {
  countedBytes,
  putCollection,
  readRecord,
  settled,
  World,
  type WorldOptions,
  writeRecord,
} from './world.js';

let world: World;

afterEach(() => world.close());

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
}

function records(key: string, subs = ['a', 'b', 'c']): Promise<(string | undefined)[]> {
  return world.turn((db) =>
    db.get(key) === undefined ? [] : subs.map((sub) => readRecord(db, key, sub)),
  );
}

test('counts, seed and spaces are those from before, without a read of the store', async () => {
  let chance = 0.1;
  world = await World.open({ random: () => chance });
  chance = 0.7; // the next start would take another seed
  for (let i = 0; i < 20; i++) await world.set(`key${i}`, 'x', i % 3);
  await world.fold();
  await world.turn((db) => db.delete('key0'));
  await world.set('new', 'x', 5);
  const { names, nextSpace } = world.keyspace;
  const { seed } = names;
  await world.restart();
  expect(world.keyspace.names.seed).toBe(seed);
  expect(world.keyspace.nextSpace).toBe(nextSpace);
  const sizes = [0, 1, 2, 3, 5].map((index) => world.keyspace.database(index).size);
  expect(sizes).toEqual([6, 7, 6, 0, 1]);
  expect(world.storage.loads).toEqual([]);
});

test('a record written while the header is cold waits for its key', async () => {
  await open();
  await world.turn((db) => putCollection(db, 'c', { a: 'old', b: 'old' }));
  await world.fold();
  await world.turn((db) => {
    writeRecord(db, 'c', 'a', 'new');
    writeRecord(db, 'c', 'c', 'new');
    writeRecord(db, 'c', 'b', undefined);
  });
  await world.restart();
  expect(world.resident('c')).toBeUndefined();
  expect(await records('c')).toEqual(['new', undefined, 'new']);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  world.residents.evictAll(); // dirty: must stay
  expect(await records('c')).toEqual(['new', undefined, 'new']);
  await world.chill();
  expect(await records('c')).toEqual(['new', undefined, 'new']);
});

test('orphans are forgotten once the store has them', async () => {
  await open();
  await world.turn((db) => putCollection(db, 'c', { a: 'old' }));
  await world.fold();
  await world.turn((db) => writeRecord(db, 'c', 'a', 'new'));
  await world.restart();
  await world.fold();
  expect(world.residents.dirtyBytes).toBe(0);
  expect(await records('c', ['a'])).toEqual(['new']);
  await world.turn((db) => writeRecord(db, 'c', 'a', 'newer'));
  await world.chill();
  expect(await records('c', ['a'])).toEqual(['newer']);
});

test('a cold collection that was written and then renamed, in the log', async () => {
  await open();
  await world.turn((db) => putCollection(db, 'c', { a: 'old', b: 'old' }));
  await world.fold();
  await world.turn((db) => writeRecord(db, 'c', 'a', 'new'));
  await world.turn((db) => db.rename('c', 'd'));
  await world.turn((db) => writeRecord(db, 'd', 'c', 'newest'));
  await world.restart();
  expect(await records('c')).toEqual([]);
  expect(await records('d')).toEqual(['new', 'old', 'newest']);
  await world.turn((db) => writeRecord(db, 'd', 'b', 'last'));
  await world.chill();
  await world.restart();
  expect(await records('d')).toEqual(['new', 'last', 'newest']);
});

test('a collection made, renamed over another, and renamed back, in the log', async () => {
  await open();
  await world.turn((db) => putCollection(db, 'c', { a: 'c' }));
  await world.turn((db) => putCollection(db, 'd', { b: 'd' }));
  await world.turn((db) => db.rename('c', 'd'));
  await world.turn((db) => writeRecord(db, 'd', 'c', 'added'));
  await world.turn((db) => db.rename('d', 'c'));
  await world.restart();
  expect(await records('c')).toEqual(['c', undefined, 'added']);
  expect(await records('d')).toEqual([]);
  expect(world.db.size).toBe(1);
});

test('FLUSHDB and SWAPDB in the log, with writes before, between and after', async () => {
  await open();
  await world.set('old', 'x');
  await world.set('one', 'x', 1);
  await world.fold();
  await world.set('gone', 'x');
  await world.turn(() => world.keyspace.flush(0));
  await world.set('kept', 'x');
  await world.turn(() => world.keyspace.swap(0, 1));
  await world.set('late', 'x');
  await world.turn(() => world.keyspace.swap(2, 1));
  await world.restart();
  const expected = { '0/late': 'x', '0/one': 'x', '2/kept': 'x' };
  expect(await world.contents()).toEqual(expected);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  await world.chill();
  expect(await world.contents()).toEqual(expected);
  await world.restart();
  expect(await world.contents()).toEqual(expected);
});

test('all records of a flushed database go from the store', async () => {
  await open();
  for (let i = 0; i < 50; i++) await world.set(`key${i}`, 'x');
  await world.turn((db) => putCollection(db, 'c', { a: 'x' }));
  await world.fold();
  await world.turn(() => world.keyspace.flush(0));
  await world.set('kept', 'x');
  await world.fold();
  await world.restart();
  while ((await world.storage.statistics()).garbage > 0) await settled();
  const page = await world.storage.range({ from: 'd', to: 'n', maxRecords: 1e6, maxBytes: 1e9 });
  expect(page.keys.map((key) => key.slice(11))).toEqual(['kept']);
});

test('a log larger than the cache is folded on the way, and nothing of it is lost', async () => {
  await open({ cacheBytes: 20_000, maxLogSize: 1 });
  const values: Record<string, string> = {};
  for (let segment = 0; segment < 6; segment++) {
    for (let i = 0; i < 30; i++) {
      const key = `key${(segment * 7 + i) % 60}`;
      const value = `${segment}:${i}`.padEnd(100, '.');
      await world.set(key, value);
      values[`0/${key}`] = value;
    }
    await world.turn((db) => {
      if (segment === 0) putCollection(db, 'c', { a: '0', b: '0' });
      else writeRecord(db, 'c', segment % 2 ? 'a' : 'b', `${segment}`);
    });
    if (segment === 2) await world.turn((db) => db.rename('key1', 'renamed'));
    // A fold that fails in the store leaves its segment behind: several are to be replayed.
    world.store.failWrite = () => new Error('broken');
    await expect(world.fold()).rejects.toThrow('broken');
    world.store.failWrite = undefined;
  }
  await world.turn((db) => writeRecord(db, 'c', 'a', 'last'));
  const expected = await world.contents();
  await world.restart();
  expect((await world.storage.statistics()).folds).toBeGreaterThan(1);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  expect(await world.contents()).toEqual(expected);
  expect(await records('c', ['a', 'b'])).toEqual(['last', '4']);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
});

test('more databases than configured, with keys in them, are refused', async () => {
  await open();
  await world.set('a', 'x', 9);
  await world.fold();
  world.files.crash(() => true);
  const { files, store } = world;
  await expect(World.open({ files, store, databases: 4 })).rejects.toThrow(/database/);
  world = await World.open({ files, store });
  expect(await world.get('a', 9)).toBe('x');
});

const step = fc.record({
  kind: fc.constantFrom(
    ...(['put', 'expire', 'collect', 'record', 'record', 'delete', 'rename', 'flush'] as const),
    ...(['swap', 'fold', 'chill', 'failed fold', 'restart'] as const),
  ),
  key: fc.constantFrom('a', 'b', 'c', 'x'.repeat(1500)),
  to: fc.constantFrom('a', 'b', 'c', 'x'.repeat(1500)),
  sub: fc.constantFrom('1', '2', '3'),
  number: fc.integer({ min: 0, max: 99 }),
});

type Model = Map<string, { text: string; at: number } | Map<string, string>>;

/** Keys that expire, and the mean of their times. */
function expiriesIn(model: Model): { count: number; mean: number } {
  const all = [...model.values()].map((value) => (value instanceof Map ? 0 : value.at));
  const times = all.filter((at) => at !== 0);
  const sum = times.reduce((total, at) => total + at, 0);
  return { count: times.length, mean: times.length === 0 ? 0 : Math.floor(sum / times.length) };
}

function checkExpiries(w: World, models: readonly Model[]): void {
  for (const [index, model] of models.entries()) {
    const expiries = w.keyspace.databases.spaces[index]?.expiries;
    const { count = 0, mean = 0 } = expiries ?? {};
    expect({ count, mean }).toEqual(expiriesIn(model));
  }
}

test('any history, with folds, failed folds, evictions and restarts, is what a plain map says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const w = await World.open({ cacheBytes: 2_000 });
      const models: Model[] = [new Map(), new Map()];
      for (const { kind, key, to, sub, number } of steps) {
        const model = models[0] as Model;
        const old = model.get(key);
        if (kind === 'fold') await w.fold();
        else if (kind === 'chill') await w.chill();
        else if (kind === 'restart') await w.restart();
        else if (kind === 'failed fold') {
          w.store.failWrite = () => new Error('broken');
          await w.fold().catch(() => undefined);
          w.store.failWrite = undefined;
        } else if (kind === 'put' || kind === 'expire') {
          const at = kind === 'expire' ? w.clock.now() + 1_000_000 + number : 0;
          await w.set(key, inlineString(`${number}`, at));
          model.set(key, { text: `${number}`, at });
        } else if (kind === 'collect') {
          await w.turn((db) => putCollection(db, key, { [sub]: `${number}` }));
          model.set(key, new Map([[sub, `${number}`]]));
        } else if (kind === 'record' && old instanceof Map) {
          const value = number % 4 === 0 ? undefined : `${number}`;
          await w.turn((db) => writeRecord(db, key, sub, value));
          if (value === undefined) old.delete(sub);
          else old.set(sub, value);
        } else if (kind === 'delete') {
          await w.turn((db) => db.delete(key));
          model.delete(key);
        } else if (kind === 'rename' && old !== undefined && key !== to) {
          await w.turn((db) => db.rename(key, to));
          model.delete(key);
          model.set(to, old);
        } else if (kind === 'flush') {
          await w.turn(() => w.keyspace.flush(0));
          model.clear();
        } else if (kind === 'swap') {
          await w.turn(() => w.keyspace.swap(0, 1));
          models.reverse();
        }
        expect(w.residents.bytes).toBe(countedBytes(w.keyspace));
        checkExpiries(w, models);
      }
      await w.restart();
      checkExpiries(w, models);
      for (const index of [0, 1]) {
        const model = models[index] as Model;
        expect(w.keyspace.database(index).size).toBe(model.size);
        for (const key of ['a', 'b', 'c', 'x'.repeat(1500)]) {
          const record = await w.get(key, index);
          const expected = model.get(key);
          if (expected instanceof Map) {
            expect(record).toBeInstanceOf(Header);
            const found = await w.turn(() => {
              const db = w.keyspace.database(index);
              return ['1', '2', '3'].map((sub) => readRecord(db, key, sub));
            });
            expect(found).toEqual(['1', '2', '3'].map((sub) => expected.get(sub)));
          } else {
            expect(record).toEqual(expected && inlineString(expected.text, expected.at));
          }
        }
      }
      await w.close();
    }),
    { numRuns: 300 },
  );
  await open();
}, 60_000);
