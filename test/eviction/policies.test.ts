/** `maxmemory`: what is refused, and which keys go, by policy; of keys in memory and of those that are not. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness } from '../support/command-harness.js';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
const VALUE = 'x'.repeat(1000);

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
});

afterEach(async () => {
  await harness.close();
});

function run(...args: string[]): Promise<string> {
  return harness.run(...args);
}

async function info(field: string): Promise<string> {
  const text = await run('INFO', 'everything');
  return new RegExp(`^${field}:(.*)\r$`, 'm').exec(text)?.[1] ?? '';
}

async function limit(policy: string, bytes: number): Promise<void> {
  await run('CONFIG', 'SET', 'maxmemory-policy', policy, 'maxmemory', String(bytes));
}

/** Room for about so many more keys than there are. */
async function limitBeyond(policy: string, keys: number): Promise<void> {
  const used = Number(await info('used_memory'));
  await limit(policy, used + keys * 1300);
}

async function fill(prefix: string, count: number, ...more: string[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    await run('SET', `${prefix}${i}`, VALUE, ...more);
    harness.clock.milliseconds += 1000;
  }
}

/** Lets the search in the store go on until it ends. */
async function settle(): Promise<void> {
  for (let i = 0; i < 2000 && harness.evictor.limit.excess > 0; i++) {
    harness.evictor.relieve();
    await new Promise((resolve) => setImmediate(resolve));
    harness.endTurn();
  }
}

async function exist(prefix: string, count: number): Promise<boolean[]> {
  const found: boolean[] = [];
  for (let i = 0; i < count; i++) found.push((await run('EXISTS', `${prefix}${i}`)) === ':1\r\n');
  return found;
}

function countOf(found: readonly boolean[]): number {
  return found.filter(Boolean).length;
}

describe('noeviction', () => {
  test('refuses what may need memory, and nothing else', async () => {
    await run('SET', 'k', 'v');
    await limit('noeviction', 1);
    expect(await run('SET', 'k', 'w')).toBe(OOM);
    expect(await run('LPUSH', 'l', 'w')).toBe(OOM);
    expect(await run('GET', 'k')).toBe('$1\r\nv\r\n');
    expect(await run('EXPIRE', 'k', '100')).toBe(':1\r\n');
    expect(await run('DEL', 'k')).toBe(':1\r\n');
    expect(await info('errorstat_OOM')).toBe('count=2');
    await limit('noeviction', 0);
    expect(await run('SET', 'k', 'w')).toBe('+OK\r\n');
  });

  test('no request is queued, whatever it is, and EXEC is refused if one needs memory', async () => {
    await limit('noeviction', 1);
    await run('MULTI');
    expect(await run('GET', 'k')).toBe(OOM);
    expect(await run('EXEC')).toMatch(/^-EXECABORT Transaction discarded/);
    await limit('noeviction', 0);
    const other = harness.connect();
    await run('MULTI');
    await run('DEL', 'k');
    await run('SET', 'k', 'v');
    await other.run('CONFIG', 'SET', 'maxmemory', '1');
    expect(await run('EXEC')).toBe(`-EXECABORT Transaction discarded because of: ${OOM.slice(1)}`);
    await other.run('CONFIG', 'SET', 'maxmemory', '0');
    await run('MULTI');
    await run('DEL', 'k');
    await other.run('CONFIG', 'SET', 'maxmemory', '1');
    expect(await run('EXEC')).toBe('*1\r\n:0\r\n');
  });

  test('INFO says for how long more has been used than the limit, until RESETSTAT', async () => {
    const times = async () => [
      await info('current_eviction_exceeded_time'),
      await info('total_eviction_exceeded_time'),
    ];
    expect(await times()).toEqual(['0', '0']);
    await limit('noeviction', 1);
    harness.clock.milliseconds += 1500;
    expect(await times()).toEqual(['1500', '1500']);
    await limit('noeviction', 0);
    harness.clock.milliseconds += 1000;
    expect(await times()).toEqual(['0', '1500']);
    await limit('noeviction', 1);
    harness.clock.milliseconds += 500;
    expect(await times()).toEqual(['500', '2000']);
    await run('CONFIG', 'RESETSTAT');
    expect(await times()).toEqual(['0', '0']);
  });

  test('DISCARD is not refused', async () => {
    await run('MULTI');
    await run('SET', 'k', 'v');
    await harness.connect().run('CONFIG', 'SET', 'maxmemory', '1');
    expect(await run('DISCARD')).toBe('+OK\r\n');
  });
});

