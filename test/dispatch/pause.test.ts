/** CLIENT PAUSE: who is held, who is not, and what happens when it is over. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

let harness: CommandHarness;
const replies: string[] = [];

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  replies.length = 0;
});

afterEach(() => harness.close());

/** Sends a request whose reply is noted when it comes. */
async function send(client: TestClient, ...args: readonly string[]): Promise<void> {
  void client.run(...args).then((reply) => replies.push(reply));
  await settled();
}

async function run(...args: readonly string[]): Promise<string> {
  const reply = await harness.run(...args);
  await settled();
  return reply;
}

async function unpause(): Promise<void> {
  harness.server.pause.end();
  await settled();
}

describe('WRITE', () => {
  test.each([['SET', 'k', 'v'], ['PFCOUNT', 'h'], ['FLUSHALL'], ['LPUSH', 'l', 'a']])(
    'holds %s',
    async (...args) => {
      await run('CLIENT', 'PAUSE', '60000', 'WRITE');
      const client = harness.connect();
      await send(client, ...args);
      expect(replies).toEqual([]);
      expect(client.session.isBlocked).toBe(true);
      expect(await run('CLIENT', 'UNPAUSE')).toBe('+OK\r\n');
      expect(replies).toHaveLength(1);
      expect(client.session.isBlocked).toBe(false);
    },
  );

  test.each([['GET', 'k'], ['PING'], ['CONFIG', 'GET', 'port'], ['CLIENT', 'LIST']])(
    'lets %s through',
    async (...args) => {
      await run('CLIENT', 'PAUSE', '60000', 'write');
      await send(harness.connect(), ...args);
      expect(replies).toHaveLength(1);
    },
  );

  test('holds scripts that may write, also within EXEC, and lets those through that say they do not', async () => {
    const reading = '#!lua flags=no-writes\nreturn 1';
    const digest = (await run('SCRIPT', 'LOAD', reading)).split('\r\n')[1] as string;
    await run('CLIENT', 'PAUSE', '60000', 'WRITE');
    await send(harness.connect(), 'EVAL', reading, '0');
    await send(harness.connect(), 'EVALSHA', digest, '0');
    await send(harness.connect(), 'EVAL_RO', 'return 1', '0');
    const client = harness.connect();
    for (const args of [['MULTI'], ['EVAL', reading, '0'], ['EXEC']]) await send(client, ...args);
    expect(replies.splice(0)).toEqual([
      ...[':1\r\n', ':1\r\n', ':1\r\n'],
      ...['+OK\r\n', '+QUEUED\r\n', '*1\r\n:1\r\n'],
    ]);
    for (const text of ['return 2', '#!lua\nreturn 2', '#!lua flags=none\nreturn 2']) {
      await send(harness.connect(), 'EVAL', text, '0');
    }
    expect(replies).toEqual([]);
    await unpause();
    expect(replies).toHaveLength(3);
  });

  test('requests go on in the order in which they came, as if they came now', async () => {
    await run('CLIENT', 'PAUSE', '60000', 'WRITE');
    for (const member of ['a', 'b', 'c']) await send(harness.connect(), 'RPUSH', 'l', member);
    await send(harness.connect(), 'SET', 'k', 'v', 'EX', '10');
    harness.clock.milliseconds += 50_000;
    await run('CLIENT', 'UNPAUSE');
    expect(replies).toEqual([':1\r\n', ':2\r\n', ':3\r\n', '+OK\r\n']);
    expect(await run('TTL', 'k')).toBe(':10\r\n');
  });

  test('wrong requests are refused at once, also those of a MULTI', async () => {
    await run('CLIENT', 'PAUSE', '60000', 'WRITE');
    const client = harness.connect();
    await send(client, 'SET', 'k');
    await send(client, 'MULTI');
    await send(client, 'WATCH');
    expect(replies).toHaveLength(3);
  });

  test('EXEC waits if something queued writes, and queueing such a request does, too', async () => {
    const [reader, writer, late] = [harness.connect(), harness.connect(), harness.connect()];
    await send(writer, 'MULTI');
    await send(writer, 'SET', 'k', 'v');
    await run('CLIENT', 'PAUSE', '60000', 'WRITE');
    for (const args of [['MULTI'], ['GET', 'k'], ['EXEC']]) await send(reader, ...args);
    expect(replies.splice(0).at(-1)).toBe('*1\r\n$-1\r\n');
    await send(writer, 'EXEC');
    await send(late, 'MULTI');
    await send(late, 'INCR', 'n');
    expect(replies.splice(0)).toEqual(['+OK\r\n']);
    await unpause();
    expect(replies).toEqual(['*1\r\n+OK\r\n', '+QUEUED\r\n']);
  });

  test('a pause begins at the end of the transaction that asks for it', async () => {
    await run('MULTI');
    await run('SET', 'a', '1');
    await run('CLIENT', 'PAUSE', '60000', 'WRITE');
    await run('SET', 'b', '1');
    expect(await run('EXEC')).toBe('*3\r\n+OK\r\n+OK\r\n+OK\r\n');
    await send(harness.connect(), 'SET', 'c', '1');
    expect(await run('EXISTS', 'a', 'b', 'c')).toBe(':2\r\n');
  });

  test('a request that had to load something is held when it runs again', async () => {
    await run('RPUSH', 'l', 'a');
    await harness.evict();
    const pending = send(harness.connect(), 'RPUSH', 'l', 'b');
    harness.server.pause.begin(60_000, 'write');
    await pending;
    expect(replies).toEqual([]);
    expect(await run('LLEN', 'l')).toBe(':1\r\n');
    await unpause();
    expect(replies).toEqual([':2\r\n']);
    const { calls } = harness.commands.find('rpush')?.statistics ?? {};
    expect(calls).toBe(2);
  });
});

