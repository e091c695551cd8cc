/** From request to reply without sockets: guards on every attempt, errors, statistics, turns. */

import { afterEach, expect, test } from 'vitest';
import { DiskDbError } from '../../src/base/errors.js';
import { type Argument, LargeString } from '../../src/base/large-string.js';
import { systemError } from '../../src/base/simulated-files.js';
import { type Client, EMPTY_QUERY_BUFFER, type ServerContext } from '../../src/commands/context.js';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandTable } from '../../src/commands/registry.js';
import { loadConfig } from '../../src/config/load.js';
import { Blocking } from '../../src/dispatch/blocking.js';
import { Dispatcher } from '../../src/dispatch/dispatcher.js';
import { Guard } from '../../src/dispatch/guard.js';
import { Session, type Transport } from '../../src/dispatch/session.js';
import { type Outbox, Turn } from '../../src/dispatch/turn.js';
import { ActiveExpiry } from '../../src/keyspace/active-expiry.js';
import { makeEvictor } from '../../src/make-evictor.js';
import { Statistics } from '../../src/observability/statistics.js';
import { Channels } from '../../src/pubsub/channels.js';
import { ClientTracking } from '../../src/pubsub/tracking.js';
import { Security } from '../../src/security/security.js';
import { settled, World, type WorldOptions } from '../keyspace/world.js';
import { textOf } from '../support/command-harness.js';
import { makeInstruments } from '../support/instruments.js';

let world: World;
let commands: CommandTable;
let statistics: Statistics;
let dispatcher: Dispatcher;
let guard: Guard;
let session: Session;

afterEach(() => world.close());

const transport: Transport = {
  address: '127.0.0.1:1',
  localAddress: '127.0.0.1:2',
  fileDescriptor: 8,
  queryBuffer: EMPTY_QUERY_BUFFER,
  outputBytes: 0,
  push: () => undefined,
  closeAfterReply: () => undefined,
  kill: () => undefined,
};

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
  const { keyspace, checkpointer, clock, logger } = world;
  commands = new CommandTable(commandGroups);
  statistics = new Statistics(commands);
  const { config } = loadConfig({});
  const instruments = makeInstruments(clock, config, logger);
  const evictor = makeEvictor({ keyspace, config, statistics, clientSizes: () => [], logger });
  guard = new Guard(keyspace, checkpointer, instruments.pause, evictor);
  const expiry = new ActiveExpiry(keyspace, logger, () => statistics.expiredKeys++);
  const blocking = new Blocking(keyspace);
  const parts = { keyspace, commands, guard, blocking, expiry, evictor, statistics, logger };
  dispatcher = new Dispatcher({ ...parts, ...instruments, tracking: config.values.redis });
  const server = {
    ...{
      keyspace,
      checkpointer,
      memory: evictor.limit,
      clock,
      commands,
      statistics,
      config,
      logger,
    },
    ...instruments,
    access: new Security({ config, commands, clock, logger }),
    pubsub: new Channels(keyspace.transaction),
    tracking: new ClientTracking(keyspace, config),
    clients: (): Client[] => [session],
  } as unknown as ServerContext;
  session = new Session(1, server, transport);
}

async function run(...args: readonly Argument[]): Promise<string> {
  dispatcher.startTiming();
  const request = dispatcher.resolve(session, args);
  if (typeof request === 'string') return session.reply.error(request);
  return textOf(await dispatcher.execute(request));
}

/** Runs the request and ends its turn: the reply as it leaves, or the error that takes its place. */
async function ask(...args: readonly string[]): Promise<string> {
  const reply = await run(...args);
  try {
    await world.endTurn();
    return reply;
  } catch (error) {
    return `-group: ${(error as { code?: string }).code}`;
  }
}

/** `args`: a request of the command. */
function counts(...args: string[]): object {
  const command = commands.resolve(args);
  if (typeof command === 'string') throw new Error(command);
  const { calls, rejected, failed } = command.statistics;
  return { calls, rejected, failed };
}

async function fillCache(): Promise<void> {
  for (let i = 0; i < 60; i++) await world.set(`fill${i}`, 'x'.repeat(1000));
}