const ALL = ['allkeys-lru', 'allkeys-lfu', 'allkeys-random'];
const VOLATILE = ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'];

describe.each([...ALL, ...VOLATILE])('%s', (policy) => {
  test.each(['in memory', 'in the store'])('keeps to the limit: keys %s', async (where) => {
    await fill('a', 30, 'EX', '100000');
    if (where === 'in the store') await harness.evict();
    await limitBeyond(policy, 1);
    await fill('b', 60, 'EX', '100000');
    await settle();
    expect(harness.evictor.limit.excess).toBeLessThanOrEqual(0);
    expect(Number(await info('evicted_keys'))).toBeGreaterThan(50);
    const left = countOf(await exist('a', 30)) + countOf(await exist('b', 60));
    expect(left).toBeGreaterThan(20);
    expect(await run('DBSIZE')).toBe(`:${left}\r\n`);
  });

  test('deletes everything it may, and then refuses', async () => {
    await fill('k', 5);
    await fill('v', 5, 'EX', '1000');
    await limit(policy, 1);
    await settle();
    const isVolatile = policy.startsWith('volatile');
    expect(await run('DBSIZE')).toBe(isVolatile ? ':5\r\n' : ':0\r\n');
    expect(countOf(await exist('k', 5))).toBe(isVolatile ? 5 : 0);
    expect(await run('SET', 'k', 'v')).toBe(OOM);
  });
});

test.each(['allkeys-lru', 'volatile-lru'])(
  '%s deletes what was not used for longest',
  async (policy) => {
    await fill('k', 40, 'EX', '100000');
    for (let i = 0; i < 10; i++) await run('GET', `k${i}`);
    await run('CONFIG', 'SET', 'maxmemory-samples', '64');
    await limitBeyond(policy, 0);
    await fill('new', 10, 'EX', '100000');
    await settle();
    expect(countOf(await exist('k', 10))).toBe(10);
  },
);

test.each(['allkeys-lfu', 'volatile-lfu'])('%s deletes what was used least', async (policy) => {
  await run('CONFIG', 'SET', 'maxmemory-policy', policy, 'maxmemory-samples', '64');
  await fill('k', 40, 'EX', '100000');
  for (let i = 0; i < 10; i++) for (let use = 0; use < 100; use++) await run('GET', `k${i}`);
  expect(Number((await run('OBJECT', 'FREQ', 'k0')).slice(1))).toBeGreaterThan(6);
  await limitBeyond(policy, 0);
  await fill('new', 10, 'EX', '100000');
  await settle();
  expect(countOf(await exist('k', 10))).toBe(10);
});

test.each(['in memory', 'in the store', 'in both'])(
  'volatile-ttl deletes what expires first: %s',
  async (where) => {
    await fill('stays', 3);
    for (let i = 0; i < 20; i++) await run('SET', `k${i}`, VALUE, 'EX', String(5000 + i * 100));
    if (where !== 'in memory') await harness.evict();
    if (where === 'in both') {
      for (let i = 0; i < 20; i += 2) await run('EXPIRE', `k${i}`, String(5000 + i * 100 + 1));
      await run('EXPIRE', 'k0', '900000');
    }
    await run('HSET', 'hash', 'field', 'value');
    await run('HEXPIRE', 'hash', '1000', 'FIELDS', '1', 'field');
    const used = Number(await info('used_memory'));
    await limit('volatile-ttl', used - 5 * 1230);
    await settle();
    const left = await exist('k', 20);
    const gone = left.lastIndexOf(false);
    expect(countOf(left)).toBeLessThan(17);
    // All before the last that is gone are gone, but for one whose time was moved.
    expect(countOf(left.slice(0, gone))).toBe(where === 'in both' ? 1 : 0);
    expect(countOf(await exist('stays', 3))).toBe(3);
    // The time of the field is still known to active expiry.
    expect(harness.keyspace.expiry.hasDue(harness.clock.now() + 2_000_000)).toBe(true);
  },
);

