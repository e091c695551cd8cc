/** Clients that wait for keys: who is served, in which order, and who is not any more. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { listCommands } from '../../src/commands/list/list.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { suspend } from '../../src/keyspace/suspension.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([
    connectionCommands,
    expireCommands,
    keyCommands,
    listCommands,
    serverCommands,
    stringCommands,
  ]);
});

afterEach(async () => {
  vi.useRealTimers();
  await harness.close();
});

const NIL = '*-1\r\n';

function bulks(...texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`;
}

/** Replies in the order in which they came, each with the name of its client. */
const replies: string[] = [];

beforeEach(() => {
  replies.length = 0;
});

/** Sends a request that will wait, and notes its reply when it comes. */
async function wait(name: string, ...args: readonly string[]): Promise<TestClient> {
  const client = harness.connect();
  await waitAs(client, name, ...args);
  return client;
}

async function waitAs(client: TestClient, name: string, ...args: readonly string[]) {
  void client.run(...args).then((reply) => replies.push(`${name} ${reply}`));
  await settled();
  expect(client.session.isBlocked).toBe(true);
}

async function run(...args: readonly string[]): Promise<string> {
  const reply = await harness.run(...args);
  await settled();
  return reply;
}

test('are served in the order in which they began to wait, as long as there is something', async () => {
  await wait('first', 'BLPOP', 'l', '0');
  await wait('second', 'BRPOP', 'l', '0');
  await wait('third', 'BLPOP', 'l', '0');
  expect(await run('RPUSH', 'l', 'a', 'b')).toBe(':2\r\n');
  expect(replies).toEqual([`first ${bulks('l', 'a')}`, `second ${bulks('l', 'b')}`]);
  expect(await run('EXISTS', 'l')).toBe(':0\r\n');
  await run('LPUSH', 'l', 'c', 'd');
  expect(replies[2]).toBe(`third ${bulks('l', 'd')}`);
  expect(await run('LRANGE', 'l', '0', '-1')).toBe(bulks('c'));
});

test('what nobody waits for goes on unheeded', async () => {
  await wait('one', 'BLPOP', 'l', '0');
  await run('RPUSH', 'other', 'a');
  await run('SET', 'l', 'text');
  await run('DEL', 'l');
  await run('SELECT', '1');
  await run('RPUSH', 'l', 'elsewhere');
  await run('SELECT', '0');
  expect(replies).toEqual([]);
  await run('RPUSH', 'l', 'here');
  expect(replies).toEqual([`one ${bulks('l', 'here')}`]);
});

test('of several keys the first in their order is served, and none is left in a queue', async () => {
  await wait('one', 'BLPOP', 'a', 'b', 'b', 'c', '0');
  await run('RPUSH', 'c', '1');
  expect(replies).toEqual([`one ${bulks('c', '1')}`]);
  for (const key of ['a', 'b', 'c']) expect(await run('RPUSH', key, 'x')).toBe(':1\r\n');
  expect(await run('LLEN', 'b')).toBe(':1\r\n');
});

test('a move wakes those who wait for its target, and so on', async () => {
  await wait('last', 'BLPOP', 'c', '0');
  await wait('second', 'BRPOPLPUSH', 'b', 'c', '0');
  await wait('first', 'BLMOVE', 'a', 'b', 'LEFT', 'RIGHT', '0');
  await run('RPUSH', 'a', 'x');
  expect(replies).toEqual(['first $1\r\nx\r\n', 'second $1\r\nx\r\n', `last ${bulks('c', 'x')}`]);
  expect(await run('EXISTS', 'a', 'b', 'c')).toBe(':0\r\n');
});

test('a list that is moved onto itself comes to rest', async () => {
  await wait('first', 'BLMOVE', 'l', 'l', 'LEFT', 'RIGHT', '0');
  await wait('second', 'BLMOVE', 'l', 'l', 'LEFT', 'RIGHT', '0');
  await run('RPUSH', 'l', 'a', 'b');
  expect(replies).toEqual(['first $1\r\na\r\n', 'second $1\r\nb\r\n']);
});

test('who cannot be served for its target gets the error, and the element stays for the next', async () => {
  await run('SET', 'text', 'x');
  await wait('bad', 'BLMOVE', 'l', 'text', 'LEFT', 'LEFT', '0');
  await wait('good', 'BLMPOP', '0', '2', 'k', 'l', 'LEFT', 'COUNT', '5');
  await run('RPUSH', 'l', 'a', 'b');
  expect(replies.sort()).toEqual([
    'bad -WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
    `good *2\r\n$1\r\nl\r\n${bulks('a', 'b')}`,
  ]);
});

test.each([
  ['RENAME', ['RENAME', 'src', 'l']],
  ['COPY', ['COPY', 'src', 'l']],
  ['MOVE', ['MOVE', 'l', '0'], '1'],
  ['SWAPDB', ['SWAPDB', '0', '1'], '1'],
])('a list that comes by %s is served, even if it is cold', async (_, request, index = '0') => {
  const client = harness.connect();
  await client.run('SELECT', index);
  await client.run('RPUSH', index === '0' ? 'src' : 'l', ...new Array(300).fill('x'));
  await wait('one', 'BLPOP', 'l', '0');
  await wait('two', 'BRPOPLPUSH', 'l', 'target', '0');
  await harness.evict();
  await client.run(...request);
  await settled();
  expect(replies).toEqual([`one ${bulks('l', 'x')}`, 'two $1\r\nx\r\n']);
  expect(await run('LLEN', 'l')).toBe(':298\r\n');
});

test('emptying the database wakes nobody', async () => {
  await wait('one', 'BLPOP', 'l', '0');
  await run('RPUSH', 'x', '1');
  await run('FLUSHALL');
  expect(replies).toEqual([]);
  await run('RPUSH', 'l', 'a');
  expect(replies).toEqual([`one ${bulks('l', 'a')}`]);
});

