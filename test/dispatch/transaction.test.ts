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

  test('is one frame of the log', async () => {
    const { log } = harness.keyspace.storage;
    let frames = 0;
    const end = log.endTransaction.bind(log);
    log.endTransaction = () => {
      frames++;
      end();
    };
    await transact(
      ['SET', 'a', '1'],
      ['RPUSH', 'l', 'x', 'y'],
      ['DEL', 'a'],
      ['HSET', 'h', 'f', 'v'],
    );
    expect(frames).toBe(1);
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
