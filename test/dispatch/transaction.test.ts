/** MULTI and EXEC: what is queued runs as one, whatever is cold, fails, or changes the connection on the way. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

let harness: CommandHarness;
let client: TestClient;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  client = harness.client;
});

afterEach(() => harness.close());

const QUEUED = '+QUEUED\r\n';
const ABORTED = '-EXECABORT Transaction discarded because of previous errors.\r\n';

function run(...args: readonly string[]): Promise<string> {
  return client.run(...args);
}

/** Queues the requests and returns EXEC's reply. */
async function transact(...requests: readonly (readonly string[])[]): Promise<string> {
  expect(await run('MULTI')).toBe('+OK\r\n');
  for (const request of requests) expect(await run(...request)).toBe(QUEUED);
  return run('EXEC');
}

function statistics(name: string): object {
  const command = harness.commands.findByFullName(name);
  const { calls, rejected, failed } = command?.statistics ?? {};
  return { calls, rejected, failed };
}

describe('EXEC', () => {
  test('runs what was queued, in order, and nothing happens before', async () => {
    await run('MULTI');
    await run('SET', 'a', '1');
    await run('INCR', 'a');
    expect(await harness.connect().run('GET', 'a')).toBe('$-1\r\n');
    expect(await run('EXEC')).toBe('*2\r\n+OK\r\n:2\r\n');
    expect(await run('GET', 'a')).toBe('$1\r\n2\r\n');
  });

  test('of nothing is an empty array', async () => {
    expect(await transact()).toBe('*0\r\n');
    expect(await run('EXEC')).toBe('-ERR EXEC without MULTI\r\n');
  });

  test('is one transaction', async () => {
    const { transaction } = harness.keyspace;
    let commits = 0;
    const commit = transaction.commit.bind(transaction);
    transaction.commit = (log) => {
      const { nextLsn } = log;
      commit(log);
      if (log.nextLsn > nextLsn) commits++;
    };
    await transact(
      ['SET', 'a', '1'],
      ['RPUSH', 'l', 'x', 'y'],
      ['DEL', 'a'],
      ['HSET', 'h', 'f', 'v'],
    );
    expect(commits).toBe(1);
  });

  test('goes on after a command that fails, of which nothing is left', async () => {
    await run('SET', 'text', 'x');
    const reply = await transact(
      ['SET', 'a', '1'],
      ['INCR', 'text'],
      ['LMOVE', 'list', 'text', 'LEFT', 'LEFT'],
      ['RPUSH', 'list', 'x'],
      ['LMOVE', 'list', 'text', 'LEFT', 'LEFT'],
      ['CONFIG', 'SET', 'slowlog-max-len', '7', 'nonsense', 'x'],
      ['LRANGE', 'list', '0', '-1'],
    );
    const wrongType = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
    expect(reply).toBe(
      `*7\r\n+OK\r\n-ERR value is not an integer or out of range\r\n$-1\r\n:1\r\n${wrongType}` +
        "-ERR Unknown option or number of arguments for CONFIG SET - 'nonsense'\r\n*1\r\n$1\r\nx\r\n",
    );
  });

  test('in which something is cold runs again from the start', async () => {
    await run('SET', 'counter', '1');
    await run('HSET', 'hash', 'f', 'v');
    await run('SET', 'text', 'x');
    await harness.evict();
    const { loader } = harness.keyspace;
    const loads = loader.loads;
    const reply = await transact(
      ['INCR', 'new'],
      ['INCR', 'counter'],
      ['SELECT', '3'],
      ['INCR', 'text'],
      ['PING'],
    );
    expect(reply).toBe('*5\r\n:1\r\n:2\r\n+OK\r\n:1\r\n+PONG\r\n');
    expect(client.session.databaseIndex).toBe(3);
    // One message for all that was declared: the counter and the text.
    expect([loader.loads - loads, harness.keyspace.runner.faults]).toEqual([2, 1]);
    expect(await run('DBSIZE')).toBe(':1\r\n');
  });

  test('with many cold collections reads them in the end at once', async () => {
    for (let i = 0; i < 20; i++) await run('HSET', `h${i}`, 'f', String(i));
    await harness.evict();
    const requests = Array.from({ length: 20 }, (_, i) => ['HGET', `h${i}`, 'f']);
    expect(await transact(...requests)).toContain('$2\r\n19\r\n');
    expect(harness.keyspace.runner.escalations).toBe(1);
  });

  test('sees the changes that its commands make of the connection and the options', async () => {
    const reply = await transact(
      ['CLIENT', 'SETNAME', 'me'],
      ['CLIENT', 'GETNAME'],
      ['CONFIG', 'SET', 'hash-max-listpack-entries', '1'],
      ['HSET', 'h', 'a', '1', 'b', '2'],
      ['OBJECT', 'ENCODING', 'h'],
      ['GET', 'none'],
      ['HELLO', '3'],
      ['GET', 'none'],
      ['SMEMBERS', 'none'],
    );
    expect(reply).toMatch(
      /^\*9\r\n\+OK\r\n\$2\r\nme\r\n\+OK\r\n:2\r\n\$9\r\nhashtable\r\n\$-1\r\n%7\r\n/,
    );
    expect(reply).toMatch(/_\r\n~0\r\n$/);
  });

  test('sends long values that are cold, as they are at their place', async () => {
    const long = 'x'.repeat(3_000_000);
    await run('SET', 'long', long);
    await run('SET', 'short', 'y');
    await harness.evict();
    const reply = await transact(
      ['GET', 'long'],
      ['SETRANGE', 'long', '1', 'z'],
      ['GET', 'short'],
      ['DEL', 'long'],
      ['GET', 'long'],
    );
    expect(reply).toBe(`*5\r\n$3000000\r\n${long}\r\n:3000000\r\n$1\r\ny\r\n:1\r\n$-1\r\n`);
  });

  test('keeps nobody waiting: what would block has its time up', async () => {
    expect(
      await transact(['BLPOP', 'l', '0'], ['BLMOVE', 'l', 'm', 'LEFT', 'LEFT', '0'], ['PING']),
    ).toBe('*3\r\n*-1\r\n$-1\r\n+PONG\r\n');
  });

  test('serves those who wait when it is done, with what is left', async () => {
    const replies: string[] = [];
    const wait = async (name: string, ...args: readonly string[]): Promise<void> => {
      void harness
        .connect()
        .run(...args)
        .then((reply) => replies.push(name + reply));
      await settled();
    };
    await wait('a', 'BLPOP', 'a', '0');
    await wait('b', 'BLPOP', 'b', '0');
    await wait('c', 'BLPOP', 'c', '0');
    await transact(
      ['RPUSH', 'b', '1'],
      ['RPUSH', 'a', '1'],
      ['RPUSH', 'c', '1'],
      ['LPUSH', 'b', '2'],
      ['DEL', 'c'],
    );
    await settled();
    expect(replies).toEqual(['b*2\r\n$1\r\nb\r\n$1\r\n2\r\n', 'a*2\r\n$1\r\na\r\n$1\r\n1\r\n']);
  });

  test('that cannot be kept is undone whole, and is over', async () => {
    await run('MULTI');
    await run('SET', 'a', '1');
    await run('CLIENT', 'SETNAME', 'me');
    const { log } = harness.keyspace.storage;
    const { endTransaction } = log;
    log.endTransaction = () => {
      throw new Error('no room');
    };
    await expect(run('EXEC')).rejects.toThrow();
    log.endTransaction = endTransaction;
    expect(await run('EXEC')).toBe('-ERR EXEC without MULTI\r\n');
    expect(await run('GET', 'a')).toBe('$-1\r\n');
    expect(client.session.name).toBe('');
  });
});

