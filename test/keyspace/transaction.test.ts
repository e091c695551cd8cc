/** Transactions: undone, nothing of them is left, whatever they did; several in a turn are undone in reverse. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import { Header, inlineString } from '../../src/keyspace/header.js';
import { CommandTooLarge } from '../../src/keyspace/limits.js';
import {
  countedBytes,
  putCollection,
  readRecord,
  World,
  type WorldOptions,
  writeRecord,
} from './world.js';

let world: World;

afterEach(() => world.close());

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
}

/** Everything that commands can see, and what the accounts say. */
async function picture(): Promise<object> {
  const { keyspace } = world;
  const counts = keyspace.databases.spaces.map((space) => space?.count);
  const collections: Record<string, unknown> = {};
  for (const key of ['c', 'd']) {
    collections[key] = await world.turn((db) =>
      db.get(key) instanceof Header
        ? ['a', 'b', 'z'].map((sub) => readRecord(db, key, sub))
        : undefined,
    );
  }
  return { contents: await world.contents(), counts, collections };
}

async function undone(change: () => void): Promise<void> {
  const attempt = world.run(() => {
    change();
    throw new Error('undo');
  });
  await expect(attempt).rejects.toThrow('undo');
}

async function prepare(): Promise<void> {
  await open();
  await world.set('s', 'text');
  await world.set('t', inlineString('text', world.clock.now() + 1000));
  await world.turn((db) => putCollection(db, 'c', { a: '1', b: '2' }));
  await world.set('other', 'x', 1);
}

const changes: Record<string, (w: World) => void> = {
  'a new key': ({ db }) => void db.put('new', 'x'),
  'another value': ({ db }) => void db.put('s', 'other'),
  'a value over a collection': ({ db }) => void db.put('c', 'x'),
  'a collection over a collection': ({ db }) => putCollection(db, 'c', { z: '9' }),
  'a deletion': ({ db }) => void db.delete('s'),
  'a deleted collection': ({ db }) => void db.delete('c'),
  'deleted and made again': ({ db }) => {
    db.delete('c');
    putCollection(db, 'c', { b: 'new' });
    db.delete('c');
    db.put('c', 'text');
  },
  'another expiry': ({ db }) => void db.setExpiry('s', 5),
  'no expiry': ({ db }) => void db.setExpiry('t', 0),
  'a renamed string': ({ db }) => db.rename('s', 'moved'),
  'a renamed collection': ({ db }) => db.rename('c', 'd'),
  'a collection renamed, changed, and renamed back': ({ db }) => {
    writeRecord(db, 'c', 'a', 'before');
    db.rename('c', 'd');
    writeRecord(db, 'd', 'a', 'between');
    writeRecord(db, 'd', 'z', 'between');
    db.rename('d', 'c');
    writeRecord(db, 'c', 'b', undefined);
  },
  'renamed over another': ({ db }) => db.rename('c', 's'),
  'records of a collection': ({ db }) => {
    writeRecord(db, 'c', 'a', 'new');
    writeRecord(db, 'c', 'a', undefined);
    writeRecord(db, 'c', 'z', 'new');
  },
  'one key many times': ({ db }) => {
    for (let i = 0; i < 20; i++) {
      db.put('s', `${i}`);
      if (i % 3 === 0) db.delete('s');
    }
  },
  'a flushed database': ({ keyspace }) => keyspace.flush(0),
  'a flush with writes before and after': ({ db, keyspace }) => {
    db.put('s', 'before');
    keyspace.flush(0);
    db.put('s', 'after');
    keyspace.flush(0);
    db.put('t', 'after');
  },
  'swapped databases': ({ keyspace }) => keyspace.swap(0, 1),
  'swapped with one never used': ({ keyspace }) => keyspace.swap(0, 9),
  'swapped, written, flushed': ({ keyspace, db }) => {
    keyspace.swap(0, 1);
    db.put('x', 'y');
    keyspace.flush(1);
    keyspace.swap(1, 3);
  },
  'the first use of a database': ({ keyspace }) => void keyspace.database(7).put('k', 'v'),
};

test.each(Object.entries(changes))('abort takes back %s', async (_, change) => {
  await prepare();
  const before = await picture();
  const bytes = world.residents.bytes;
  await undone(() => change(world));
  expect(await picture()).toEqual(before);
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  expect(world.residents.bytes - bytes).toBeLessThan(2000); // what it learned may stay
  expect(world.storage.log.pending).toBe(false);
});

test.each(Object.entries(changes))('after a restart, %s is as it was before', async (_, change) => {
  await prepare();
  await world.turn(() => change(world));
  const before = await picture();
  await world.restart();
  expect(await picture()).toEqual(before);
  await world.chill();
  expect(await picture()).toEqual(before);
  await world.restart();
  expect(await picture()).toEqual(before);
});

