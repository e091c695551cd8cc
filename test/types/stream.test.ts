/** Streams and their groups against a simple model, with folds, evictions and restarts between the steps. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import { append, deleteEntries, entriesBetween } from '../../src/types/stream/entries.js';
import {
  consumersOf,
  createGroup,
  destroyGroup,
  findConsumer,
  findGroup,
  type Group,
  groupsOf,
} from '../../src/types/stream/group.js';
import {
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  idOfTime,
  LAST_ID,
  parseId,
  parseOpenId,
} from '../../src/types/stream/id.js';
import { deleteConsumer, PendingEntries } from '../../src/types/stream/pending.js';
import {
  createStream,
  findStream,
  type Stream,
  saveStream,
} from '../../src/types/stream/stream.js';
import { type Trimming, trim } from '../../src/types/stream/trim.js';
import { countedBytes, World } from '../keyspace/world.js';

const KEY = 's';
const LIMITS = { entries: 4, bytes: 4096 };
const ALL = Number.POSITIVE_INFINITY;
const LONG = 'long'.repeat(300);

function need(db: Database): Stream {
  return findStream(db, KEY) ?? createStream(db, KEY);
}

function add(db: Database, time: number): void {
  const stream = need(db);
  append(db, stream, idOfTime(time), ['field', String(time), LONG, ''], LIMITS);
  saveStream(db, stream);
}

function remove(db: Database, times: readonly number[]): number {
  const stream = need(db);
  const count = deleteEntries(db, stream, times.map(idOfTime));
  saveStream(db, stream);
  return count;
}

function cut(db: Database, most: number): number {
  const stream = need(db);
  const count = trim(db, stream, { keep: { most }, approximate: false, limit: 0 });
  saveStream(db, stream);
  return count;
}

function times(db: Database): number[] {
  const stream = need(db);
  return entriesBetween(db, stream, FIRST_ID, LAST_ID).map(({ fields }) => Number(fields[1]));
}

function use<T>(db: Database, work: (stream: Stream, group: Group) => T): T {
  const stream = need(db);
  if (findGroup(db, stream, LONG) === undefined) createGroup(db, stream, LONG, FIRST_ID, 0);
  return work(stream, findGroup(db, stream, LONG) as Group);
}

function deliver(db: Database, time: number, name: string): void {
  use(db, (stream, group) => {
    const pending = new PendingEntries(db, stream, group);
    pending.assign(idOfTime(time), pending.enter(name), db.now, 1);
    pending.save();
  });
}

function acknowledge(db: Database, time: number): boolean {
  return use(db, (stream, group) => {
    const pending = new PendingEntries(db, stream, group);
    const entry = pending.get(idOfTime(time));
    if (entry !== undefined) pending.release(entry);
    pending.save();
    return entry !== undefined;
  });
}

function dismiss(db: Database, name: string): number {
  return use(db, (stream, group) => {
    const consumer = findConsumer(db, stream, group, name);
    return consumer === undefined ? 0 : deleteConsumer(db, stream, group, consumer);
  });
}

/** Who has what, by both orders and by the counters. */
function ownership(db: Database): Map<number, string> {
  return use(db, (stream, group) => {
    const pending = new PendingEntries(db, stream, group);
    const found = new Map<number, string>();
    for (const id of pending.between(FIRST_ID, LAST_ID, ALL)) {
      const entry = pending.get(id) as NonNullable<ReturnType<PendingEntries['get']>>;
      found.set(Number(formatId(id).split('-')[0]), pending.ownerOf(entry).name);
    }
    expect(group.pending).toBe(found.size);
    for (const consumer of consumersOf(db, stream, group)) {
      const own = pending.betweenOf(consumer, FIRST_ID, LAST_ID, ALL);
      expect(own).toHaveLength(consumer.pending);
      for (const id of own) {
        expect(found.get(Number(formatId(id).split('-')[0]))).toBe(consumer.name);
      }
    }
    return found;
  });
}

const time = fc.integer({ min: 1, max: 200 });
const name = fc.constantFrom('alice', 'bob', `${LONG}eve`);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), time }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), time }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), time, name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), time }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dismiss' as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('fold', 'evict', 'chill', 'restart') }),
  },
);

class Model {
  entries: number[] = [];
  readonly owners = new Map<number, string>();
  last = 0;
}

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function perform(world: World, model: Model, one: Step): Promise<void> {
  if (one.kind === 'add') {
    model.entries.push(++model.last);
    await world.turn((db) => add(db, model.last));
  } else if (one.kind === 'remove') {
    const count = model.entries.length;
    model.entries = model.entries.filter((entry) => entry !== one.time);
    const expected = count - model.entries.length;
    expect(await world.turn((db) => remove(db, [one.time, one.time]))).toBe(expected);
  } else if (one.kind === 'cut') {
    const expected = Math.max(0, model.entries.length - one.time);
    model.entries = model.entries.slice(expected);
    expect(await world.turn((db) => cut(db, one.time))).toBe(expected);
  } else if (one.kind === 'deliver') {
    model.owners.set(one.time, one.name);
    await world.turn((db) => deliver(db, one.time, one.name));
  } else if (one.kind === 'acknowledge') {
    const expected = model.owners.delete(one.time);
    expect(await world.turn((db) => acknowledge(db, one.time))).toBe(expected);
  } else if (one.kind === 'dismiss') {
    const own = [...model.owners].filter(([, owner]) => owner === one.name);
    for (const [entry] of own) model.owners.delete(entry);
    expect(await world.turn((db) => dismiss(db, one.name))).toBe(own.length);
  } else if (one.kind === 'fold') await world.fold();
  else if (one.kind === 'evict') world.residents.evictAll();
  else if (one.kind === 'restart') await world.restart();
  else await world.chill();
}

