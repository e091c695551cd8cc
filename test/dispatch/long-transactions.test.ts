/** EXEC of very many requests: others run before it ends, and see either nothing of it or all. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import type { Transaction } from '../../src/keyspace/transaction.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';

/** As many as make it one that others need not wait for. */
const MANY = 1000;

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  letTimePass(harness);
});

afterEach(() => harness.close());

/** A request takes more than a millisecond: ten or less are run at a stretch. */
function letTimePass({ clock }: CommandHarness): void {
  let milliseconds = 0;
  clock.monotonic = () => milliseconds++;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Queues the requests, and others to make them MANY. */
async function queue(client: TestClient, ...requests: readonly (readonly string[])[]) {
  await client.run('MULTI');
  for (const request of requests) await client.run(...request);
  for (let i = requests.length; i < MANY; i++) await client.run('INCR', 'filler');
}

/** What has been answered, in the order in which it was. */
class Answers {
  readonly list: string[] = [];

  ask(client: TestClient, ...args: readonly string[]): void {
    void client.run(...args).then((reply) => {
      this.list.push(`${args.join(' ')}: ${reply.slice(0, 20).replaceAll('\r\n', ' ').trim()}`);
    });
  }

  async wait(count: number): Promise<readonly string[]> {
    while (this.list.length < count) await nextTurn();
    return this.list;
  }
}

describe('while it runs', () => {
  test('requests for other keys, and for none, are answered; those for its keys see all of it', async () => {
    await queue(harness.client, ['SET', 'a', '1'], ['LPUSH', 'l', 'x'], ['GET', 'read']);
    const answers = new Answers();
    answers.ask(harness.client, 'EXEC');
    const all = [
      ['PING'],
      ['GET', 'other'],
      ['SET', 'other', 'y'],
      ['GET', 'read'],
      ['GET', 'a'],
      ['SET', 'read', 'z'],
      ['DBSIZE'],
      ['EVAL', 'return 1', '0'],
      ['SORT', 'other'],
    ];
    for (const args of all) answers.ask(harness.connect(), ...args);
    const list = await answers.wait(all.length + 1);
    expect(list.slice(0, 4)).toEqual([
      'PING: +PONG',
      'GET other: $-1',
      'SET other y: +OK',
      'GET read: $-1',
    ]);
    expect(list.slice(4).toSorted()).toEqual([
      ...['DBSIZE: :5', 'EVAL return 1 0: :1', 'EXEC: *1000 +OK :1 $-1', 'GET a: $1 1'],
      ...['SET read z: +OK', 'SORT other: -WRONGTYPE Operation'],
    ]);
  });

  test('another transaction is run if all its keys are free', async () => {
    await queue(harness.client, ['SET', 'a', '1']);
    const [free, conflicting] = [harness.connect(), harness.connect()];
    await queue(free, ['SET', 'b', '1']);
    await free.run('DISCARD');
    await free.run('MULTI');
    await free.run('SET', 'b', '1');
    await conflicting.run('MULTI');
    await conflicting.run('SET', 'b', '2');
    await conflicting.run('GET', 'a');
    const answers = new Answers();
    answers.ask(harness.client, 'EXEC');
    answers.ask(conflicting, 'EXEC');
    answers.ask(free, 'EXEC');
    const list = await answers.wait(3);
    expect(list[0]).toBe('EXEC: *1 +OK');
    expect(list.toSorted()).toEqual(['EXEC: *1 +OK', 'EXEC: *1000 +OK :1 :2', 'EXEC: *2 +OK $1 1']);
  });

  test('a second long one waits, and so does what it watches', async () => {
    const second = harness.connect();
    await harness.client.run('WATCH', 'watched');
    await queue(harness.client, ['SET', 'a', '1']);
    await queue(second, ['SET', 'b', '1']);
    const answers = new Answers();
    answers.ask(harness.client, 'EXEC');
    answers.ask(harness.connect(), 'SET', 'watched', '1');
    answers.ask(second, 'EXEC');
    answers.ask(harness.connect(), 'SET', 'free', '1');
    const list = await answers.wait(4);
    expect(list.toSorted()).toEqual([
      ...['EXEC: *1000 +OK :1 :2', 'EXEC: *1000 +OK :1000 :'],
      ...['SET free 1: +OK', 'SET watched 1: +OK'],
    ]);
    expect(list[0]).toBe('SET free 1: +OK');
  });

  test('a client that waits for a key gets what it brings', async () => {
    const waiting = harness.connect();
    const answers = new Answers();
    answers.ask(waiting, 'BLPOP', 'l', '0');
    const moving = harness.connect();
    answers.ask(moving, 'BLMOVE', 'free', 'a', 'LEFT', 'LEFT', '0');
    await queue(harness.client, ['SET', 'a', '1'], ['DEL', 'a'], ['RPUSH', 'l', 'x']);
    answers.ask(harness.client, 'EXEC');
    answers.ask(harness.connect(), 'RPUSH', 'free', 'y');
    const list = await answers.wait(4);
    expect(list[0]).toBe('RPUSH free y: :1');
    expect(list.toSorted().slice(0, 2)).toEqual([
      'BLMOVE free a LEFT LEFT 0: $1 y',
      'BLPOP l 0: *2 $1 l $1 x',
    ]);
  });

  test('others wait if it tells somebody of what it does, or has taken a database that was not there', async () => {
    const answers = new Answers();
    const inOneStretch = async (...requests: readonly (readonly string[])[]): Promise<void> => {
      await queue(harness.client, ...requests);
      const { length } = answers.list;
      answers.ask(harness.client, 'EXEC');
      answers.ask(harness.connect(), 'GET', 'other');
      const list = await answers.wait(length + 2);
      expect(list[length]).toMatch(/^EXEC/);
    };
    await inOneStretch(['PUBLISH', 'c', 'm']);
    await inOneStretch(['SUBSCRIBE', 'c'], ['UNSUBSCRIBE', 'c']);
    await inOneStretch(['CLIENT', 'TRACKING', 'ON', 'BCAST'], ['CLIENT', 'TRACKING', 'OFF']);
    await inOneStretch(['EVAL', 'return 1', '0']);
    await inOneStretch(['SORT', 'l', 'BY', 'w_*']);
    await harness.run('CONFIG', 'SET', 'notify-keyspace-events', 'KA');
    await inOneStretch(['SET', 'a', '1']);
  });

  test('a segment that is to begin does before many others', async () => {
    const { log } = harness.keyspace.storage;
    const { segment } = log;
    let runs = 0;
    const load = async (client: TestClient): Promise<void> => {
      for (; log.segment === segment && runs < 100; runs++) {
        await queue(client, ['SET', 'a', '1']);
        await client.run('EXEC');
        await nextTurn();
      }
    };
    const loads = [load(harness.client), load(harness.connect())];
    await nextTurn();
    await harness.evict();
    await Promise.all(loads);
    expect(runs).toBeLessThan(10);
  });

  test('its client may leave', async () => {
    await queue(harness.client, ['SET', 'a', '1']);
    const running = harness.client.run('EXEC');
    await nextTurn();
    harness.client.session.close();
    await running;
    expect(await harness.connect().run('GET', 'a')).toBe('$1\r\n1\r\n');
  });

  test('what is cold is loaded for it, once for many', async () => {
    for (let i = 0; i < MANY; i++) await harness.run('SET', `k${i}`, `${i}`);
    await harness.evict();
    const before = harness.keyspace.runner.faults;
    const gets = Array.from({ length: MANY }, (_, i) => ['GET', `k${i}`]);
    await queue(harness.client, ...gets);
    const reply = await harness.run('EXEC');
    expect(reply.startsWith('*1000\r\n$1\r\n0\r\n$1\r\n1\r\n')).toBe(true);
    expect(reply.endsWith('$3\r\n999\r\n')).toBe(true);
    expect(harness.keyspace.runner.faults - before).toBe(1);
  });

  test('what is cold of collections is loaded for many of them, too', async () => {
    const fields = Array.from({ length: MANY }, (_, i) => [`f${i}`, 'x'.repeat(50)]);
    await harness.run('HSET', 'h', ...fields.flat());
    await harness.evict();
    // Trying requests out takes no time: only how many there are bounds it.
    harness.clock.monotonic = () => 0;
    const before = harness.keyspace.runner.faults;
    await queue(harness.client, ...fields.map(([field = '']) => ['HGET', 'h', field]));
    expect((await harness.run('EXEC')).endsWith(`$50\r\n${'x'.repeat(50)}\r\n`)).toBe(true);
    expect(harness.keyspace.runner.faults - before).toBeLessThan(MANY / 10);
    expect(harness.keyspace.runner.escalations).toBe(0);
  });

  test('what is undone of one that needs something cold is done once', async () => {
    await harness.run('RPUSH', 'to', ...Array.from({ length: 500 }, (_, i) => `old${i}`));
    await harness.run('RPUSH', 'from', 'a', 'b');
    await harness.evict();
    await harness.run('LRANGE', 'from', '0', '-1');
    await queue(
      harness.client,
      ['LMOVE', 'from', 'to', 'LEFT', 'LEFT'],
      ['LRANGE', 'from', '0', '-1'],
    );
    expect((await harness.run('EXEC')).slice(0, 29)).toBe(
      '*1000\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n:1\r\n',
    );
  });

  test('its time stands still, and nobody sees what expires meanwhile', async () => {
    await harness.run('SET', 'e', 'v', 'PX', '100');
    await queue(
      harness.client,
      ['SET', 'own', 'v', 'PX', '100'],
      ...Array.from({ length: MANY }, () => ['INCR', 'filler']),
      ['GET', 'e'],
      ['PERSIST', 'own'],
    );
    const answers = new Answers();
    answers.ask(harness.client, 'EXEC');
    const { clock } = harness;
    clock.milliseconds += 200;
    answers.ask(harness.connect(), 'EXISTS', 'e');
    answers.ask(harness.connect(), 'GET', 'other');
    const list = await answers.wait(3);
    expect(list[0]).toBe('GET other: $-1');
    expect(list.toSorted()).toEqual(['EXEC: *1003 +OK :1 :2', 'EXISTS e: :0', 'GET other: $-1']);
    expect(await harness.run('GET', 'own')).toBe('$1\r\nv\r\n');
  });

  test('nobody takes what is there for a client that waits, whose other key it has', async () => {
    const [waiting, other] = [harness.connect(), harness.connect()];
    const answers = new Answers();
    answers.ask(waiting, 'BLMOVE', 'from', 'to', 'LEFT', 'LEFT', '0');
    await queue(harness.client, ['RPUSH', 'to', 'q']);
    answers.ask(harness.client, 'EXEC');
    answers.ask(other, 'RPUSH', 'from', 'x');
    answers.ask(harness.connect(), 'LPOP', 'from');
    const list = await answers.wait(4);
    expect(list.toSorted()).toEqual([
      ...['BLMOVE from to LEFT LEFT 0: $1 x', 'EXEC: *1000 :1 :1 :2 :'],
      ...['LPOP from: $-1', 'RPUSH from x: :1'],
    ]);
  });

  test('MONITOR shows all of it before what comes later', async () => {
    const watching = harness.connect();
    await watching.run('MONITOR');
    await queue(harness.client, ...Array.from({ length: 3000 }, () => ['INCR', 'filler']));
    await harness.run('EXEC');
    await harness.run('SET', 'afterwards', '1');
    expect(watching.messages.at(-1)).toContain('afterwards');
    expect(watching.messages.filter((message) => message.includes('"INCR"'))).toHaveLength(3000);
  });

  test('each call is counted once, though all begins anew', async () => {
    await harness.run('SET', 'cold', 'x');
    await harness.evict();
    const before = harness.keyspace.runner.faults;
    const increments = Array.from({ length: 50 }, () => ['INCR', 'n']);
    const elsewhere = ['COPY', 'n', 'copy', 'DB', '5'];
    await queue(harness.client, ...increments, elsewhere, ...increments, ['GET', 'cold']);
    const reply = await harness.run('EXEC');
    expect(reply).toContain(':100\r\n$1\r\nx\r\n:1\r\n');
    expect(harness.keyspace.runner.faults - before).toBe(1);
    const calls = (name: string) => harness.commands.findByFullName(name)?.statistics.calls;
    expect(calls('incr')).toBe(MANY - 2);
    expect(calls('copy')).toBe(1);
    expect(calls('get')).toBe(1);
  });

  test('an error of one leaves the others', async () => {
    await harness.run('SET', 's', 'x');
    await queue(harness.client, ['LPUSH', 's', 'y'], ['APPEND', 's', 'z']);
    const reply = await harness.run('EXEC');
    expect(reply.startsWith('*1000\r\n-WRONGTYPE')).toBe(true);
    expect(await harness.run('GET', 's')).toBe('$2\r\nxz\r\n');
    expect(harness.commands.findByFullName('incr')?.statistics.calls).toBe(MANY - 2);
  });
});

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const key = fc.constantFrom(...KEYS);
const number = fc.nat(99).map(String);
const request = fc.oneof(
  fc.tuple(
    fc.constantFrom('INCR', 'GET', 'DEL', 'RPOP', 'LLEN', 'TYPE', 'HGETALL', 'PERSIST'),
    key,
  ),
  fc.tuple(fc.constantFrom('SET', 'APPEND', 'LPUSH', 'SADD', 'GETSET', 'INCRBY'), key, number),
  fc.tuple(fc.constantFrom('RENAME', 'COPY', 'MGET', 'RPOPLPUSH', 'SINTER', 'EXISTS'), key, key),
  fc.tuple(fc.constant('HSET'), key, number, number),
  fc.tuple(fc.constant('ZADD'), key, number, number),
  fc.tuple(fc.constant('LRANGE'), key, fc.constant('0'), fc.constant('-1')),
);
const act = fc.record({
  client: fc.nat(3),
  isLong: fc.boolean(),
  requests: fc.array(request, { minLength: 1, maxLength: 5 }),
  isCold: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** The client's transaction: a long one has others between its requests, each of another key. */
function* requestsOf(
  { client, isLong, requests }: Act,
  number: number,
): Generator<readonly string[]> {
  yield ['MULTI'];
  yield ['SET', `${MARK}${number}`, ''];
  for (const one of requests) {
    yield one;
    if (isLong) for (let i = 0; i * requests.length < MANY; i++) yield ['INCR', `own${client}`];
  }
  yield ['EXEC'];
}

/** A key that one transaction sets, and no other. */
const MARK = 'mark:';

test('all is as if one had come after the other, in the order of their commits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
      const [real, serial] = await Promise.all([
        CommandHarness.open(commandGroups),
        CommandHarness.open(commandGroups),
      ]);
      letTimePass(real);
      const clients = [0, 1, 2, 3].map(() => ({ client: real.connect(), isBusy: false }));
      const replies = new Map<number, string>();
      const commits: number[] = [];
      const committing = (transaction: Transaction): void => {
        for (const { key: name } of transaction.changedKeys()) {
          if (name.startsWith(MARK)) commits.push(Number(name.slice(MARK.length)));
        }
      };
      real.keyspace.runner.listen({ committing }, true);
      for (const [number, one] of acts.entries()) {
        const chosen = clients[one.client] as (typeof clients)[0];
        while (chosen.isBusy) await nextTurn();
        const all = [...requestsOf(one, number)];
        for (const each of all.slice(0, -1)) await chosen.client.run(...each);
        if (one.isCold && !real.keyspace.runner.isSuspended) await real.evict();
        chosen.isBusy = true;
        void chosen.client.run('EXEC').then((reply) => {
          replies.set(number, reply);
          chosen.isBusy = false;
        });
        await nextTurn();
      }
      while (replies.size < acts.length) await nextTurn();
      expect(commits.toSorted()).toEqual([...replies.keys()].toSorted());
      for (const number of commits) {
        let expected = '';
        for (const each of requestsOf(acts[number] as Act, number)) {
          expected = await serial.run(...each);
        }
        expect(replies.get(number)).toBe(expected);
      }
      const digest = ['DEBUG', 'DIGEST'];
      expect(await real.run(...digest)).toBe(await serial.run(...digest));
      await real.close();
      await serial.close();
    }),
    { numRuns: 40 },
  );
}, 120_000);