describe('what cannot be queued', () => {
  test.each([
    [['GET'], "-ERR wrong number of arguments for 'get' command\r\n"],
    [['nothing'], "-ERR unknown command 'nothing', with args beginning with: \r\n"],
    [['SAVE'], '-ERR Command not allowed inside a transaction\r\n'],
  ])('%s makes EXEC refuse the rest', async (request, error) => {
    await run('MULTI');
    await run('SET', 'a', '1');
    expect(await run(...request)).toBe(error);
    expect(await run('EXEC')).toBe(ABORTED);
    expect(await run('GET', 'a')).toBe('$-1\r\n');
    expect(await transact(['PING'])).toBe('*1\r\n+PONG\r\n');
  });

  test('a nested MULTI is refused, and the transaction goes on', async () => {
    await run('MULTI');
    expect(await run('MULTI')).toBe('-ERR MULTI calls can not be nested\r\n');
    expect(await run('EXEC')).toBe('*0\r\n');
  });

  test('EXEC with an argument is the end of the transaction', async () => {
    await run('MULTI');
    expect(await run('EXEC', 'x')).toBe(
      "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n",
    );
    expect(await run('DISCARD')).toBe('-ERR DISCARD without MULTI\r\n');
  });

  test('EXEC that its client may not run is an abort, in and out of a transaction', async () => {
    const prefix = '-EXECABORT Transaction discarded because of: ';
    await run('SUBSCRIBE', 'channel');
    expect(await run('EXEC')).toContain(`${prefix}Can't execute 'exec': only (P|S)SUBSCRIBE`);
    await run('UNSUBSCRIBE', 'channel');
    await run('ACL', 'SETUSER', 'reader', 'on', 'nopass', '~*', '+@all', '-exec');
    await run('AUTH', 'reader', '');
    await run('MULTI');
    const denied = `${prefix}NOPERM User reader has no permissions to run the 'exec' command\r\n`;
    expect(await run('EXEC')).toBe(denied);
    expect(await run('DISCARD')).toBe('-ERR DISCARD without MULTI\r\n');
  });
});