test('hold what a list and a map would, whatever is folded, evicted and recovered meanwhile', async () => {
  const initial = fc.integer({ min: 0, max: 150 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), initial, async (steps, count) => {
      const world = await World.open();
      const model = new Model();
      for (let i = 0; i < count; i++) await perform(world, model, { kind: 'add' });
      await world.chill();
      for (const one of steps) await perform(world, model, one);
      expect(await world.turn(times)).toEqual(model.entries);
      expect(await world.turn(ownership)).toEqual(model.owners);
      expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
      await world.close();
    }),
    { numRuns: 60 },
  );
});

test('a stream without entries stays, and knows what it was', async () => {
  const world = await World.open();
  await world.turn((db) => add(db, 7));
  await world.turn((db) => remove(db, [7]));
  await world.chill();
  const stream = await world.run((db) => findStream(db, KEY));
  expect(stream).toMatchObject({ length: 0, firstId: FIRST_ID, entriesAdded: 1 });
  expect(formatId(stream?.lastId as string)).toBe('7-0');
  expect(formatId(stream?.maxDeletedId as string)).toBe('7-0');
  await world.close();
});

test('a group that is destroyed leaves nothing behind', async () => {
  const world = await World.open();
  await world.turn((db) => add(db, 1));
  await world.turn((db) => {
    const stream = need(db);
    createGroup(db, stream, 'other', FIRST_ID, undefined);
  });
  await world.turn((db) => deliver(db, 1, 'alice'));
  await world.chill();
  await world.turn((db) => use(db, (stream, group) => destroyGroup(db, stream, group)));
  const left = await world.run((db) => {
    const stream = need(db);
    return [db.allData(stream.entry).length, groupsOf(db, stream).map((group) => group.name)];
  });
  expect(left).toEqual([2, ['other']]);
  await world.close();
});

test('of a long stream only what is read is loaded, and trimming forgets the front', async () => {
  const world = await World.open();
  await world.turn((db) => {
    for (let i = 1; i <= 5_000; i++) add(db, i);
  });
  await world.turn((db) => cut(db, 2_500));
  await world.chill();
  const edges = await world.run((db) => {
    const stream = need(db);
    return [false, true].map((last) =>
      entriesBetween(db, stream, FIRST_ID, LAST_ID, 2, last).map(({ id }) => formatId(id)),
    );
  });
  expect(edges).toEqual([
    ['2501-0', '2502-0'],
    ['5000-0', '4999-0'],
  ]);
  expect(world.resident(KEY)?.data?.size).toBeLessThan(300);
  await world.close();
});

test.each<[string, Trimming, number]>([
  ['MAXLEN', { keep: { most: 50 }, approximate: false, limit: 0 }, 50],
  ['MINID', { keep: { from: idOfTime(11_951) }, approximate: false, limit: 0 }, 50],
  ['MAXLEN 0', { keep: { most: 0 }, approximate: false, limit: 0 }, 0],
  ['MAXLEN ~ LIMIT 0', { keep: { most: 50 }, approximate: true, limit: ALL }, 51],
  ['MINID ~ LIMIT 0', { keep: { from: idOfTime(11_951) }, approximate: true, limit: ALL }, 51],
])('of a trim that leaves little only that is loaded: %s', async (_, trimming, left) => {
  const count = 12_000;
  const world = await World.open();
  await world.turn((db) => {
    for (let i = 1; i <= count; i++) add(db, i);
  });
  for (const time of [3, 11_990]) await world.turn((db) => deliver(db, time, 'alice'));
  await world.chill();
  const before = world.keyspace.loader.loads;
  const cut = (db: Database): number => {
    const stream = need(db);
    const removed = trim(db, stream, trimming);
    saveStream(db, stream);
    return removed;
  };
  const undone = world.run((db) => {
    cut(db);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await world.run((db) => need(db).length)).toBe(count);
  expect(await world.turn(cut)).toBe(count - left);
  expect(world.keyspace.loader.loads - before).toBeLessThan(3000);
  await world.restart();
  await world.turn((db) => add(db, count + 1));
  await world.chill();
  const kept = Array.from({ length: left + 1 }, (_, i) => count - left + i + 1);
  expect(await world.run(times)).toEqual(kept);
  expect(await world.run(ownership)).toEqual(new Map([3, 11_990].map((time) => [time, 'alice'])));
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  await world.close();
});

test('ids are read, written and counted in all their 128 bits', () => {
  expect(parseId('-')).toBeUndefined();
  expect(parseId('1-*')).toBeUndefined();
  expect(parseOpenId('1-*')).toEqual({ id: idOfTime(1), isOpen: true });
  expect(parseOpenId('1-1-*')).toBeUndefined();
  expect(parseId('18446744073709551615-18446744073709551615')).toBe(LAST_ID);
  expect(formatId(LAST_ID)).toBe('18446744073709551615-18446744073709551615');
  expect([idAfter(LAST_ID), idBefore(FIRST_ID)]).toEqual([undefined, undefined]);
  const half = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
  fc.assert(
    fc.property(half, half, (milliseconds, sequence) => {
      const text = `${milliseconds}-${sequence}`;
      const id = parseId(text) as string;
      expect(formatId(id)).toBe(text);
      const after = idAfter(id);
      if (after === undefined) return;
      expect(idBefore(after)).toBe(id);
      expect(after > id).toBe(true);
    }),
  );
});