test('unknown commands and wrong numbers of arguments have the texts of Redis', async () => {
  await open();
  expect(await run('what', 'a', 'b')).toBe(
    "-ERR unknown command 'what', with args beginning with: 'a' 'b' \r\n",
  );
  expect(await run('get')).toBe("-ERR wrong number of arguments for 'get' command\r\n");
  expect(await run('CONFIG', 'nothing')).toMatch(/^-ERR unknown subcommand 'nothing'/);
  expect(statistics.errors.get('ERR')).toBe(3);
});

test('names match in any case', async () => {
  await open();
  expect(await run('sEt', 'a', 'b')).toBe('+OK\r\n');
  expect(await run('GeT', 'a')).toBe('$1\r\nb\r\n');
});

test('a large argument reaches commands that take it in pieces, and is joined for the others', async () => {
  await open();
  const large = new LargeString(40_000, [
    'x'.repeat(16_384),
    'y'.repeat(16_384),
    'z'.repeat(7_232),
  ]);
  expect(await run('SET', 'a', large)).toBe('+OK\r\n');
  expect(await run('GET', 'a')).toBe(`$40000\r\n${large}\r\n`);
  expect(await run('ECHO', large)).toBe(`$40000\r\n${large}\r\n`);
});

test('who has not authenticated is refused, and it counts as rejected, not as failed', async () => {
  await open();
  session.server.config.set([['requirepass', 'secret']]);
  session.authenticated = false;
  expect(await run('GET', 'a')).toBe('-NOAUTH Authentication required.\r\n');
  expect(counts('get', 'a')).toEqual({ calls: 0, rejected: 1, failed: 0 });
  expect(statistics.errors.get('NOAUTH')).toBe(1);
  session.authenticated = true;
  expect(await run('INCRBY', 'a', 'x')).toMatch(/^-ERR/);
  expect(counts('incrby', 'a', '1')).toEqual({ calls: 1, rejected: 0, failed: 1 });
});

test('guards are asked on every attempt: what changed while a request waited counts', async () => {
  await open();
  await world.set('cold', 'x');
  await world.chill();
  world.storage.holds = true;
  const waiting = run('GET', 'cold');
  world.storage.holds = false;
  session.server.config.set([['requirepass', 'secret']]);
  session.authenticated = false;
  await settled();
  await world.storage.releaseAll();
  expect(await waiting).toBe('-NOAUTH Authentication required.\r\n');
});

test('calls and commands count once, however often a request runs', async () => {
  await open();
  for (let i = 0; i < 10; i++) await world.set(`key${i}`, 'x');
  await world.chill();
  await run('MGET', 'key1', 'key2');
  await run('MGET', ...Array.from({ length: 10 }, (_, i) => `key${i}`));
  expect(counts('mget', 'a')).toEqual({ calls: 2, rejected: 0, failed: 0 });
  expect(statistics.commandsProcessed).toBe(2);
});

test('declared keys are loaded together', async () => {
  await open();
  const keys = Array.from({ length: 50 }, (_, i) => `key${i}`);
  for (const key of keys) await world.set(key, 'x');
  await world.chill();
  await run('DEL', ...keys);
  expect(world.storage.loads.flat()).toHaveLength(50);
  expect(world.storage.loads.length).toBeLessThanOrEqual(2);
  expect(world.storage.syncLoads).toEqual([]);
});

test('look-ahead adds the keys of other requests, in its own place', async () => {
  await open();
  for (const key of ['a', 'b', 'c']) await world.set(key, key);
  await world.chill();
  dispatcher.startTiming();
  const request = dispatcher.resolve(session, ['GET', 'a']);
  if (typeof request === 'string') throw new Error(request);
  request.lookAhead = () => {
    dispatcher.prefetch(session, ['MGET', 'b', 'c']);
    dispatcher.prefetch(session, ['WHAT']);
    dispatcher.prefetch(session, ['GET']);
  };
  await dispatcher.execute(request);
  expect(statistics.errors.size).toBe(0);
  expect(await run('MGET', 'b', 'c')).toBe('*2\r\n$1\r\nb\r\n$1\r\nc\r\n');
  expect(world.storage.loads.flat()).toHaveLength(3);
});

/** Executes the first while the others wait behind it. */
async function executeBefore(first: readonly string[], others: readonly (readonly string[])[]) {
  dispatcher.startTiming();
  const request = dispatcher.resolve(session, first);
  if (typeof request === 'string') throw new Error(request);
  request.lookAhead = () => {
    for (const args of others) dispatcher.prefetch(session, args);
  };
  return textOf(await dispatcher.execute(request));
}

