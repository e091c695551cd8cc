/** What leaves when: replies and effects only after the groups they could have seen are as safe as `sync` asks. */

import { afterEach, expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import { settled, World, type WorldOptions } from './world.js';

let world: World;
let events: string[];

afterEach(() => world.close());

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
  events = [];
  await world.set('a', 'old');
}

/** Makes syncs of the log wait, and then go well or fail. */
function holdSync(): { finish(error?: Error): Promise<void> } {
  let finish: (error?: Error) => void = () => undefined;
  const { log } = world.storage;
  const file = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  const sync = log.sync.bind(log);
  let failure: Error | undefined;
  log.sync = () =>
    file.then(sync, (error) => {
      failure = error as Error;
      (log as { failure: Error | undefined }).failure = failure;
      throw error;
    });
  return {
    finish: async (error) => {
      finish(error);
      await settled();
    },
  };
}

function failWrites(code: string): void {
  world.files.failWrite = (path) => (path.endsWith('.wal') ? systemError(code, path) : undefined);
}

async function put(key: string, value: string): Promise<void> {
  await world.run((db) => void db.put(key, value));
}

test('without `always` a turn is released as soon as its group is written', async () => {
  await open();
  await put('a', 'new');
  const before = world.storage.log.writtenLsn;
  world.endTurnNoting('write', events);
  expect(world.storage.log.writtenLsn).toBe(before + 1);
  expect(events).toEqual(['write released']);
});

test('with `always` a write is released only after its sync', async () => {
  await open({ sync: 'always' });
  const sync = holdSync();
  await put('a', 'new');
  world.endTurnNoting('write', events);
  await settled();
  expect(events).toEqual([]);
  await sync.finish();
  expect(events).toEqual(['write released']);
});

test('with `always` a read that may have seen an unsynced group waits for it', async () => {
  await open({ sync: 'always' });
  const sync = holdSync();
  await put('a', 'new');
  world.endTurnNoting('write', events);
  expect(await world.run((db) => db.get('a'))).toBe('new');
  world.endTurnNoting('read', events);
  await settled();
  expect(events).toEqual([]);
  await sync.finish();
  expect(events).toEqual(['write released', 'read released']);
});

/** Syncs of the log end when they are told to, and cover what they are told. */
function syncsByHand(): ((lsn: number) => void)[] {
  const { log } = world.storage;
  const syncs: ((lsn: number) => void)[] = [];
  log.sync = () =>
    new Promise((resolve) => {
      syncs.push((lsn) => {
        Object.assign(log, { syncedLsn: lsn });
        resolve();
      });
    });
  return syncs;
}

test('a sync releases only what it covers', async () => {
  await open({ sync: 'always' });
  const { log } = world.storage;
  const syncs = syncsByHand();
  await put('a', '1');
  world.endTurnNoting('first', events);
  const first = log.writtenLsn;
  await put('a', '2');
  world.endTurnNoting('second', events);
  syncs[0]?.(first);
  await settled();
  expect(events).toEqual(['first released']);
  syncs[1]?.(log.writtenLsn);
  await settled();
  expect(events).toEqual(['first released', 'second released']);
});

test('what is written behind a group that waits is synced, though `sync` is no longer `always`', async () => {
  await open({ sync: 'always' });
  const { log } = world.storage;
  const syncs = syncsByHand();
  await put('a', '1');
  world.endTurnNoting('always', events);
  const first = log.writtenLsn;
  Object.assign(world.options, { sync: 'no' });
  await put('a', '2');
  world.endTurnNoting('no', events);
  await world.run((db) => db.get('a'));
  world.endTurnNoting('read', events);
  syncs[0]?.(first);
  await settled();
  syncs[1]?.(log.writtenLsn);
  await settled();
  expect(events).toEqual(['always released', 'no released', 'read released']);
});

test('turns are released in order, each with its own sync', async () => {
  await open({ sync: 'always' });
  for (let i = 0; i < 10; i++) {
    await put('a', `${i}`);
    world.endTurnNoting(`${i}`, events);
  }
  await settled();
  expect(events).toEqual(Array.from({ length: 10 }, (_, i) => `${i} released`));
  expect(world.storage.log.syncedLsn).toBe(world.storage.log.writtenLsn);
});

test('a short sync is done at once: the turn is released when it ends', async () => {
  await open({ sync: 'always', blockingSyncMsMax: 1 });
  const { log } = world.storage;
  await put('a', 'new');
  world.endTurnNoting('write', events);
  expect(log.syncedLsn).toBe(log.writtenLsn);
  expect(events).toEqual(['write released']);
});

