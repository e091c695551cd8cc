/** The resident set: what leaves and in which order, what must stay, and accounts that are exact. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { Entry } from '../../src/keyspace/entry.js';
import { entryBytes } from '../../src/keyspace/entry.js';
import { Header } from '../../src/keyspace/header.js';
import { MembershipFilter } from '../../src/keyspace/membership-filter.js';
import { Residents } from '../../src/keyspace/residents.js';
import { Space } from '../../src/keyspace/space.js';
import {
  countedBytes,
  putCollection,
  readRecord,
  World,
  type WorldOptions,
  writeRecord,
} from './world.js';

let world: World | undefined;

afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(options: WorldOptions = {}): Promise<World> {
  world = await World.open(options);
  return world;
}

interface Bare {
  readonly residents: Residents;
  readonly space: Space;
  add(key: string, value?: string): Entry;
  names(): string;
}

/** Residents without a keyspace; what is added is clean. */
function bare(): Bare {
  const residents = new Residents();
  residents.cut(1);
  const space = new Space(0, new MembershipFilter());
  return {
    residents,
    space,
    add: (key, value = '') => {
      const entry = residents.add({ key, name: key, slot: 0, hash: 0 }, space);
      residents.setRecord(entry, value);
      return entry;
    },
    names: () =>
      [...space.residents()]
        .map(({ name }) => name)
        .sort()
        .join(''),
  };
}

function evictOne({ residents }: Bare): void {
  residents.evict(residents.bytes - 1);
}

test('SIEVE: the oldest that was not used leaves first', () => {
  const set = bare();
  const entries = new Map([...'abcde'].map((name) => [name, set.add(name)]));
  const use = (name: string): void => {
    const entry = entries.get(name);
    if (entry !== undefined) set.residents.usage.touch(entry);
  };
  evictOne(set);
  expect(set.names()).toBe('bcde');
  use('b');
  use('c');
  evictOne(set); // the hand passes b and c, which lose their mark, and takes d
  expect(set.names()).toBe('bce');
  entries.set('f', set.add('f'));
  use('e');
  evictOne(set); // from where the hand stands: past e, takes f, though it is the newest
  expect(set.names()).toBe('bce');
  evictOne(set); // and begins again at the oldest
  expect(set.names()).toBe('ce');
});

test('what is dirty never leaves, whatever the need; once in the store it does', () => {
  const { residents, add, names } = bare();
  add('a');
  residents.markDirty(add('b'));
  residents.evictAll();
  expect(names()).toBe('b');
  residents.cut(2);
  residents.evictAll();
  expect(names()).toBe('b');
  residents.advance(1);
  residents.evictAll();
  expect(names()).toBe('');
  expect([residents.bytes, residents.entries, residents.dirtyBytes]).toEqual([0, 0, 0]);
});

test('a pinned checkpoint keeps what changed after it, tombstones included, until the last pin goes', () => {
  const { residents, add, names } = bare();
  const gone = add('a');
  residents.setRecord(gone, undefined);
  residents.markDirty(gone);
  const unpin = residents.pinCheckpoint(0);
  const unpinSame = residents.pinCheckpoint(0);
  residents.cut(2);
  residents.markDirty(add('b'));
  residents.cut(3);
  residents.advance(2);
  const unpinLater = residents.pinCheckpoint(1);
  residents.evictAll();
  expect(names()).toBe('ab');
  unpin();
  unpin(); // once more does nothing
  residents.evictAll();
  expect(names()).toBe('ab');
  unpinSame();
  residents.evictAll();
  expect(names()).toBe('b');
  unpinLater();
  residents.evictAll();
  expect(names()).toBe('');
});

test('one call looks at a bounded number of entries, more of them when many have come', () => {
  const { residents, add } = bare();
  for (let i = 0; i < 20_000; i++) residents.markDirty(add(`dirty${i}`));
  residents.evict(residents.bytes);
  for (let i = 0; i < 100; i++) add(`few${i}`);
  residents.evict(0); // a few thousand steps: not all dirty ones are passed
  expect(residents.entries).toBe(20_100);
  for (let i = 0; i < 10_000; i++) add(`many${i}`);
  residents.evict(0);
  expect(residents.entries).toBe(20_000);
});

test('entries of a dropped space are not counted, and leave as room is needed once it will not come back', () => {
  const { residents, space, add } = bare();
  const kept = new Space(1, new MembershipFilter());
  for (let i = 0; i < 100; i++) add(`key${i}`, 'x'.repeat(100));
  const used = residents.bytes;
  residents.setRecord(residents.add({ key: 'k', name: 'k', slot: 0, hash: 0 }, kept), 'kept');
  residents.drop(space);
  expect(residents.bytes).toBe(kept.bytes);
  residents.letGo(space);
  residents.evict(used); // there is room for nearly all of it
  expect(residents.entries).toBeGreaterThan(90);
  residents.evict(kept.bytes);
  expect(residents.entries).toBe(1);
  expect([...kept.residents()]).toHaveLength(1);
  expect(residents.bytes).toBe(kept.bytes);
});

