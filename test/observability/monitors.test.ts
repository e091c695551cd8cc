/** MONITOR: what it shows, in which order, to whom, and what it never shows. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

let harness: CommandHarness;
let watcher: TestClient;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  watcher = harness.connect();
  expect(await watcher.run('MONITOR')).toBe('+OK\r\n');
});

afterEach(() => harness.close());

/** What was shown since the last call, without the times. */
function shown(): readonly string[] {
  return watcher.messages.splice(0).map((line) => line.replace(/^\+\d{10}\.\d{6} /, ''));
}

test('requests that ran, quoted, with database and address', async () => {
  const { address } = harness.client;
  await harness.run('SET', 'a"b\\', '\x00\r\n\té\x07');
  await harness.run('SELECT', '3');
  await harness.run('GET', 'k');
  expect(shown()).toEqual([
    `[0 ${address}] "SET" "a\\"b\\\\" "\\x00\\r\\n\\t\\xe9\\a"\r\n`,
    `[3 ${address}] "SELECT" "3"\r\n`,
    `[3 ${address}] "GET" "k"\r\n`,
  ]);
});

test('the time of the request', async () => {
  harness.clock.milliseconds = 1_700_000_000_123;
  await harness.run('PING');
  expect(watcher.messages[0]).toMatch(/^\+1700000000\.123000 /);
});

test('also what failed, but not what was refused, nor what is for administrators', async () => {
  await harness.run('INCR', 'x', 'y');
  await harness.run('NOSUCH');
  await harness.run('CONFIG', 'GET', 'port');
  await harness.run('SLOWLOG', 'LEN');
  await harness.run('SET', 'k', 'v');
  await harness.run('INCR', 'k');
  expect(shown().map((line) => line.split('] ')[1])).toEqual([
    '"SET" "k" "v"\r\n',
    '"INCR" "k"\r\n',
  ]);
});

test('a transaction: its requests when they run, each in its database, then EXEC', async () => {
  for (const args of [['MULTI'], ['SET', 'a', '1'], ['SELECT', '2'], ['GET', 'b'], ['EXEC']]) {
    await harness.run(...args);
  }
  expect(shown().map((line) => line.replace(/ [^ ]*]/, ']').trim())).toEqual([
    '[0] "MULTI"',
    '[0] "SET" "a" "1"',
    '[2] "SELECT" "2"',
    '[2] "GET" "b"',
    '[2] "EXEC"',
  ]);
});

test('a request once, however often it ran', async () => {
  await harness.run('SET', 'k', 'v');
  await harness.evict();
  await harness.run('GET', 'k');
  expect(shown()).toHaveLength(2);
});

test('a script, and then what it calls', async () => {
  const { address } = harness.client;
  await harness.run(
    'EVAL',
    "redis.call('SET', KEYS[1], ARGV[1]) redis.call('GET', KEYS[1])",
    '1',
    'k',
    'v',
  );
  expect(shown().map((line) => line.replace(/"redis.*\)"/, 'text').trim())).toEqual([
    `[0 ${address}] "EVAL" text "1" "k" "v"`,
    '[0 lua] "SET" "k" "v"',
    '[0 lua] "GET" "k"',
  ]);
});

test('no secrets', async () => {
  await harness.run('AUTH', 'user', 'hidden');
  await harness.run('HELLO', '2', 'AUTH', 'default', 'hidden', 'SETNAME', 'me');
  const text = shown().join('');
  expect(text).not.toContain('hidden');
  expect(text).toContain('"AUTH" "(redacted)" "(redacted)"\r\n');
  expect(text).toContain('"HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me"\r\n');
});

test('a large argument not to its end', async () => {
  await harness.run('SET', 'k', 'x'.repeat(100_000));
  const [line = ''] = shown();
  expect(line.length).toBeLessThan(17_000);
  expect(line).toContain('... (83616 more bytes)"');
});

test('a second MONITOR has no reply; RESET ends it, and so does the end of the connection', async () => {
  expect(await watcher.run('MONITOR')).toBe('');
  expect(await harness.run('CLIENT', 'LIST', 'ID', '2')).toContain(' flags=O ');
  await watcher.run('RESET');
  shown();
  await harness.run('PING');
  expect(shown()).toEqual([]);
  await watcher.run('MONITOR');
  watcher.session.leave();
  expect(harness.server.monitors.isOn).toBe(false);
});

test('who watches touches no keys, as in Redis', async () => {
  const refused = "-ERR Replica can't interact with the keyspace\r\n";
  const requests = [
    ['GET', 'k'],
    ['SET', 'k', 'v'],
    ['PUBLISH', 'channel', 'text'],
    ['PFCOUNT', 'k'],
    ['EVAL', 'return 1', '0'],
    ['FCALL_RO', 'f', '0'],
    ['DBSIZE'],
  ];
  for (const request of requests) expect(await watcher.run(...request)).toBe(refused);
  expect(await watcher.run('ECHO', 'text')).toBe('$4\r\ntext\r\n');
  await watcher.run('MULTI');
  expect(await watcher.run('GET', 'k')).toBe(refused);
  expect(await watcher.run('EXEC')).toMatch(/^-EXECABORT/);
  await watcher.run('HELLO', '3');
  await watcher.run('SUBSCRIBE', 'channel');
  expect(await watcher.run('GET', 'k')).toBe(refused);
  await watcher.run('RESET');
  expect(await watcher.run('GET', 'k')).toBe('$-1\r\n');
});

test('not within MULTI', async () => {
  await watcher.run('RESET');
  await watcher.run('MULTI');
  await watcher.run('MONITOR');
  expect(await watcher.run('EXEC')).toContain(
    "-ERR MONITOR isn't allowed for DENY BLOCKING client",
  );
});

test('who does not read is disconnected', async () => {
  Object.defineProperty(watcher, 'outputBytes', { value: 64 * 1024 * 1024 });
  await harness.run('PING');
  expect(watcher.ended).toBe('killed');
  expect(harness.server.monitors.isOn).toBe(false);
});