const numbers = Array.from({ length: 20 }, (_, i) => String(i + 1));

test('elements that requests behind one at fault will need are loaded with what it needs', async () => {
  await open();
  const fields = Array.from({ length: 300 }, (_, i) => [`f${i}`, `v${i}`]);
  await ask('HSET', 'big', ...fields.flat());
  await world.chill();
  world.storage.loads = [];
  const others = numbers.map((n) =>
    [n === '7' ? 'HSET' : 'HGET', 'big', `f${n}`, 'x'].slice(0, n === '7' ? 4 : 3),
  );
  expect(await executeBefore(['HGET', 'big', 'f0'], others)).toBe('$2\r\nv0\r\n');
  expect(world.storage.loads.length).toBeLessThanOrEqual(3);
  const { faults } = world.keyspace.runner;
  for (const n of numbers) expect(await run('HGET', 'big', `f${n}`)).toContain(`v${n}\r\n`);
  expect(world.keyspace.runner.faults).toBe(faults);
});

test('so are small collections', async () => {
  await open();
  for (const n of ['0', ...numbers]) await ask('SADD', `set${n}`, 'a', 'b');
  await world.chill();
  await executeBefore(
    ['SISMEMBER', 'set0', 'a'],
    numbers.map((n) => ['SISMEMBER', `set${n}`, 'a']),
  );
  const { faults } = world.keyspace.runner;
  for (const n of numbers) expect(await run('SISMEMBER', `set${n}`, 'b')).toBe(':1\r\n');
  expect(world.keyspace.runner.faults).toBe(faults);
});

test('a small collection that many of them need is loaded once', async () => {
  await open();
  await ask('HSET', 'small', ...numbers.flatMap((n) => [`f${n}`, n]));
  await ask('GET', 'small');
  await world.chill();
  world.storage.ranges = 0;
  const others = numbers.map((n) => ['HINCRBY', 'small', `f${n}`, '1']);
  expect(await executeBefore(['HGET', 'small', 'f1'], others)).toBe('$1\r\n1\r\n');
  expect(world.storage.ranges).toBe(1);
});

test('what would take long, or much, is not tried out', async () => {
  await open();
  const elements = Array.from({ length: 3000 }, (_, i) => `${i}`);
  await ask('RPUSH', 'list', ...elements);
  await world.chill();
  await ask('SISMEMBER', 'cold', 'x');
  await ask('LINDEX', 'list', '0');
  const { dirtyBytes } = world.keyspace.residents;
  await executeBefore(['LINDEX', 'list', '1500'], [['LPOP', 'list', '3000']]);
  expect(world.keyspace.residents.dirtyBytes - dirtyBytes).toBeLessThan(100_000);
  expect(await run('LLEN', 'list')).toBe(':3000\r\n');
});

test('nothing is left of requests that were tried out', async () => {
  await open();
  const lengths = (): Promise<string[]> =>
    Promise.all([run('LRANGE', 'list', '0', '-1'), run('TTL', 'text'), run('EXISTS', 'new')]);
  await ask('RPUSH', 'list', 'a', 'b');
  for (const key of ['text', 'cold']) await ask('SET', key, key);
  const before = await lengths();
  for (let i = 0; i < 2; i++) {
    await world.chill();
    if (i === 1) await lengths();
    const { nextLsn } = world.keyspace.storage.log;
    await executeBefore(
      ['GET', 'cold'],
      [
        ['LPOP', 'list'],
        ['EXPIRE', 'text', '100'],
        ['SADD', 'new', 'a'],
        ['BLPOP', 'list', '0'],
        ['INCR', 'text'],
      ],
    );
    expect(world.keyspace.storage.log.nextLsn).toBe(nextLsn);
    expect(await lengths()).toEqual(before);
  }
  expect(statistics.errors.size).toBe(0);
});

test('an error of DiskDB itself is told and logged, and undoes the request', async () => {
  await open();
  const original = world.keyspace.database(0).put;
  Object.assign(world.keyspace.database(0), {
    put: () => {
      throw new TypeError('a bug');
    },
  });
  expect(await run('SET', 'a', 'b')).toBe('-ERR internal error: a bug\r\n');
  Object.assign(world.keyspace.database(0), { put: original });
  expect(world.logger.messages).toEqual(['a command failed in a way it must not']);
  expect(await run('GET', 'a')).toBe('$-1\r\n');
});