test('syncs that are long go to another thread', async () => {
  await open({ sync: 'always', blockingSyncMsMax: 1 });
  world.files.trace = (event) => {
    if (event.startsWith('sync ')) world.clock.milliseconds += 5;
  };
  for (let i = 0; i < 5; i++) {
    await put('a', `${i}`);
    world.endTurnNoting('write', events);
    await settled();
  }
  events = [];
  await put('a', 'last');
  world.endTurnNoting('write', events);
  expect(events).toEqual([]);
  await settled();
  expect(events).toEqual(['write released']);
});

test('what comes while a sync is under way in another thread is not synced before it', async () => {
  await open({ sync: 'always', blockingSyncMsMax: 1 });
  const { log } = world.storage;
  await put('a', 'new');
  log.flush();
  void log.sync();
  await put('a', 'newer');
  world.endTurnNoting('write', events);
  expect(events).toEqual([]);
  await settled();
  expect(log.syncedLsn).toBe(log.writtenLsn);
  expect(events).toEqual(['write released']);
});

test('effects take place when the group is safe, once, and before its replies', async () => {
  await open({ sync: 'always' });
  const sync = holdSync();
  await world.run((db) => {
    db.put('a', 'new');
    world.keyspace.transaction.effect(() => events.push('effect'));
  });
  world.endTurnNoting('write', events);
  await settled();
  expect(events).toEqual([]);
  await sync.finish();
  expect(events).toEqual(['effect', 'write released']);
});

test('a group that cannot be written is undone and fails, and the next one is written', async () => {
  await open();
  failWrites('ENOSPC');
  await world.run((db) => {
    db.put('a', 'new');
    db.put('b', 'new');
    world.keyspace.transaction.effect(() => events.push('effect'));
  });
  await world.run((db) => db.delete('a'));
  world.endTurnNoting('write', events);
  expect(events).toEqual(['write failed: DISK_FULL']);
  expect(world.keyspace.writeFailure).toBeDefined();
  expect(await world.get('a')).toBe('old');
  expect(await world.get('b')).toBeUndefined();
  expect(world.db.size).toBe(1);
  world.files.failWrite = undefined;
  await world.set('b', 'later');
  expect(world.keyspace.writeFailure).toBeUndefined();
  await world.restart();
  expect(await world.contents()).toEqual({ '0/a': 'old', '0/b': 'later' });
});

test('the error of a group does not overtake replies that still wait for their sync', async () => {
  await open({ sync: 'always' });
  const sync = holdSync();
  await put('a', 'new');
  world.endTurnNoting('first', events);
  failWrites('ENOSPC');
  await put('a', 'newer');
  world.endTurnNoting('second', events);
  expect(await world.run((db) => db.get('a'))).toBe('new');
  expect(events).toEqual([]);
  await sync.finish();
  expect(events).toEqual(['first released', 'second failed: DISK_FULL']);
  world.files.failWrite = undefined;
});

test('after a failed sync all groups that wait are undone, newest first, and fail', async () => {
  await open({ sync: 'always' });
  await world.set('counter', '0');
  const sync = holdSync();
  for (const value of ['1', '2', '3']) {
    await put('counter', value);
    await put(`new${value}`, 'x');
    world.endTurnNoting(value, events);
  }
  await world.run((db) => db.get('counter'));
  world.endTurnNoting('read', events);
  await sync.finish(Object.assign(new Error('gone'), { code: 'LOG_FAILED' }));
  expect(events).toEqual([
    '1 failed: LOG_FAILED',
    '2 failed: LOG_FAILED',
    '3 failed: LOG_FAILED',
    'read failed: LOG_FAILED',
  ]);
  expect(await world.run((db) => db.get('counter'))).toBe('0');
  expect(world.db.size).toBe(2);
});

test('a turn that was open when the sync failed fails too: it may have seen what was undone', async () => {
  await open({ sync: 'always' });
  const sync = holdSync();
  await put('a', 'new');
  world.endTurnNoting('write', events);
  expect(await world.run((db) => db.get('a'))).toBe('new');
  // The turn's end was scheduled with its first reply; the failure comes before it.
  const ended = new Promise<void>((resolve) => {
    setImmediate(() => {
      world.endTurnNoting('read', events);
      resolve();
    });
  });
  void sync.finish(Object.assign(new Error('gone'), { code: 'LOG_FAILED' }));
  await ended;
  expect(events).toEqual(['write failed: LOG_FAILED', 'read failed: LOG_FAILED']);
  await settled();
  expect(await world.run((db) => db.get('a'))).toBe('old');
  world.endTurnNoting('later read', events);
  expect(events.at(-1)).toBe('later read released');
});

