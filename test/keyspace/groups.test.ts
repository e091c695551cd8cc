/** Several requests in one group: what the log says at its end is what they came to, one after the other. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import type { Database } from '../../src/keyspace/database.js';
import { expireAtOf, typeOf, ValueType, withExpiry } from '../../src/keyspace/header.js';
import { List } from '../../src/types/list/list.js';
import { World } from './world.js';

const KEYS = ['a', 'b', 'c'];

const request = fc.record({
  kind: fc.constantFrom(
    ...(['push', 'push', 'push', 'pop', 'pop', 'delete', 'rename', 'copy'] as const),
    ...(['expire', 'string', 'flush', 'swap'] as const),
  ),
  key: fc.constantFrom(...KEYS),
  to: fc.constantFrom(...KEYS),
  number: fc.integer({ min: 1, max: 999 }),
});
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 12, arbitrary: fc.array(request, { minLength: 1, maxLength: 3 }) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...(['end', 'end', 'end', 'fail', 'abort', 'fold', 'chill', 'restart'] as const),
    ),
  },
);

/** Runs it on the first database. */
function run(world: World, db: Database, { kind, key, to, number }: Request): void {
  const entry = db.entry(key);
  if (kind === 'push') push(db, key, number);
  else if (kind === 'pop') listAt(db, key)?.pop('head', 1);
  else if (kind === 'delete') db.delete(key);
  else if (kind === 'rename' && entry !== undefined) db.rename(key, to);
  else if (kind === 'copy') copy(db, listAt(db, key), to);
  else if (kind === 'expire' && entry?.record !== undefined) {
    db.replace(entry, withExpiry(entry.record, world.clock.now() + number * 1_000_000));
  } else if (kind === 'string') db.put(key, `${number}`);
  else if (kind === 'flush') world.keyspace.flush(0);
  else if (kind === 'swap') world.keyspace.swap(0, 1);
}

function listAt(db: Database, key: string): List | undefined {
  const record = db.get(key);
  return record === undefined || typeOf(record) !== ValueType.list ? undefined : List.find(db, key);
}

function push(db: Database, key: string, number: number): void {
  const end = number % 2 === 0 ? 'head' : 'tail';
  const list = listAt(db, key) ?? List.create(db, key);
  list.push(end, [`${number}`, 'x']);
}

function copy(db: Database, from: List | undefined, to: string): void {
  const elements = from?.slice(0, from.length);
  if (elements !== undefined) List.create(db, to).push('tail', elements);
}

/** What stands at each key of the two databases, and how many of their keys expire, and when. */
async function contents(world: World): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const index of [0, 1]) {
    const db = world.keyspace.database(index);
    for (const key of KEYS) found.push(await world.run(() => valueAt(db, key)));
    const { count = 0, mean = 0 } = world.keyspace.databases.spaces[index]?.expiries ?? {};
    found.push({ count, mean });
  }
  return found;
}

function valueAt(db: Database, key: string): unknown {
  const record = db.get(key);
  const list = listAt(db, key);
  if (record === undefined || list === undefined) return record;
  const { length } = list;
  return { elements: list.slice(0, length), length, expireAt: expireAtOf(record) };
}

test('what stands after a restart is what stood before it, whatever the requests of a group were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const world = await World.open({ cacheBytes: 2_000 });
      let safe = await contents(world);
      const end = async (): Promise<void> => {
        await world.endTurn();
        safe = await contents(world);
      };
      for (const one of steps) {
        if (Array.isArray(one)) {
          await world.run((db) => {
            for (const each of one) run(world, db, each);
          });
        } else if (one === 'abort') {
          const before = await contents(world);
          const failing = world.run((db) => {
            for (const key of KEYS) run(world, db, { kind: 'push', key, to: key, number: 1 });
            db.delete('a');
            throw new Error('undo');
          });
          await expect(failing).rejects.toThrow('undo');
          expect(await contents(world)).toEqual(before);
        } else if (one === 'fail' && world.storage.log.pending) {
          world.files.failWrite = (path) =>
            path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
          await expect(world.endTurn()).rejects.toMatchObject({ code: 'DISK_FULL' });
          world.files.failWrite = undefined;
          expect(await contents(world)).toEqual(safe);
        } else {
          await end();
          if (one === 'fold') await world.fold();
          else if (one === 'chill') await world.chill();
          else if (one === 'restart') await world.restart();
          expect(await contents(world)).toEqual(safe);
        }
      }
      await end();
      await world.restart();
      expect(await contents(world)).toEqual(safe);
      await world.chill();
      await world.restart();
      expect(await contents(world)).toEqual(safe);
      await world.close();
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('a thousand elements pushed in one turn are a thousand records and two headers in the log', async () => {
  const world = await World.open();
  await world.turn((db) => List.create(db, 'list').push('tail', ['first']));
  const { nextLsn } = world.storage.log;
  for (let i = 0; i < 1000; i++) {
    await world.run((db) => List.findOrCreate(db, 'list').push('tail', [`${i}`]));
  }
  await world.endTurn();
  expect(world.storage.log.nextLsn - nextLsn).toBe(1002);
  await world.restart();
  expect(await world.run((db) => List.find(db, 'list')?.length)).toBe(1001);
  await world.close();
});