test.each([
  [['BLPOP', 'a', 'b', '1.5'], NIL],
  [['BLMPOP', '1.5', '1', 'a', 'LEFT'], NIL],
  [['BLMOVE', 'a', 'b', 'LEFT', 'LEFT', '1.5'], NIL],
  [['BRPOPLPUSH', 'a', 'b', '1.5'], NIL],
])('%s ends when its time is up', async (args, nothing) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await wait('one', ...args);
  vi.advanceTimersByTime(1400);
  await run('RPUSH', 'a', 'x', 'y');
  await run('DEL', 'a');
  expect(replies).toHaveLength(1);
  await wait('two', ...args);
  vi.advanceTimersByTime(1499);
  await settled();
  expect(replies).toHaveLength(1);
  vi.advanceTimersByTime(1);
  await settled();
  expect(replies[1]).toBe(`two ${nothing}`);
  expect(await run('RPUSH', 'a', 'x')).toBe(':1\r\n');
});

test('a wait of years does not end at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const seconds = 3e6;
  await wait('one', 'BLPOP', 'l', String(seconds));
  vi.advanceTimersByTime(seconds * 1000 - 1);
  await settled();
  expect(replies).toEqual([]);
  vi.advanceTimersByTime(1);
  await settled();
  expect(replies).toEqual([`one ${NIL}`]);
});

test('nothing is taken for a client that has gone', async () => {
  const gone = await wait('gone', 'BLPOP', 'l', '0');
  await wait('here', 'BLPOP', 'l', '0');
  expect(gone.session.leave()).toBe(true);
  await run('RPUSH', 'l', 'a');
  expect(replies).toEqual([`here ${bulks('l', 'a')}`]);
  expect(await gone.run('BLPOP', 'l', '0')).toBe(NIL);
});

test('are shown by INFO and CLIENT LIST, and can be unblocked', async () => {
  const client = await wait('timeout', 'BLPOP', 'l', '0');
  const other = await wait('error', 'BLPOP', 'l', '0');
  expect(await run('INFO', 'clients')).toContain('blocked_clients:2\r\n');
  expect(await run('CLIENT', 'LIST', 'ID', String(client.session.id))).toContain(' flags=b ');
  expect(await run('CLIENT', 'UNBLOCK', String(client.session.id))).toBe(':1\r\n');
  expect(await run('CLIENT', 'UNBLOCK', String(other.session.id), 'error')).toBe(':1\r\n');
  expect(await run('CLIENT', 'UNBLOCK', String(other.session.id))).toBe(':0\r\n');
  expect(replies).toEqual([
    `timeout ${NIL}`,
    'error -UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n',
  ]);
  expect(await run('INFO', 'clients')).toContain('blocked_clients:0\r\n');
  expect(await run('RPUSH', 'l', 'a')).toBe(':1\r\n');
});

test('nothing is taken for a client that was unblocked in the same turn', async () => {
  const { session } = await wait('unblocked', 'BLPOP', 'l', '0');
  await wait('waiting', 'BLPOP', 'l', '0');
  const turn = [
    harness.run('CLIENT', 'UNBLOCK', String(session.id)),
    harness.run('CLIENT', 'UNBLOCK', String(session.id)),
    harness.run('RPUSH', 'l', 'a', 'b'),
  ];
  expect(await Promise.all(turn)).toEqual([':1\r\n', ':0\r\n', ':2\r\n']);
  await settled();
  expect(replies.toSorted()).toEqual([`unblocked ${NIL}`, `waiting ${bulks('l', 'a')}`]);
  expect(await run('LLEN', 'l')).toBe(':1\r\n');
});

test('a client may wait again, behind the others', async () => {
  const first = await wait('first', 'BLPOP', 'l', '0');
  await wait('second', 'BLPOP', 'l', '0');
  await run('RPUSH', 'l', 'a');
  await waitAs(first, 'again', 'BLPOP', 'l', '0');
  await run('RPUSH', 'l', 'b', 'c');
  expect(replies).toEqual([
    `first ${bulks('l', 'a')}`,
    `second ${bulks('l', 'b')}`,
    `again ${bulks('l', 'c')}`,
  ]);
});

test('a push that comes while the store answers both is not missed', async () => {
  await run('RPUSH', 'l', 'x');
  await run('DEL', 'l');
  await harness.evict();
  const popping = harness.connect().run('BLPOP', 'l', '0');
  const pushing = harness.connect().run('RPUSH', 'l', 'a');
  expect(await pushing).toBe(':1\r\n');
  await settled();
  expect(await run('LLEN', 'l')).toBe(':0\r\n');
  expect(await popping).toBe(bulks('l', 'a'));
});

test('who begins to wait while a script has let the event loop turn looks again when that is done', async () => {
  await run('RPUSH', 'l', 'x');
  await run('DEL', 'l');
  await harness.evict();
  const { runner } = harness.keyspace;
  const suspendedWhenLooking: boolean[] = [];
  const look = runner.runEscalated.bind(runner);
  runner.runEscalated = (task) => {
    suspendedWhenLooking.push(runner.isSuspended);
    return look(task);
  };
  const popping = harness.connect().run('BLPOP', 'l', '0');
  const script = runner.run({
    run: () => {
      harness.client.session.db.get('l');
      suspend({ resume: () => 'done', abandon: () => undefined });
    },
  });
  expect(await script).toBe('done');
  await settled();
  expect(suspendedWhenLooking).toEqual([false]);
  await run('RPUSH', 'l', 'a');
  expect(await popping).toBe(bulks('l', 'a'));
});