test('SELECT is undone with its request', async () => {
  await open();
  await world.set('cold', 'x');
  await world.chill();
  const { runner } = world.keyspace;
  const seen: number[] = [];
  await runner.run({
    run: () => {
      seen.push(session.databaseIndex);
      session.select(5);
      world.db.get('cold');
    },
  });
  expect(seen).toEqual([0, 0]);
  expect(session.databaseIndex).toBe(5);
});

/** All that requests can set of the session. */
function settings() {
  const { name, libraryName, libraryVersion, noEvict, noTouch, authenticated } = session;
  const { databaseIndex, protocol, replyMode } = session;
  const flags = { noEvict, noTouch, authenticated, replyMode };
  return { name, libraryName, libraryVersion, databaseIndex, protocol, ...flags };
}

test('whatever a request sets of its session is undone with its group', async () => {
  await open();
  await ask('SELECT', '1');
  await ask('CLIENT', 'SETNAME', 'before');
  session.authenticated = false;
  const fresh = settings();
  const requests = [
    ['AUTH', 'default', 'any'],
    ['HELLO', '3', 'SETNAME', 'after'],
    ['CLIENT', 'SETNAME', 'later'],
    ['CLIENT', 'SETINFO', 'lib-name', 'l'],
    ['CLIENT', 'SETINFO', 'lib-ver', '1'],
    ['CLIENT', 'NO-EVICT', 'on'],
    ['CLIENT', 'NO-TOUCH', 'on'],
    ['SELECT', '2'],
    ['CLIENT', 'REPLY', 'OFF'],
  ];
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  for (const request of requests) await run(...request);
  expect(settings()).toEqual({
    ...{ name: 'later', libraryName: 'l', libraryVersion: '1', databaseIndex: 2, protocol: 3 },
    ...{ noEvict: true, noTouch: true, authenticated: true, replyMode: 'off' },
  });
  expect(await ask('SET', 'a', 'b')).toBe('-group: DISK_FULL');
  expect(settings()).toEqual(fresh);
  world.files.failWrite = undefined;
  for (const request of requests) await ask(...request);
  const set = settings();
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  world.clock.milliseconds += 500;
  await run('RESET');
  expect(await ask('SET', 'a', 'b')).toBe('-group: DISK_FULL');
  expect(settings()).toEqual(set);
});

test('users and their rights are undone with the group of what changed them', async () => {
  await open();
  const { access } = session.server;
  await ask('ACL', 'SETUSER', 'bob', 'on', '>pw', '+get');
  await ask('ACL', 'SETUSER', 'carl', 'on');
  const before = access.lines();
  const carl = access.find('carl');
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  for (const request of [
    ['ACL', 'SETUSER', 'bob', '-get', '+set', '(~k +get)'],
    ['ACL', 'SETUSER', 'new', 'on', 'nopass', '~*', '+@all'],
    ['ACL', 'DELUSER', 'carl'],
    ['ACL', 'SETUSER', 'default', '-debug'],
    ['CONFIG', 'SET', 'requirepass', 'secret'],
    ['AUTH', 'new', 'x'],
  ]) {
    await run(...request);
  }
  expect(access.names()).toEqual(['bob', 'default', 'new']);
  expect(await ask('SET', 'a', 'b')).toMatch(/^-/);
  expect(await ask('PING')).toBe('+PONG\r\n');
  expect(access.lines()).toEqual(before);
  expect([access.find('carl'), session.account.name]).toEqual([carl, 'default']);
});

test('a read of an expired key deletes it in a transaction of its own', async () => {
  await open();
  await run('SET', 'a', 'b', 'PX', '10');
  await world.endTurn();
  world.clock.milliseconds += 10;
  expect(await run('GET', 'a')).toBe('$-1\r\n');
  expect(await run('DBSIZE')).toBe(':0\r\n');
  expect(statistics.expiredKeys).toBe(1);
});

test('while all of the cache is dirty writers wait, readers do not, and the fold lets them go', async () => {
  await open({ cacheBytes: 50_000 });
  await fillCache();
  expect(world.checkpointer.hasRoom).toBe(false);
  const write = run('SET', 'a', 'b');
  expect(await run('GET', 'fill1')).toContain('xxx');
  expect(await write).toBe('+OK\r\n');
  expect(world.checkpointer.hasRoom).toBe(true);
  expect((await world.storage.statistics()).folds).toBe(1);
});

