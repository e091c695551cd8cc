/** INFO: which sections come when, and that what clients and exporters read is there. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import type { ResolvedCommand } from '../../src/commands/resolved-command.js';
import { infoCommands } from '../../src/commands/server/info.js';
import { slowlogCommands } from '../../src/commands/server/slowlog.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { RequestRing } from '../../src/observability/request-log.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([
    connectionCommands,
    hashCommands,
    infoCommands,
    keyCommands,
    slowlogCommands,
    stringCommands,
  ]);
});

afterEach(() => harness.close());

async function info(...words: readonly string[]): Promise<string> {
  return decodeReply(Buffer.from(await harness.run('INFO', ...words), 'latin1')) as string;
}

function titles(text: string): string[] {
  return [...text.matchAll(/^# (.*)\r$/gm)].map(([, title]) => title as string);
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1];
}

const DEFAULT = [
  'Server',
  'Clients',
  'Memory',
  'Persistence',
  'Stats',
  'Replication',
  'CPU',
  'Modules',
  'Errorstats',
  'Cluster',
  'Keyspace',
  'Diskdb',
];

test('keyspace counts the keys that expire, and says how long they live on the average', async () => {
  const keyspace = async () => field(await info('keyspace'), 'db0');
  await harness.run('SET', 'forever', 'x');
  expect(await keyspace()).toBe('keys=1,expires=0,avg_ttl=0,subexpiry=0');
  await harness.run('SET', 'a', 'x', 'PX', '1000');
  await harness.run('SET', 'b', 'x', 'PX', '5000');
  expect(await keyspace()).toBe('keys=3,expires=2,avg_ttl=3000,subexpiry=0');
  await harness.run('SET', 'a', 'x', 'PX', '7000');
  expect(await keyspace()).toBe('keys=3,expires=2,avg_ttl=6000,subexpiry=0');
  await harness.run('GETEX', 'b', 'PERSIST');
  expect(await keyspace()).toBe('keys=3,expires=1,avg_ttl=7000,subexpiry=0');
  harness.clock.milliseconds += 8000;
  expect(await keyspace()).toBe('keys=3,expires=1,avg_ttl=0,subexpiry=0'); // nobody has removed it yet
});

test('keyspace counts the hashes of which fields expire', async () => {
  const hashes = async () => field(await info('keyspace'), 'db0')?.replace(/.*,/, '');
  await harness.run('SET', 'forever', 'x');
  await harness.run('HSET', 'h', 'a', '1', 'b', '2');
  await harness.run('HSETEX', 'other', 'EX', '9', 'FIELDS', '1', 'a', '1');
  expect(await hashes()).toBe('subexpiry=1');
  await harness.run('HEXPIRE', 'h', '9', 'FIELDS', '2', 'a', 'b');
  expect(await hashes()).toBe('subexpiry=2');
  await harness.run('HPERSIST', 'h', 'FIELDS', '1', 'a');
  expect(await hashes()).toBe('subexpiry=2');
  await harness.run('DEL', 'h', 'other');
  expect(await hashes()).toBe('subexpiry=0');
});

describe('sections', () => {
  test('a bare INFO and default', async () => {
    expect(titles(await info())).toEqual(DEFAULT);
    expect(titles(await info('DEFAULT'))).toEqual(DEFAULT);
  });

  test.each(['all', 'EVERYTHING'])('%s has two more', async (word) => {
    const found = titles(await info(word));
    expect(found.filter((title) => !DEFAULT.includes(title))).toEqual([
      'Commandstats',
      'Latencystats',
    ]);
  });

  test('several, each once, in their own order, whatever the case', async () => {
    expect(titles(await info('keyspace', 'CPU', 'cpu'))).toEqual(['CPU', 'Keyspace']);
    expect(titles(await info('cpu', 'all'))).toHaveLength(DEFAULT.length + 2);
    expect(titles(await info('commandSTATS', 'default'))).toHaveLength(DEFAULT.length + 1);
  });

  test('of an unknown name there is nothing', async () => {
    expect(await info('sentinel')).toBe('');
    expect(titles(await info('cpu', 'sentinel'))).toEqual(['CPU']);
  });

  test('are parted by a blank line', async () => {
    expect(await info('cluster', 'modules')).toMatch(
      /^# Modules\r\nmodule:name=ReJSON,ver=\d+,.*\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n$/,
    );
  });
});

test('fields that clients and exporters read', async () => {
  await harness.run('SET', 'key', 'value');
  const text = await info('everything');
  expect(field(text, 'redis_version')).toBe('7.4.0');
  expect(field(text, 'diskdb_version')).toBe('0.0.0');
  expect(field(text, 'role')).toBe('master');
  expect(field(text, 'tcp_port')).toBe('6380');
  expect(field(text, 'connected_clients')).toBe('1');
  expect(field(text, 'rdb_bgsave_in_progress')).toBe('0');
  expect(field(text, 'aof_rewrite_in_progress')).toBe('0');
  expect(field(text, 'loading')).toBe('0');
  expect(field(text, 'maxmemory_policy')).toBe('noeviction');
  expect(field(text, 'mem_allocator')).toMatch(/^v8-/);
  expect(field(text, 'db0')).toMatch(/^keys=1,/);
  expect(Number(field(text, 'used_memory'))).toBeGreaterThan(0);
  expect(Number(field(text, 'rdb_changes_since_last_save'))).toBeGreaterThan(0);
});

test('diskdb: what is resident, dirty and logged', async () => {
  await harness.run('SET', 'key', 'value');
  const text = await info('diskdb');
  expect(field(text, 'resident_keys')).toBe('1');
  expect(Number(field(text, 'dirty_bytes'))).toBeGreaterThan(0);
  await harness.evict();
  await harness.run('GET', 'key');
  const later = await info('diskdb');
  expect(field(later, 'dirty_bytes')).toBe('0');
  expect(field(later, 'records_loaded')).toBe('1');
  expect(field(later, 'changes_since_checkpoint')).toBe('0');
  expect(Number(field(later, 'folds'))).toBe(Number(field(text, 'folds')) + 1);
});

test('commandstats and errorstats', async () => {
  const statistics = harness.commands.find('get')?.statistics;
  Object.assign(statistics ?? {}, { calls: 4, microseconds: 10, rejected: 1, failed: 2 });
  harness.server.statistics.errors.set('WRONGTYPE', 3);
  const text = await info('commandstats', 'errorstats');
  expect(field(text, 'cmdstat_get')).toBe(
    'calls=4,usec=10,usec_per_call=2.50,rejected_calls=1,failed_calls=2',
  );
  expect(field(text, 'errorstat_WRONGTYPE')).toBe('count=3');
});

describe('SLOWLOG', () => {
  const session = { address: '127.0.0.1:1', name: 'me' };

  function noted(...args: readonly string[]) {
    const command = harness.commands.find((args[0] as string).toLowerCase());
    return { command: command as ResolvedCommand, args, session };
  }

  test('shows the newest first, shortened as in Redis', async () => {
    const log = harness.server.requestLogs.slow as RequestRing;
    log.note(noted('SET', 'key', 'v'.repeat(130)), 10_000.4);
    log.note(noted('MGET', ...Array.from({ length: 40 }, (_, i) => `k${i}`)), 20_000);
    const reply = await harness.run('SLOWLOG', 'GET');
    const [newest = [], oldest = []] = decodeReply(Buffer.from(reply, 'latin1')) as unknown[][];
    const shortened = ['SET', 'key', `${'v'.repeat(128)}... (2 more bytes)`];
    expect(oldest).toEqual([0, 1_700_000_000, 10_000, shortened, '127.0.0.1:1', 'me']);
    const argv = newest[3] as string[];
    expect(argv).toHaveLength(32);
    expect(argv[31]).toBe('... (10 more arguments)');
    expect(await harness.run('SLOWLOG', 'LEN')).toBe(':2\r\n');
    await harness.run('SLOWLOG', 'RESET');
    expect(await harness.run('SLOWLOG', 'GET', '-1')).toBe('*0\r\n');
  });

  test('keeps no more than it may, and nothing below the threshold', () => {
    const log = new RequestRing(100, 2, harness.clock);
    expect(log.accepts(99)).toBe(false);
    expect(log.accepts(100)).toBe(true);
    for (let i = 0; i < 5; i++) log.note(noted('GET', `${i}`), 100);
    expect(log.newest(10).map(({ id }) => id)).toEqual([4, 3]);
    log.setThreshold(-1);
    expect(log.accepts(1_000_000)).toBe(false);
  });
});