test('groups of any changes that cannot be written are taken back whole', async () => {
  const names = fc.array(fc.constantFrom(...Object.keys(changes)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(names, fc.boolean(), async (group, isCold) => {
      await prepare();
      if (isCold) await world.chill();
      const before = await picture();
      world.files.failWrite = (path) =>
        path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
      for (const name of group) {
        try {
          await world.run(() => changes[name]?.(world));
        } catch {}
      }
      const end = world.endTurn();
      if (world.storage.log.pending) await expect(end).rejects.toThrow();
      else await end.catch(() => undefined);
      world.files.failWrite = undefined;
      expect(await picture()).toEqual(before);
      expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
      await world.restart();
      expect(await picture()).toEqual(before);
      await world.close();
    }),
    { numRuns: 60 },
  );
  await open();
});

test('only the running transaction is undone, not those of its turn before it', async () => {
  await open();
  await world.run((db) => void db.put('a', '1'));
  await undone(() => void world.db.put('a', '2'));
  await world.run((db) => void db.put('b', '3'));
  await world.endTurn();
  expect(await world.contents()).toEqual({ '0/a': '1', '0/b': '3' });
  await world.restart();
  expect(await world.contents()).toEqual({ '0/a': '1', '0/b': '3' });
});

test('effects of an undone transaction never happen', async () => {
  await open();
  const happened: string[] = [];
  await undone(() => world.keyspace.transaction.effect(() => happened.push('undone')));
  await world.turn(() => world.keyspace.transaction.effect(() => happened.push('done')));
  expect(happened).toEqual(['done']);
});

test('two collections made in one transaction do not mix, nor with one made after it', async () => {
  await open();
  await world.turn((db) => {
    putCollection(db, 'c', { a: 'c' });
    db.delete('c');
    putCollection(db, 'c', { b: 'c' });
    putCollection(db, 'd', { a: 'd' });
  });
  await world.turn((db) => putCollection(db, 'e', { z: 'e' }));
  await world.chill();
  const read = await world.turn((db) =>
    ['c', 'd', 'e'].map((key) => ['a', 'b', 'z'].map((sub) => readRecord(db, key, sub) ?? '-')),
  );
  expect(read.map((subs) => subs.join(''))).toEqual(['-c-', 'd--', '--e']);
});

test('a new collection is complete from birth: nothing of it is looked for in the store', async () => {
  await open();
  await world.set('old', 'x');
  await world.chill();
  const read = await world.turn((db) => {
    putCollection(db, 'c', { a: '1' });
    return ['a', 'b'].map((sub) => readRecord(db, 'c', sub));
  });
  expect(read).toEqual(['1', undefined]);
  expect(await world.turn((db) => readRecord(db, 'c', 'z'))).toBeUndefined();
  expect([world.storage.loads, world.storage.syncLoads]).toEqual([[], []]);
});

test('a transaction above the limit fails with a clear error and leaves nothing', async () => {
  await open({ transactionBytes: 10_000 });
  await world.set('a', 'old');
  const attempt = world.run((db) => {
    for (let i = 0; i < 100; i++) db.put(`key${i}`, 'x'.repeat(1000));
  });
  await expect(attempt).rejects.toThrow(CommandTooLarge);
  await expect(attempt).rejects.toThrow('max_transaction_size (10000 bytes)');
  expect(await world.contents()).toEqual({ '0/a': 'old' });
  await world.set('b', 'x'.repeat(5000));
  await world.set('c', 'x'.repeat(5000)); // the limit is for one transaction, not for the turn
});

test('keys changed by the transaction are listed in order', async () => {
  await open();
  await world.run((db) => db.put('before', 'x'));
  const keys = await world.run((db) => {
    db.put('a', '1');
    db.put('b', '1');
    db.delete('a');
    return [...world.keyspace.transaction.changedKeys()].map((entry) => entry.key);
  });
  expect(keys).toEqual(['a', 'b', 'a']);
});

test('reading an expired key changes nothing; deleting it is a change of its own', async () => {
  await open();
  await world.set('a', inlineString('x', world.clock.now() + 10));
  world.clock.milliseconds += 10;
  const { log } = world.storage;
  const before = log.nextLsn;
  expect(await world.get('a')).toBeUndefined();
  expect(log.nextLsn).toBe(before);
  expect(world.db.size).toBe(1);
  expect(world.keyspace.takeExpired().map((entry) => entry.key)).toEqual(['a']);
});

test('a long key that was deleted and written again keeps its whole name, through restarts and expiry', async () => {
  await open();
  const key = `${'k'.repeat(2000)}end`;
  await world.set(key, 'first');
  await world.chill();
  await world.turn((db) => db.delete(key));
  await world.restart(); // the log tells of the deletion, and only the name
  await world.set(key, 'second');
  expect(world.keyspace.databases.spaces[0]).toBeDefined();
  const fullNames = (): string[] => {
    const space = world.keyspace.databases.spaces[0];
    return [...(space?.residents() ?? [])].filter((e) => e.record !== undefined).map((e) => e.key);
  };
  expect(fullNames()).toEqual([key]);
  await world.restart();
  expect(fullNames()).toEqual([key]);
  await world.turn((db) => db.rename(key, 'short'));
  await world.chill();
  await world.restart();
  await world.turn((db) => db.rename('short', key));
  await world.chill();
  expect(await world.get(key)).toBe('second');
  expect(fullNames()).toEqual([key]);
});