test('a transaction that takes all of the cache itself does not wait within it, as a script in it would', async () => {
  await open({ cacheBytes: 50_000 });
  let attempts = 0;
  await world.turn((db) => {
    if (++attempts > 3) throw new Error('it waits again and again');
    guard.needRoom();
    for (let i = 0; i < 60; i++) db.put(`own${i}`, 'x'.repeat(1000));
    guard.needRoom();
  });
  expect(attempts).toBe(1);
  expect(world.checkpointer.hasRoom).toBe(false);
  attempts = 0;
  await world.turn(() => {
    attempts++;
    guard.needRoom();
  });
  expect(attempts).toBe(2);
});

test('writers that wait get an error if the fold fails, instead of waiting for ever', async () => {
  await open({ cacheBytes: 50_000 });
  await fillCache();
  world.store.failWrite = () => new Error('the disk is broken');
  const replies = await Promise.all([run('SET', 'a', 'b'), run('INCR', 'c')]);
  for (const reply of replies) expect(reply).toMatch(/^-MISCONF .*the disk is broken/);
  expect(await run('GET', 'a')).toBe('$-1\r\n');
  world.store.failWrite = undefined;
  expect(await run('SET', 'a', 'b')).toBe('+OK\r\n');
});

test('a writer whose room others took waits again', async () => {
  await open({ cacheBytes: 50_000 });
  await fillCache();
  const { checkpointer } = world;
  const room = checkpointer.room.bind(checkpointer);
  let waits = 0;
  checkpointer.room = async () => {
    await room();
    if (waits++ === 0) await fillCache();
  };
  expect(await run('SET', 'a', 'b')).toBe('+OK\r\n');
  expect(waits).toBe(2);
});

test('on a full disk writes are refused at once, reads of the same turns go on, and writes resume', async () => {
  await open();
  await ask('SET', 'a', 'old');
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  expect(await ask('SET', 'a', 'new')).toBe('-group: DISK_FULL');
  expect(await ask('SET', 'a', 'new')).toBe('-group: DISK_FULL'); // the first probe
  for (let i = 0; i < 5; i++) {
    const replies = [await run('SET', 'a', 'new'), await run('GET', 'a')];
    expect(replies[0]).toMatch(/^-MISCONF DiskDB cannot write its log/);
    expect(replies[1]).toBe('$3\r\nold\r\n');
    await world.endTurn(); // nothing was written: the read is not failed
  }
  world.clock.milliseconds += 500;
  expect(await ask('SET', 'a', 'new')).toBe('-group: DISK_FULL'); // one is let through to find out
  expect(await ask('SET', 'a', 'new')).toMatch(/^-MISCONF/);
  world.files.failWrite = undefined;
  world.clock.milliseconds += 500;
  expect(await ask('SET', 'a', 'new')).toBe('+OK\r\n');
  expect(await ask('SET', 'a', 'newer')).toBe('+OK\r\n');
  expect(await ask('GET', 'a')).toBe('$5\r\nnewer\r\n');
});

test('while writes are refused PFCOUNT answers, and keeps no estimate', async () => {
  await open();
  await ask('PFADD', 'h', 'a', 'b', 'c');
  await ask('SET', 'a', 'old');
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  expect(await ask('SET', 'a', 'new')).toBe('-group: DISK_FULL');
  const before = await ask('GET', 'h');
  expect(await ask('PFCOUNT', 'h')).toBe(':3\r\n');
  expect(await ask('GET', 'h')).toBe(before);
  world.files.failWrite = undefined;
  world.clock.milliseconds += 500;
  expect(await ask('SET', 'a', 'new')).toBe('+OK\r\n');
  expect(await ask('PFCOUNT', 'h')).toBe(':3\r\n');
  expect(await ask('GET', 'h')).not.toBe(before);
});

test('after a failed sync PFCOUNT still answers', async () => {
  await open({ sync: 'always' });
  await ask('PFADD', 'h', 'a', 'b', 'c');
  world.files.failSync = (path) => (path.endsWith('.wal') ? systemError('EIO', path) : undefined);
  expect(await ask('SET', 'a', 'new')).toBe('-group: LOG_FAILED');
  world.files.failSync = undefined;
  await settled();
  expect(await ask('PFCOUNT', 'h')).toBe(':3\r\n');
});

