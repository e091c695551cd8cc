/** Many subscriptions: undone with their transaction, and without a trace when their client leaves. */

import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

const MANY = 20_000;
/** Turns of the event loop after which nothing is left to do. */
const TURNS = 100;

let harness: CommandHarness;
let leaver: TestClient;
let other: TestClient;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  leaver = harness.connect();
  other = harness.connect();
  const names = Array.from({ length: MANY }, (_, i) => `name:${i}`);
  for (const command of ['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']) {
    await leaver.run(command, ...names);
    await other.run(command, `name:${MANY - 1}`, 'own');
  }
  for (const client of [leaver, other]) client.messages.length = 0;
});

afterEach(() => harness.close());

async function expectOnlyOthers(): Promise<void> {
  const last = `name:${MANY - 1}`;
  expect(await harness.run('PUBSUB', 'CHANNELS', 'name:*')).toBe(`*1\r\n$10\r\n${last}\r\n`);
  expect(await harness.run('PUBSUB', 'NUMPAT')).toBe(':2\r\n');
  expect(await harness.run('PUBSUB', 'SHARDNUMSUB', last)).toContain(':1\r\n');
  expect(await harness.run('PUBSUB', 'NUMSUB', 'name:10000')).toContain(':0\r\n');
  expect(await harness.run('PUBLISH', last, 'text')).toBe(':2\r\n');
  expect(await harness.run('PUBLISH', 'name:10000', 'text')).toBe(':0\r\n');
  expect(await harness.run('SPUBLISH', last, 'text')).toBe(':1\r\n');
  expect(other.messages.splice(0)).toHaveLength(3);
  expect(leaver.messages).toEqual([]);
}

test('is not seen from the moment it goes', async () => {
  harness.server.pubsub.leave(leaver.session);
  expect(leaver.session.subscriptions).toBeUndefined();
  await expectOnlyOthers();
  for (let i = 0; i < TURNS; i++) await turn();
  await expectOnlyOthers();
});

test('does not take with it what others subscribe to meanwhile', async () => {
  harness.server.pubsub.leave(leaver.session);
  await other.run('SUBSCRIBE', 'name:10000');
  await other.run('UNSUBSCRIBE', 'own');
  for (let i = 0; i < TURNS; i++) await turn();
  expect(await harness.run('PUBLISH', 'name:10000', 'text')).toBe(':1\r\n');
  expect(await harness.run('PUBSUB', 'NUMSUB', 'own')).toContain(':0\r\n');
});

test('are what they were if their transaction is undone', async () => {
  const { keyspace, pubsub } = harness.server;
  const { session } = other;
  const before = [...(session.subscriptions?.channel ?? [])];
  keyspace.transaction.begin(0, 0, undefined);
  const seen: string[] = [];
  const note = (name: string) => seen.push(`${name} ${session.subscriptions?.channel.size}`);
  pubsub.subscribe(session, 'channel', ['own', 'new'], note);
  pubsub.unsubscribe(session, 'channel', ['new', 'own', 'never'], note);
  pubsub.unsubscribeAll(session);
  expect(seen).toEqual(['own 2', 'new 3', 'new 2', 'own 1', 'never 1']);
  expect(session.subscriptions).toBeUndefined();
  keyspace.transaction.abort();
  expect([...(session.subscriptions?.channel ?? [])].sort()).toEqual(before.sort());
  expect(await harness.run('PUBLISH', 'new', 'text')).toBe(':0\r\n');
  await leaver.run('RESET');
  await expectOnlyOthers();
});
