/** Keyspace events that redis-server 7.0 cannot be asked for, or sends at times of its own. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { ReplyParser } from '../../src/protocol/reply-parser.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

const SECOND = 1000;

let harness: CommandHarness;
let subscriber: TestClient;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  subscriber = harness.connect();
  await subscriber.run('PSUBSCRIBE', '*');
  subscriber.messages.length = 0;
  await harness.run('CONFIG', 'SET', 'notify-keyspace-events', 'EAnm');
});

afterEach(() => harness.close());

/** `set k`, as they came since the last call. */
function events(): string[] {
  const messages = subscriber.messages.splice(0).join('');
  return new ReplyParser().feed(messages).map((message) => {
    const [, , channel = '', key = ''] = message as string[];
    return `${channel.slice(channel.indexOf(':') + 1)} ${key}`;
  });
}

async function run(...line: readonly string[]): Promise<readonly string[]> {
  await harness.run(...line);
  return events();
}

async function pass(milliseconds: number): Promise<void> {
  harness.clock.milliseconds += milliseconds;
  await harness.evict();
}

/** What a read found expired goes by a change of its own, after the reply. */
async function deleted(): Promise<readonly string[]> {
  await new Promise((resolve) => setImmediate(resolve));
  harness.endTurn();
  return events();
}

async function afterReading(key: string, field: string): Promise<readonly string[]> {
  return [...(await run('HGET', key, field)), ...(await deleted())];
}

test('a key that is cold and has expired is told of when somebody asks for it', async () => {
  expect(await run('SET', 'k', 'v', 'EX', '1')).toEqual(['new k', 'set k', 'expire k']);
  await pass(2 * SECOND);
  const asked = [...(await run('GET', 'k')), ...(await deleted())];
  expect(asked).toEqual(['keymiss k', 'expired k']);
  expect(await deleted()).toEqual([]);
});

test('what is put in the place of an expired key is new', async () => {
  await run('SET', 'k', 'v', 'EX', '1');
  await pass(2 * SECOND);
  expect(await run('LPUSH', 'k', 'a')).toEqual(['expired k', 'new k', 'lpush k']);
});

test('fields of hashes: their times, and what has expired', async () => {
  await run('HSET', 'h', 'a', '1', 'b', '2', 'c', '3', 'd', '4');
  expect(await run('HEXPIRE', 'h', '10', 'FIELDS', '1', 'a')).toEqual(['hexpire h']);
  expect(await run('HEXPIRE', 'h', '10', 'FIELDS', '1', 'none')).toEqual([]);
  expect(await run('HPERSIST', 'h', 'FIELDS', '1', 'a')).toEqual(['hpersist h']);
  expect(await run('HPERSIST', 'h', 'FIELDS', '1', 'a')).toEqual([]);
  expect(await run('HEXPIRE', 'h', '0', 'FIELDS', '1', 'a')).toEqual(['hdel h']);
  expect(await run('HSETEX', 'h', 'EX', '1', 'FIELDS', '1', 'b', 'x')).toEqual([
    'hset h',
    'hexpire h',
  ]);
  expect(await run('HGETEX', 'h', 'PERSIST', 'FIELDS', '1', 'b')).toEqual(['hpersist h']);
  expect(await run('HGETDEL', 'h', 'FIELDS', '1', 'b')).toEqual(['hdel h']);
  await run('HEXPIRE', 'h', '1', 'FIELDS', '1', 'c');
  await pass(2 * SECOND);
  expect(await afterReading('h', 'c')).toEqual(['hexpired h']);
  await run('HEXPIRE', 'h', '1', 'FIELDS', '1', 'd');
  await pass(2 * SECOND);
  expect(await afterReading('h', 'd')).toEqual(['hexpired h', 'del h']);
});

test('documents', async () => {
  expect(await run('JSON.SET', 'j', '$', '{"a":1}')).toEqual(['new j', 'json.set j']);
  expect(await run('JSON.NUMINCRBY', 'j', '$.a', '1')).toEqual(['json.numincrby j']);
  expect(await run('JSON.GET', 'j')).toEqual([]);
});

test('a request that runs several times because its keys are cold is told of once', async () => {
  await run('RPUSH', 'l', 'a', 'b');
  await pass(0);
  expect(await run('LMOVE', 'l', 'm', 'LEFT', 'LEFT')).toEqual(['new m', 'lpush m', 'lpop l']);
  await pass(0);
  await run('MULTI');
  await run('RPUSH', 'l', 'c');
  await run('INCR', 'l');
  await run('RPUSH', 'm', 'd');
  expect(await run('EXEC')).toEqual(['rpush l', 'rpush m']);
});

test('who waits for a key is told of after who has changed it', async () => {
  const waiting = harness.connect().run('BLPOP', 'l', '0');
  await new Promise((resolve) => setImmediate(resolve));
  expect(await run('RPUSH', 'l', 'a')).toEqual(['new l', 'rpush l', 'lpop l', 'del l']);
  await waiting;
});