describe('without EXEC', () => {
  test('DISCARD forgets the queue', async () => {
    await run('MULTI');
    await run('SET', 'a', '1');
    expect(await run('DISCARD')).toBe('+OK\r\n');
    expect(await run('GET', 'a')).toBe('$-1\r\n');
    expect(await run('DISCARD')).toBe('-ERR DISCARD without MULTI\r\n');
  });

  test('RESET forgets the queue', async () => {
    await run('MULTI');
    expect(await run('RESET')).toBe('+RESET\r\n');
    expect(await run('EXEC')).toBe('-ERR EXEC without MULTI\r\n');
  });

  test('QUIT ends the connection', async () => {
    await run('MULTI');
    expect(await run('QUIT')).toBe('+OK\r\n');
    expect(client.ended).toBe('after reply');
  });
});

describe('counts', () => {
  test('what is queued when it runs, EXEC by itself', async () => {
    await transact(['SET', 'a', 'b'], ['INCR', 'a'], ['GET', 'a'], ['GET', 'none']);
    expect(statistics('set')).toEqual({ calls: 1, rejected: 0, failed: 0 });
    expect(statistics('incr')).toEqual({ calls: 1, rejected: 0, failed: 1 });
    expect(statistics('exec')).toEqual({ calls: 1, rejected: 0, failed: 0 });
    const { errors, commandsProcessed, keyspaceHits, keyspaceMisses } = harness.server.statistics;
    expect([...errors]).toEqual([['ERR', 1]]);
    expect(commandsProcessed).toBe(6);
    expect([keyspaceHits, keyspaceMisses]).toEqual([1, 1]);
  });

  test('what is refused, and EXEC then, as Redis does', async () => {
    await run('MULTI');
    await run('SET');
    await run('SAVE');
    await run('EXEC');
    expect(statistics('set')).toEqual({ calls: 0, rejected: 1, failed: 0 });
    expect(statistics('save')).toEqual({ calls: 0, rejected: 1, failed: 0 });
    expect(statistics('exec')).toEqual({ calls: 1, rejected: 0, failed: 1 });
    expect([...harness.server.statistics.errors]).toEqual([
      ['ERR', 2],
      ['EXECABORT', 1],
    ]);
  });

  test('once, however often something cold makes it run', async () => {
    await run('SET', 'a', 'b');
    await harness.evict();
    await transact(['INCR', 'n'], ['GET', 'a']);
    expect(statistics('incr')).toEqual({ calls: 1, rejected: 0, failed: 0 });
    expect(harness.keyspace.runner.faults).toBe(1);
  });
});