test('what has left the memory goes before what is in it', async () => {
  await fill('cold', 20);
  await harness.evict();
  await fill('hot', 20);
  await limit('allkeys-lru', Number(await info('used_memory')) - 10 * 1230);
  await settle();
  expect(countOf(await exist('hot', 20))).toBe(20);
  expect(countOf(await exist('cold', 20))).toBeLessThan(12);
});

test('what is evicted is gone for those who watch it', async () => {
  await run('SET', 'k', 'v');
  await run('WATCH', 'k');
  const other = harness.connect();
  await other.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '1');
  await other.run('PING');
  await settle();
  await other.run('CONFIG', 'SET', 'maxmemory', '0');
  await run('MULTI');
  await run('PING');
  expect(await run('EXEC')).toBe('*-1\r\n');
});

test('who listens is told of each key', async () => {
  await run('SET', 'k', 'v');
  await run('CONFIG', 'SET', 'notify-keyspace-events', 'Ee');
  const other = harness.connect();
  await other.run('SUBSCRIBE', '__keyevent@0__:evicted');
  await limit('allkeys-random', 1);
  await settle();
  expect(other.messages.slice(1)).toEqual([
    '*3\r\n$7\r\nmessage\r\n$22\r\n__keyevent@0__:evicted\r\n$1\r\nk\r\n',
  ]);
});

test('collections go with all they take', async () => {
  await run('RPUSH', 'list', ...Array.from({ length: 500 }, String));
  await run('SET', 'key', VALUE);
  await harness.evict();
  await limit('allkeys-lru', 1);
  await settle();
  expect(await run('DBSIZE')).toBe(':0\r\n');
  expect(harness.keyspace.residents.datasetBytes).toBe(0);
});

describe('how long requests wait for what is deleted before them', () => {
  /** Each look at the clock moves it; gives how many keys one round deletes of the 50 that are too many. */
  async function deletedAtOnce(tenacity: string): Promise<number> {
    await run('CONFIG', 'SET', 'maxmemory-eviction-tenacity', tenacity);
    await fill('k', 100);
    await run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
    const { clock, evictor, server } = harness;
    clock.monotonic = () => {
      clock.milliseconds += 0.2;
      return clock.milliseconds;
    };
    server.config.set([['maxmemory', String(evictor.limit.used - 50 * 1000)]]);
    evictor.relieve();
    return server.statistics.evictedKeys;
  }

  test.each([
    ['0', 8],
    ['100', 40],
  ])('maxmemory-eviction-tenacity %s', async (tenacity, atLeast) => {
    const deleted = await deletedAtOnce(tenacity);
    if (tenacity === '0') expect(deleted).toBe(atLeast);
    else expect(deleted).toBeGreaterThan(atLeast);
    expect(harness.evictor.limit.excess <= 0).toBe(tenacity === '100');
    await settle();
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('LATENCY has each round, and each key', async () => {
    await fill('k', 10);
    const noted: string[] = [];
    harness.keyspace.onLatency = (event) => noted.push(event);
    await limitBeyond('allkeys-lru', -5);
    await run('GET', 'k');
    expect(noted).toContain('eviction-cycle');
    expect(noted.filter((event) => event === 'eviction-del').length).toBeGreaterThanOrEqual(4);
  });

  test('LATENCY has the keys that a read finds expired', async () => {
    await run('SET', 'k', 'v', 'PX', '1');
    harness.clock.milliseconds += 10;
    const noted: string[] = [];
    harness.keyspace.onLatency = (event) => noted.push(event);
    await run('GET', 'k');
    expect(noted).toContain('expire-del');
  });
});