test('what the open turn wrote is undone before the groups whose sync failed', async () => {
  await open({ sync: 'always' });
  const sync = holdSync();
  await put('a', 'unsynced');
  world.endTurnNoting('first', events);
  await put('a', 'open');
  await sync.finish(Object.assign(new Error('gone'), { code: 'LOG_FAILED' }));
  expect(await world.run((db) => db.get('a'))).toBe('old');
  world.endTurnNoting('second', events);
  expect(events).toEqual(['first failed: LOG_FAILED', 'second failed: LOG_FAILED']);
  expect(await world.run((db) => db.get('a'))).toBe('old');
});

test.each([0, 1])(
  'after a failed sync (blocking up to %d ms) nothing is acknowledged any more',
  async (ms) => {
    await open({ sync: 'always', blockingSyncMsMax: ms });
    world.files.failSync = (path) => (path.endsWith('.wal') ? systemError('EIO', path) : undefined);
    await put('a', 'new');
    world.endTurnNoting('first', events);
    await settled();
    world.files.failSync = undefined;
    await put('a', 'newer');
    world.endTurnNoting('second', events);
    await settled();
    expect(events).toEqual(['first failed: LOG_FAILED', 'second failed: LOG_FAILED']);
    expect(await world.run((db) => db.get('a'))).toBe('old');
  },
);

test('what FLUSHDB dropped is still resident when its sync fails, though there was no room', async () => {
  await open({ sync: 'always' });
  await world.set('b', 'in 1', 1);
  await world.fold();
  const sync = holdSync();
  await world.run(() => world.keyspace.flush(0));
  world.endTurnNoting('flush', events);
  world.residents.evictAll();
  await sync.finish(Object.assign(new Error('gone'), { code: 'LOG_FAILED' }));
  expect(events).toEqual(['flush failed: LOG_FAILED']);
  expect(world.resident('a')?.record).toBe('old');
  expect(world.residents.entries).toBe(1);
  expect(await world.contents()).toEqual({ '0/a': 'old', '1/b': 'in 1' });
});

test('a failed group takes FLUSHDB, SWAPDB and the first use of a database back', async () => {
  await open();
  await world.set('b', 'in 1', 1);
  failWrites('ENOSPC');
  await world.run(() => {
    const { keyspace } = world;
    keyspace.swap(0, 1);
    keyspace.flush(1);
    keyspace.database(1).put('c', 'x');
    keyspace.database(5).put('d', 'x');
  });
  world.endTurnNoting('write', events);
  world.files.failWrite = undefined;
  expect(events).toEqual(['write failed: DISK_FULL']);
  expect(await world.contents()).toEqual({ '0/a': 'old', '1/b': 'in 1' });
  expect(world.keyspace.database(0).size).toBe(1);
  expect(world.keyspace.database(1).size).toBe(1);
  expect(world.keyspace.database(5).size).toBe(0);
  await world.restart();
  expect(await world.contents()).toEqual({ '0/a': 'old', '1/b': 'in 1' });
});

test('state outside the records is put back with its group', async () => {
  await open();
  let selected = 0;
  failWrites('ENOSPC');
  await world.run((db) => {
    const before = selected;
    world.keyspace.transaction.onUndo(() => {
      selected = before;
    });
    selected = 3;
    db.put('a', 'new');
  });
  world.endTurnNoting('write', events);
  world.files.failWrite = undefined;
  expect(selected).toBe(0);
});

test('a cut that waits for the flush of a failing group does not count that group', async () => {
  await open();
  world.files.failWrite = undefined;
  await world.run((db) => void db.put('b', 'never'));
  const fold = world.fold();
  await settled(); // the cut waits for the flush that is due
  let failing = true;
  world.files.failWrite = (path) => {
    if (!failing || !path.endsWith('.wal')) return undefined;
    failing = false;
    return systemError('ENOSPC', path);
  };
  world.endTurnNoting('write', events);
  world.files.failWrite = undefined;
  expect(events).toEqual(['write failed: DISK_FULL']);
  await fold;
  await world.restart();
  expect(world.db.size).toBe(1);
  expect(await world.contents()).toEqual({ '0/a': 'old' });
});