describe('WATCH', () => {
  let other: TestClient;

  beforeEach(() => {
    other = harness.connect();
  });

  const NOTHING_RUN = '*-1\r\n';
  const RUN = '*1\r\n+PONG\r\n';

  /** Watches, lets the other client do something, and returns what EXEC says of a PING. */
  async function watching(
    keys: readonly string[],
    ...requests: readonly (readonly string[])[]
  ): Promise<string> {
    expect(await run('WATCH', ...keys)).toBe('+OK\r\n');
    for (const request of requests) expect(await other.run(...request)).not.toMatch(/^-/);
    return transact(['PING']);
  }

  test('what an attempt has run that came to nothing is not counted', async () => {
    await run('SET', 'cold', 'x');
    await run('WATCH', 'k');
    await harness.evict();
    await run('MULTI');
    await run('INCR', 'n');
    await run('GET', 'cold');
    const before = harness.commands.findByFullName('incr')?.statistics.calls;
    const late = run('EXEC');
    await other.run('SET', 'k', 'y');
    expect(await late).toBe(NOTHING_RUN);
    expect(harness.commands.findByFullName('incr')?.statistics.calls).toBe(before);
  });

  test.each([
    [['SET', 'k', 'x']],
    [['APPEND', 'k', 'x']],
    [['DEL', 'k']],
    [['EXPIRE', 'k', '100']],
    [['PEXPIREAT', 'k', '1']],
    [['RENAME', 'k', 'other']],
    [['RENAME', 'source', 'k']],
    [['COPY', 'source', 'k', 'REPLACE']],
    [['MOVE', 'k', '1']],
    [['SETBIT', 'k', '7', '1']],
    [['FLUSHDB']],
    [['FLUSHALL']],
    [['SWAPDB', '0', '1']],
    [['SWAPDB', '1', '0']],
  ])('a key that there is, and %s', async (request) => {
    await run('MSET', 'k', 'v', 'source', 'v');
    expect(await watching(['other', 'k'], request)).toBe(NOTHING_RUN);
    expect(await transact(['PING'])).toBe(RUN);
  });

  test.each([
    [['SET', 'none', 'x']],
    [['DEL', 'other']],
    [['GET', 'k']],
    [['EXPIRE', 'none', '100']],
    [['MOVE', 'other', '1']],
    [['SWAPDB', '1', '2']],
    [['SELECT', '1'], ['SET', 'k', 'x'], ['FLUSHDB']],
  ])('a key that there is, and not %s', async (...requests) => {
    await run('MSET', 'k', 'v', 'other', 'v');
    expect(await watching(['k'], ...requests)).toBe(RUN);
  });

  test('records of a collection, though its header stays', async () => {
    await run('HSET', 'h', 'f', 'v', 'g', 'w');
    await run('RPUSH', 'l', 'a', 'b');
    expect(await watching(['h'], ['HSET', 'h', 'f', 'x'])).toBe(NOTHING_RUN);
    expect(await watching(['l'], ['LSET', 'l', '0', 'x'])).toBe(NOTHING_RUN);
    expect(await watching(['l', 'h'], ['LINDEX', 'l', '0'], ['HGET', 'h', 'f'])).toBe(RUN);
  });

  test('the database that was selected then', async () => {
    await run('SELECT', '3');
    await run('WATCH', 'k');
    await run('SELECT', '0');
    await other.run('SET', 'k', 'x');
    expect(await transact(['PING'])).toBe(RUN);
    await run('SELECT', '3');
    await run('WATCH', 'k');
    await run('SELECT', '0');
    await other.run('SELECT', '3');
    await other.run('SET', 'k', 'x');
    expect(await transact(['PING'])).toBe(NOTHING_RUN);
  });

  test('what the client itself changes', async () => {
    await run('WATCH', 'k');
    await run('SET', 'k', 'x');
    expect(await transact(['PING'])).toBe(NOTHING_RUN);
  });

  test('a key that is not there, and its coming', async () => {
    expect(await watching(['k'], ['FLUSHALL'], ['DEL', 'k'], ['SWAPDB', '0', '1'])).toBe(RUN);
    expect(await watching(['k'], ['SET', 'k', 'v'], ['DEL', 'k'])).toBe(NOTHING_RUN);
    await other.run('SELECT', '1');
    await other.run('SET', 'k', 'v');
    await harness.evict();
    expect(await watching(['k'], ['SWAPDB', '0', '1'])).toBe(NOTHING_RUN);
  });

  test('a key that expires, removed or not', async () => {
    await run('SET', 'k', 'v', 'PX', '10');
    await run('WATCH', 'k');
    harness.clock.milliseconds += 10;
    expect(await transact(['PING'])).toBe(NOTHING_RUN);
    await run('SET', 'k', 'v', 'PX', '10');
    await run('WATCH', 'k');
    harness.clock.milliseconds += 10;
    expect(await watching(['k'], ['EXISTS', 'k'], ['DBSIZE'])).toBe(NOTHING_RUN);
  });

  test('a key that had expired before is nothing, and its removal none', async () => {
    await run('SET', 'k', 'v', 'PX', '10');
    harness.clock.milliseconds += 10;
    expect(await watching(['k'], ['PING'])).toBe(RUN);
    await run('SET', 'k', 'v', 'PX', '10');
    harness.clock.milliseconds += 10;
    expect(await watching(['k'], ['EXISTS', 'k'], ['FLUSHDB'])).toBe(RUN);
    await run('SET', 'k', 'v', 'PX', '10');
    harness.clock.milliseconds += 10;
    expect(await watching(['k'], ['SET', 'k', 'w'])).toBe(NOTHING_RUN);
  });

  test('of a cold key loads its header and no more', async () => {
    await run('RPUSH', 'l', ...new Array(1000).fill('x'));
    await run('SET', 'k', 'v');
    await harness.evict();
    const { loader } = harness.keyspace;
    const loads = loader.loads;
    await run('WATCH', 'l', 'k', 'none');
    expect(loader.loads - loads).toBe(2);
    await harness.evict();
    expect(await transact(['PING'])).toBe(RUN);
    expect(loader.loads - loads).toBe(2);
  });

  test('is asked again by every attempt', async () => {
    await run('SET', 'cold', 'v');
    await harness.evict();
    await run('WATCH', 'k');
    await run('MULTI');
    await run('UNWATCH');
    await run('INCR', 'n');
    await run('GET', 'cold');
    const late = run('EXEC');
    await other.run('SET', 'k', 'x');
    expect(await late).toBe(NOTHING_RUN);
    expect(await run('EXISTS', 'n')).toBe(':0\r\n');
  });

  test('of many keys is over at once, and does not take later ones with it', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `name:${i}`);
    const last = names.at(-1) as string;
    const { watches } = harness.keyspace;
    await run('WATCH', ...names);
    expect(watches.count).toBe(20000);
    await run('UNWATCH');
    expect(watches.count).toBe(0);
    await other.run('SET', last, '1');
    await other.run('FLUSHALL');
    expect(await transact(['PING'])).toBe(RUN);
    await run('WATCH', ...names);
    await run('UNWATCH');
    await run('WATCH', last);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(watches.count).toBe(1);
    await other.run('SET', last, '1');
    expect(await transact(['PING'])).toBe(NOTHING_RUN);
    expect(watches.count).toBe(0);
  });

  test.each([['UNWATCH'], ['DISCARD'], ['RESET'], ['EXEC']])('is over after %s', async (name) => {
    await run('WATCH', 'k');
    await other.run('SET', 'k', 'x');
    if (name !== 'UNWATCH') await run('MULTI');
    await run(name);
    await other.run('SET', 'k', 'y');
    expect(await transact(['PING'])).toBe(RUN);
    expect(harness.keyspace.watches.count).toBe(0);
  });

  test('goes on after what is no end of a transaction', async () => {
    await run('WATCH', 'k');
    expect(await run('EXEC')).toBe('-ERR EXEC without MULTI\r\n');
    expect(await run('DISCARD')).toBe('-ERR DISCARD without MULTI\r\n');
    await other.run('SET', 'k', 'x');
    expect(await transact(['PING'])).toBe(NOTHING_RUN);
    await run('MULTI');
    expect(await run('WATCH', 'k')).toBe('-ERR WATCH inside MULTI is not allowed\r\n');
    expect(await run('EXEC')).toBe('*0\r\n');
  });

  test('is shown to others, and forgotten when the client goes', async () => {
    const id = String(client.session.id);
    const shown = async (): Promise<string> => other.run('CLIENT', 'LIST', 'ID', id);
    await run('WATCH', 'a', 'b', 'a');
    expect(await shown()).toMatch(/ flags=N .* multi=-1 watch=2 /);
    expect(await other.run('INFO', 'clients')).toMatch(
      /watching_clients:1\r\n[\s\S]*total_watched_keys:2\r\n/,
    );
    await run('MULTI');
    await run('PING');
    expect(await shown()).toMatch(/ flags=x .* multi=1 /);
    await other.run('SET', 'b', 'x');
    expect(await shown()).toMatch(/ flags=xd .* watch=0 /);
    await other.run('WATCH', 'a');
    other.session.close();
    expect(harness.keyspace.watches.count).toBe(0);
  });
});
