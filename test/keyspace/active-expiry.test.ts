/** Keys whose time has come go, though nobody reads them: those in memory, those in the store, and no others. */

import { afterEach, expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import { ActiveExpiry } from '../../src/keyspace/active-expiry.js';
import { dataKey } from '../../src/keyspace/encoding.js';
import { type Header, inlineString } from '../../src/keyspace/header.js';
import { putCollection, settled, World } from './world.js';

let world: World;
let expiry: ActiveExpiry;
let expired: number;

afterEach(() => world.close());

async function open(): Promise<void> {
  world = await World.open();
  start();
}

function start(): void {
  expired = 0;
  expiry = new ActiveExpiry(world.keyspace, world.logger, () => expired++);
}

function at(milliseconds: number): number {
  return world.clock.now() + milliseconds;
}

async function setExpiring(key: string, milliseconds: number, index = 0): Promise<void> {
  await world.set(key, inlineString('x', at(milliseconds)), index);
}

/** Looks as often as the server does in a second. */
async function look(times = 10): Promise<void> {
  for (let i = 0; i < times; i++) await expiry.run();
  await world.endTurn();
}

test('keys whose expiry is in memory only go when it is time, soonest first', async () => {
  await open();
  for (const delay of [30, 10, 20, 40]) await setExpiring(`key${delay}`, delay);
  await world.set('forever', 'x');
  await look();
  expect(expired).toBe(0);
  world.clock.milliseconds += 20;
  await look();
  expect(expired).toBe(2);
  expect(Object.keys(await world.contents())).toEqual(['0/forever', '0/key30', '0/key40']);
});

test('keys whose expiry is in the store are found there, cold as they are', async () => {
  await open();
  for (const delay of [10, 20, 1000]) await setExpiring(`key${delay}`, delay);
  await world.chill();
  world.clock.milliseconds += 20;
  await look();
  expect(expired).toBe(2);
  expect(world.db.size).toBe(1);
  await world.chill();
  await look();
  expect(expired).toBe(2);
});

test('after a restart both kinds are found', async () => {
  await open();
  await setExpiring('stored', 10);
  await world.fold();
  await setExpiring('logged', 10);
  await world.restart();
  start();
  world.clock.milliseconds += 10;
  await look();
  expect(expired).toBe(2);
  expect(world.db.size).toBe(0);
  await world.restart();
  expect(world.db.size).toBe(0);
});

test('any number of keys that expire in the same millisecond go, in the store and in memory', async () => {
  await open();
  for (let i = 0; i < 1000; i++) {
    await world.run((db) => db.put(`stored${i}`, inlineString('x', at(10))));
  }
  await world.endTurn();
  await world.chill();
  for (let i = 0; i < 1000; i++) {
    await world.run((db) => db.put(`fresh${i}`, inlineString('x', at(10))));
  }
  await world.endTurn();
  world.clock.milliseconds += 10;
  await look();
  expect(expired).toBe(2000);
  expect(world.db.size).toBe(0);
});

test('one look takes batch after batch while it has time', async () => {
  await open();
  for (let i = 0; i < 500; i++) await setExpiring(`key${i}`, 10);
  world.clock.milliseconds += 10;
  await look(1);
  expect(expired).toBe(500);
});

test('a look ends when its time is up; the next goes on', async () => {
  await open();
  for (let i = 0; i < 500; i++) await setExpiring(`key${i}`, 10);
  world.clock.milliseconds += 10;
  const start = world.clock.milliseconds;
  let readings = 0;
  world.clock.monotonic = () => start + 8 * readings++;
  await look(1);
  expect(expired).toBe(400);
  await look(1);
  expect(expired).toBe(500);
});

test('hints are checked: keys that were persisted, extended, renamed, overwritten or deleted', async () => {
  await open();
  const names = ['persisted', 'extended', 'renamed', 'overwritten', 'deleted', 'due'];
  for (const isStored of [false, true]) {
    for (const name of names) await setExpiring(name, 10);
    if (isStored) await world.chill();
    await world.turn((db) => {
      db.setExpiry('persisted', 0);
      db.setExpiry('extended', at(1000));
      db.setExpiry('renamed', 0);
      db.rename('renamed', 'new name');
      db.put('overwritten', 'x');
      db.delete('deleted');
    });
    world.clock.milliseconds += 10;
    await look();
    expect(expired).toBe(1);
    expect(Object.keys(await world.contents()).sort()).toEqual([
      '0/extended',
      '0/new name',
      '0/overwritten',
      '0/persisted',
    ]);
    world.clock.milliseconds += 1000;
    await look();
    expect(expired).toBe(2);
    await world.turn(() => world.keyspace.flush(0));
    start();
  }
});

test('a renamed key takes its expiry along', async () => {
  await open();
  await setExpiring('a', 10);
  await world.turn((db) => db.rename('a', 'b'));
  await world.chill();
  await world.turn((db) => db.rename('b', 'c'));
  world.clock.milliseconds += 10;
  await look();
  expect(expired).toBe(1);
  expect(world.db.size).toBe(0);
});

test('hints of a dropped space do nothing; after SWAPDB the key is found where it is', async () => {
  await open();
  await setExpiring('flushed', 10);
  await setExpiring('swapped', 10, 1);
  await world.fold();
  await world.turn(() => {
    world.keyspace.flush(0);
    world.keyspace.swap(1, 2);
  });
  await world.set('flushed', 'new');
  world.clock.milliseconds += 10;
  await look();
  expect(expired).toBe(1);
  expect(await world.contents()).toEqual({ '0/flushed': 'new' });
});

test('an expired collection becomes garbage and its records go from the store', async () => {
  await open();
  await world.turn((db) => {
    putCollection(db, 'c', { a: '1', b: '2' });
    db.setExpiry('c', at(10));
  });
  const header = await world.run((db) => db.get('c') as Header);
  const { version, dataSlot: slot } = header;
  await world.chill();
  expect(world.storage.loadSync([dataKey(0, slot, version, 'a')])).toEqual(['1']);
  world.clock.milliseconds += 10;
  await look();
  await world.chill();
  await settled();
  await settled();
  expect(world.storage.loadSync([dataKey(0, slot, version, 'a')])).toEqual([undefined]);
  expect((await world.storage.statistics()).garbage).toBe(0);
});

test('what reads found expired is deleted by a transaction of its own', async () => {
  await open();
  await setExpiring('a', 10);
  world.clock.milliseconds += 10;
  expect(await world.get('a')).toBeUndefined();
  expiry.deleteNoted();
  await world.endTurn();
  expect(expired).toBe(1);
  expect(world.db.size).toBe(0);
  await world.set('a', 'again');
  expiry.deleteNoted();
  expect(await world.get('a')).toBe('again');
});

test('while the log cannot be written nothing is deleted, and no other request fails for it', async () => {
  await open();
  await setExpiring('a', 10);
  world.clock.milliseconds += 10;
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  await expect(world.set('b', 'x')).rejects.toThrow();
  expect(await world.get('a')).toBeUndefined();
  expiry.deleteNoted();
  await expiry.run();
  expect(world.storage.log.pending).toBe(false);
  world.files.failWrite = undefined;
  await world.set('b', 'x');
  await world.get('a');
  expiry.deleteNoted();
  await world.endTurn();
  expect(world.db.size).toBe(1);
});

test('a record that cannot be read keeps the others from nothing', async () => {
  await open();
  for (const name of ['a', 'b', 'c']) await setExpiring(name, 10);
  await world.chill();
  const load = world.storage.load.bind(world.storage);
  let failures = 0;
  world.storage.load = async (keys) => {
    if (failures++ === 0) throw new Error('checksum');
    return load(keys);
  };
  world.clock.milliseconds += 10;
  await look();
  expect(expired).toBe(2);
  expect(world.logger.messages).toEqual(['a key that has expired could not be deleted']);
});

test('switched off, it deletes nothing', async () => {
  await open();
  await setExpiring('a', 10);
  world.clock.milliseconds += 10;
  expiry.enabled = false;
  await look();
  expect(world.db.size).toBe(1);
  expiry.enabled = true;
  await look();
  expect(world.db.size).toBe(0);
});
