/** Of a string that is changed in place the log has only the bytes that are new, if its segment has the rest. */

import { afterEach, expect, test, vi } from 'vitest';
import { CHUNK_BYTES } from '../../src/base/large-string.js';
import { systemError } from '../../src/base/simulated-files.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { inlineString } from '../../src/keyspace/header.js';
import { KeyLocks } from '../../src/keyspace/key-locks.js';
import type { WriteAheadLog } from '../../src/storage/log/wal.js';
import { ChangeKind } from '../../src/storage/storage.js';
import * as hyperloglog from '../../src/types/hyperloglog/hyperloglog.js';
import { get, overwriteBytes, set, setRange } from '../../src/types/string/string.js';
import { textOf } from '../../src/types/string/value.js';
import { changesIn } from '../support/audit-log.js';
import { DIRECTORY, World, type WorldOptions } from './world.js';

let world: World;

afterEach(() => world.close());

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
}

const LONG = 'a'.repeat(1000);
/** Two fragments. */
const LARGE = 'a'.repeat(2 * CHUNK_BYTES);

function put(db: Database, offset: number, bytes: string, key = 'k'): void {
  setRange(db, key, offset, bytes, 1 << 29);
}

/** A change in place that makes it `raw`, after which all others may be patches. */
async function makeRaw(value = LONG): Promise<void> {
  await world.turn((db) => put(db, 0, value));
  await world.turn((db) => put(db, 0, value));
}

/** The kinds of the changes that the task has written. */
async function kindsOf(task: (db: Database) => void): Promise<string[]> {
  const from = world.storage.log.nextLsn;
  await world.turn(task);
  return changesIn(world.files, DIRECTORY, world.storage.log.segment)
    .filter(({ lsn }) => lsn >= from)
    .map(({ kind }) => (kind === ChangeKind.patch ? 'patch' : 'put'));
}

function value(key = 'k'): Promise<string> {
  return world.turn((db) => textOf(get(db, key) ?? 'none'));
}

function over(text: string, offset: number, bytes: string): string {
  return text.slice(0, offset) + bytes + text.slice(offset + bytes.length);
}

test('the first change of a segment puts all of the string, the next ones patch it', async () => {
  await open();
  await makeRaw();
  expect(await kindsOf((db) => put(db, 10, 'b'))).toEqual(['patch']);
  expect(await kindsOf((db) => put(db, 999, 'longer'))).toEqual(['patch']);
  expect(await kindsOf((db) => put(db, 1010, 'after zeros'))).toEqual(['patch']);
  await world.fold();
  expect(await kindsOf((db) => put(db, 20, 'c'))).toEqual(['put']);
  expect(await kindsOf((db) => put(db, 30, 'd'))).toEqual(['patch']);
  const written = over(over(over(LONG, 10, 'b'), 20, 'c'), 30, 'd');
  const expected = `${written.slice(0, 999)}longer${'\0'.repeat(5)}after zeros`;
  expect(await value()).toBe(expected);
  await world.restart();
  expect(await value()).toBe(expected);
  await world.chill();
  expect(await value()).toBe(expected);
});

test('fragments are patched, each by itself, and found again without their header', async () => {
  await open();
  await world.turn((db) => set(db, 'k', LARGE));
  expect(await kindsOf((db) => put(db, CHUNK_BYTES - 1, 'bc'))).toEqual(['patch', 'patch', 'put']);
  await world.fold();
  const overwriteAt = (offset: number, bytes: string) => (db: Database) => {
    const entry = db.entry('k');
    if (entry !== undefined) overwriteBytes(db, entry, offset, bytes);
  };
  expect(await kindsOf(overwriteAt(5, 'd'))).toEqual(['put']);
  expect(await kindsOf(overwriteAt(6, 'e'))).toEqual(['patch']);
  expect(await kindsOf(overwriteAt(CHUNK_BYTES + 6, 'f'))).toEqual(['put']);
  const expected = over(over(over(LARGE, CHUNK_BYTES - 1, 'bc'), 5, 'de'), CHUNK_BYTES + 6, 'f');
  await world.restart();
  expect(world.resident('k')).toBeUndefined();
  expect(await value()).toBe(expected);
  await world.chill();
  expect(await value()).toBe(expected);
});

test('all of it is put if more than the bytes becomes another', async () => {
  await open();
  await makeRaw();
  await world.turn((db) => db.setExpiry('k', world.clock.now() + 10_000));
  expect(await kindsOf((db) => put(db, 1, 'b'))).toEqual(['patch']);
  expect(await kindsOf((db) => put(db, 0, 'c'.repeat(950)))).toEqual(['put']);
  await world.turn((db) => db.rename('k', 'other'));
  expect(await kindsOf((db) => put(db, 1, 'd', 'other'))).toEqual(['patch']);
  const expireAt = world.clock.now() + 20_000;
  const expireToo = (db: Database) => {
    const record = inlineString(over(LONG, 1, 'e'), expireAt, true);
    db.replace(db.entry('other') as Entry, record, { from: 1, to: 2 });
  };
  // And the two records of the index.
  expect(await kindsOf(expireToo)).toEqual(['put', 'put', 'put']);
  await world.turn((db) => set(db, 'other', LONG, expireAt));
  // What was set is no string that was changed in place: its header says so.
  expect(await kindsOf((db) => put(db, 2, 'f', 'other'))).toEqual(['put']);
  await world.restart();
  const left = await world.turn((db) => db.get('other'));
  expect(left).toEqual(inlineString(over(LONG, 2, 'f'), expireAt, true));
});