describe('ALL', () => {
  test('holds everything, CLIENT UNPAUSE too', async () => {
    await run('CLIENT', 'PAUSE', '60000');
    for (const args of [['GET', 'k'], ['PING'], ['CLIENT', 'UNPAUSE']]) {
      await send(harness.connect(), ...args);
    }
    expect(replies).toEqual([]);
    await unpause();
    expect(replies).toHaveLength(3);
  });

  test('is not made weaker by WRITE', async () => {
    harness.server.pause.begin(60_000, 'all');
    harness.server.pause.begin(1_000, 'write');
    await send(harness.connect(), 'GET', 'k');
    expect(replies).toEqual([]);
    await unpause();
    harness.server.pause.begin(60_000, 'write');
    await send(harness.connect(), 'GET', 'k');
    expect(replies).toHaveLength(2);
  });
});

test('who leaves while it is held has asked for nothing', async () => {
  await run('CLIENT', 'PAUSE', '60000', 'WRITE');
  const client = harness.connect();
  await send(client, 'SET', 'k', 'v');
  client.session.leave();
  await run('CLIENT', 'UNPAUSE');
  expect(await run('EXISTS', 'k')).toBe(':0\r\n');
});

test('CLIENT UNBLOCK does not end it', async () => {
  await run('CLIENT', 'PAUSE', '60000', 'WRITE');
  const client = harness.connect();
  await send(client, 'SET', 'k', 'v');
  expect(await run('CLIENT', 'UNBLOCK', String(client.session.id))).toBe(':0\r\n');
  expect(await run('CLIENT', 'LIST', 'ID', String(client.session.id))).toContain(' flags=b ');
});

test('a pause that is undone is none', () => {
  const { pause } = harness.server;
  const undoFirst = pause.begin(60_000, 'write');
  const undoSecond = pause.begin(60_000, 'all');
  undoSecond();
  expect(pause.isOn).toBe(true);
  undoFirst();
  expect(pause.isOn).toBe(false);
});