test('after a failed sync writes are refused for good, and reads show what was there before', async () => {
  await open({ sync: 'always' });
  await ask('SET', 'a', 'old');
  world.files.failSync = (path) => (path.endsWith('.wal') ? systemError('EIO', path) : undefined);
  expect(await ask('SET', 'a', 'new')).toBe('-group: LOG_FAILED');
  world.files.failSync = undefined;
  await settled(); // the turn that was open then is over
  world.clock.milliseconds += 60_000;
  expect(await ask('SET', 'a', 'newer')).toMatch(/^-MISCONF DiskDB cannot write its log/);
  expect(await ask('GET', 'a')).toBe('$3\r\nold\r\n');
});

test('a transaction above its limit is a clear error', async () => {
  await open({ transactionBytes: 5_000 });
  expect(await ask('MSET', 'a', 'x'.repeat(3000), 'b', 'x'.repeat(3000))).toBe(
    '-ERR the transaction would hold more than max_transaction_size (5000 bytes) in memory\r\n',
  );
  expect(await ask('EXISTS', 'a', 'b')).toBe(':0\r\n');
});

test('a record that is damaged is an error of its request alone', async () => {
  await open();
  await ask('SET', 'a', 'b');
  await world.chill();
  const load = world.storage.load.bind(world.storage);
  world.storage.load = async () => {
    throw new DiskDbError('STORE_CORRUPT', 'the record of a is damaged');
  };
  expect(await ask('GET', 'a')).toBe('-ERR the record of a is damaged\r\n');
  world.storage.load = load;
  expect(await ask('GET', 'a')).toBe('$1\r\nb\r\n');
});

test('a store that cannot be read is not reported as a log that cannot be written', async () => {
  await open();
  await ask('SET', 'a', 'b');
  await world.chill();
  world.storage.load = async () => {
    throw new DiskDbError('STORE_FAILED', 'reading the store: IO error');
  };
  expect(await ask('GET', 'a')).toBe(
    '-ERR DiskDB cannot read its store: reading the store: IO error\r\n',
  );
  expect(await ask('APPEND', 'a', 'c')).toBe(
    "-MISCONF DiskDB's store has failed: reading the store: IO error\r\n",
  );
});

interface Box extends Outbox {
  readonly events: string[];
}

function box(name: string, events: string[]): Box {
  return {
    events,
    seal: () => {
      events.push(`seal ${name}`);
      return {
        send: () => events.push(`send ${name}`),
        fail: (error: Error) => events.push(`fail ${name} ${(error as { code?: string }).code}`),
      };
    },
  };
}

test('a turn ends once, in one write, after all that one poll brought; its replies leave then', async () => {
  await open();
  const events: string[] = [];
  let writes = 0;
  world.files.trace = (event) => {
    if (event.startsWith('write') && event.endsWith('.wal')) writes++;
  };
  const turn = new Turn(world.commit, () => events.push('afterwards'));
  world.keyspace.runner.onCommit = turn.schedule;
  for (const name of ['a', 'b', 'c']) {
    await run('SET', name, 'x');
    turn.add(box(name, events));
  }
  turn.schedule();
  expect([events, writes]).toEqual([[], 0]);
  await settled();
  expect(writes).toBe(1);
  expect(events).toEqual([
    ...['seal a', 'seal b', 'seal c'],
    ...['send a', 'send b', 'send c'],
    'afterwards',
  ]);
  await run('PING');
  await settled();
  expect(events.filter((event) => event === 'afterwards')).toHaveLength(2);
});

test('all of a turn fails when its group cannot be written, those that only read too', async () => {
  await open();
  const events: string[] = [];
  const turn = new Turn(world.commit, () => undefined);
  world.files.failWrite = (path) =>
    path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
  await run('SET', 'a', 'x');
  turn.add(box('writer', events));
  await run('GET', 'a');
  turn.add(box('reader', events));
  await settled();
  world.files.failWrite = undefined;
  expect(events.slice(2)).toEqual(['fail writer DISK_FULL', 'fail reader DISK_FULL']);
  expect(await run('GET', 'a')).toBe('$-1\r\n');
});