test('keys with long names are patched, too', async () => {
  await open();
  const key = 'k'.repeat(2000);
  await world.turn((db) => put(db, 0, LONG, key));
  await world.turn((db) => put(db, 0, LONG, key));
  expect(await kindsOf((db) => put(db, 7, 'b', key))).toEqual(['patch']);
  await world.restart();
  expect(await value(key)).toBe(over(LONG, 7, 'b'));
  await world.chill();
  expect(await value(key)).toBe(over(LONG, 7, 'b'));
});

test('what was undone has put nothing that could be patched', async () => {
  await open();
  await makeRaw();
  await world.turn((db) => set(db, 'large', LARGE));
  await world.fold();
  const failed = world.turn((db) => {
    put(db, 1, 'b');
    put(db, 1, 'b', 'large');
    throw new Error('on purpose');
  });
  await expect(failed).rejects.toThrow('on purpose');
  expect(await kindsOf((db) => put(db, 1, 'c'))).toEqual(['put']);
  expect(await kindsOf((db) => put(db, 1, 'c', 'large'))).toEqual(['put', 'put']);
  await world.restart();
  expect(await value()).toBe(over(LONG, 1, 'c'));
  expect(await value('large')).toBe(over(LARGE, 1, 'c'));
});

test('a group that could not be written has put nothing, and is dirty no more', async () => {
  await open();
  await makeRaw();
  await world.fold();
  const { dirtyBytes } = world.residents;
  world.files.failWrite = (path) => systemError('ENOSPC', path);
  const failed = world.turn((db) => {
    put(db, 1, 'b');
    put(db, 2, 'b');
  });
  await expect(failed).rejects.toThrow('ENOSPC');
  world.files.failWrite = undefined;
  expect(world.residents.dirtyBytes).toBe(dirtyBytes);
  expect(await kindsOf((db) => put(db, 3, 'c'))).toEqual(['put']);
  await world.restart();
  expect(await value()).toBe(over(LONG, 3, 'c'));
});

test('what a transaction takes back was not put, what it keeps was', async () => {
  await open();
  await makeRaw();
  await world.fold();
  const { dirtyBytes } = world.residents;
  const { transaction } = world.keyspace;
  const takeBack = (db: Database, offset: number): void => {
    const savepoint = transaction.savepoint();
    put(db, offset, 'b');
    transaction.rollBack(savepoint);
  };
  const kinds = await kindsOf((db) => {
    takeBack(db, 1);
    expect(world.residents.dirtyBytes).toBe(dirtyBytes);
    put(db, 2, 'c');
    takeBack(db, 3);
    put(db, 4, 'd');
  });
  expect(kinds).toEqual(['put', 'patch']);
  await world.restart();
  expect(await value()).toBe(over(over(LONG, 2, 'c'), 4, 'd'));
});

test('a stage puts what the next ones patch', async () => {
  await open();
  await makeRaw();
  await world.turn((db) => set(db, 'other', LONG));
  await world.fold();
  const from = world.storage.log.nextLsn;
  const steps = ['b', 'c', 'd'].map((byte, i) => () => put(world.db, i, byte));
  await world.run(world.inSteps(steps, () => void world.db.delete('other'), new KeyLocks()));
  await world.endTurn();
  await world.turn((db) => put(db, 3, 'e'));
  const changes = changesIn(world.files, DIRECTORY, world.storage.log.segment);
  const kinds = changes.filter(({ lsn }) => lsn >= from).map(({ kind }) => kind);
  const { put: whole, patch, delete: gone } = ChangeKind;
  expect(kinds.filter((kind) => kind !== gone)).toEqual([whole, patch, patch, patch]);
  await world.restart();
  expect(await value()).toBe(over(LONG, 0, 'bcde'));
});

test('of a dense HyperLogLog its registers are written, and apart from them that it is to be estimated again', async () => {
  await open();
  const elements = Array.from({ length: 3000 }, (_, i) => `element ${i}`);
  await world.turn((db) => hyperloglog.add(db, 'k', elements, 3000));
  await world.turn((db) => hyperloglog.count(db, 'k', true));
  const { log } = world.storage;
  const { size } = log;
  let raised = 0;
  for (let i = 0; i < 50; i++) {
    await world.turn((db) => {
      if (hyperloglog.add(db, 'k', [`another ${i}`], 3000)) raised++;
      hyperloglog.count(db, 'k', true);
    });
  }
  // Headers of frames, sections and changes included; from the estimate to the register it would be 6,000 bytes.
  expect(raised).toBeGreaterThan(20);
  expect((log.size - size) / raised).toBeLessThan(300);
  const count = (db: Database) => hyperloglog.count(db, 'k', false);
  const before = await world.turn(count);
  await world.restart();
  expect(await world.turn(count)).toBe(before);
});

test('a cut that fails leaves the records in the segment that they were put in', async () => {
  await open();
  await makeRaw();
  const log = world.storage.log as WriteAheadLog;
  vi.spyOn(log, 'cut').mockImplementationOnce(() => {
    throw new Error('the disk is full, on purpose');
  });
  await expect(world.fold()).rejects.toThrow('on purpose');
  await world.turn((db) => put(db, 1, 'b'));
  await world.fold();
  expect(await kindsOf((db) => put(db, 2, 'c'))).toEqual(['put']);
  await world.restart();
  expect(await value()).toBe(over(LONG, 1, 'bc'));
});