test('memory of flushed databases does not add up, though the cache never fills', async () => {
  const w = await open({ cacheBytes: 100_000 });
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 100; i++) await w.set(`key${i}`, 'x'.repeat(500));
    await w.turn(() => w.keyspace.flush(0));
    await w.fold();
    w.residents.evict(w.keyspace.options.cacheBytes);
    expect(w.residents.entries).toBeLessThan(200);
  }
});

test('a dropped space comes back with all it had', async () => {
  const w = await open();
  for (let i = 0; i < 20; i++) await w.set(`key${i}`, 'value');
  await expect(
    w.run((db) => {
      w.keyspace.flush(0);
      db.put('other', 'x');
      throw new Error('undo');
    }),
  ).rejects.toThrow('undo');
  expect(w.residents.bytes).toBe(countedBytes(w.keyspace));
  expect(w.db.size).toBe(20);
  expect(await w.get('key7')).toBe('value');
});

test('of a collection that changed, the records that did not may leave', async () => {
  const w = await open();
  await w.turn((db) => putCollection(db, 'c', { a: 'old', b: 'old', c: 'old' }));
  await w.fold();
  await w.turn((db) => writeRecord(db, 'c', 'b', 'new'));
  w.residents.evictAll();
  expect(
    w
      .resident('c')
      ?.data?.nextRecords(4)
      .map(({ sub }) => sub),
  ).toEqual(['b']);
  expect(w.resident('c')?.data?.complete).toBe(false);
  expect(w.residents.bytes).toBe(countedBytes(w.keyspace));
  const read = await w.turn((db) => ['a', 'b', 'c', 'd'].map((sub) => readRecord(db, 'c', sub)));
  expect(read).toEqual(['old', 'new', 'old', undefined]);
});

const key = fc.integer({ min: 0, max: 7 }).map((i) => (i === 7 ? 'long'.repeat(400) : `key${i}`));
const size = fc.integer({ min: 0, max: 300 });
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), key, size }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('collect' as const), key, size }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('record' as const), key, size }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), key, to: key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fold' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('evict' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

async function apply(w: World, step: Operation, fails: boolean): Promise<void> {
  if (step.kind === 'fold') return w.fold();
  if (step.kind === 'evict') return w.residents.evictAll();
  if (step.kind === 'restart') return w.restart();
  try {
    await w.turn((db) => {
      const value = 'v'.repeat('size' in step ? step.size : 0);
      if (step.kind === 'put') db.put(step.key, value);
      if (step.kind === 'collect') putCollection(db, step.key, { a: value, b: value });
      if (step.kind === 'record' && db.get(step.key) instanceof Header) {
        writeRecord(db, step.key, 'b', step.size % 3 === 0 ? undefined : value);
      }
      if (step.kind === 'delete') db.delete(step.key);
      if (step.kind === 'rename') db.rename(step.key, step.to);
      if (step.kind === 'read' && db.get(step.key) instanceof Header) readRecord(db, step.key, 'a');
      if (step.kind === 'flush') w.keyspace.flush(0);
      if (step.kind === 'swap') w.keyspace.swap(0, 1);
      if (fails) throw new Error('undo');
    });
  } catch (error) {
    if (!fails) throw error;
  }
}

test('the accounts are exact after any sequence of operations, undone ones too, and end at zero', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(operation, fc.integer({ min: 0, max: 4 })), { maxLength: 40 }),
      async (steps) => {
        const w = await World.open();
        for (const [step, chance] of steps) {
          await apply(w, step, chance === 0);
          expect(w.residents.bytes).toBe(countedBytes(w.keyspace));
          let dirty = 0;
          for (const space of w.keyspace.databases.spaces) {
            for (const entry of space?.residents() ?? []) {
              if (entry.segment > w.residents.checkpoint) dirty += entryBytes(entry);
            }
          }
          expect(w.residents.dirtyBytes).toBeGreaterThanOrEqual(dirty);
        }
        await w.fold();
        w.residents.evictAll();
        const bytes = [w.residents.bytes, w.residents.dirtyBytes, w.residents.entries];
        expect(bytes).toEqual([0, 0, 0]);
        await w.close();
      },
    ),
    { numRuns: 150 },
  );
});

test('tables are weighed record by record', async () => {
  const w = await open();
  await w.turn((db) => putCollection(db, 'c', { a: 'x'.repeat(1000) }));
  const entry = w.resident('c');
  expect(entry?.data?.bytes).toBeGreaterThan(1000);
  expect(w.residents.dirtyBytes).toBeGreaterThan(1000);
});
