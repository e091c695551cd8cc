/** Databases, saving and the server's own commands, as far as no redis-server can be asked. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { waitCommands } from '../../src/commands/generic/wait.js';
import { scriptingCommands } from '../../src/commands/scripting/scripting.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply, type Reply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([
    connectionCommands,
    scriptingCommands,
    keyCommands,
    serverCommands,
    stringCommands,
    waitCommands,
  ]);
});

afterEach(() => harness.close());

async function decoded(...args: readonly string[]): Promise<Reply> {
  return decodeReply(Buffer.from(await harness.run(...args), 'latin1'));
}

describe('databases', () => {
  beforeEach(async () => {
    await harness.run('SET', 'key', 'zero');
    await harness.run('SELECT', '1');
    await harness.run('MSET', 'key', 'one', 'other', 'one');
    await harness.run('SELECT', '0');
    await harness.evict();
  });

  test('SWAPDB exchanges cold databases, for clients that have them selected too', async () => {
    const second = harness.connect();
    await second.run('SELECT', '1');
    expect(await decoded('SWAPDB', '0', '1')).toBe('OK');
    expect(await decoded('GET', 'key')).toBe('one');
    expect(await decoded('DBSIZE')).toBe(2);
    expect(await second.run('GET', 'key')).toBe('$4\r\nzero\r\n');
  });

  test('FLUSHDB empties one database', async () => {
    expect(await decoded('FLUSHDB', 'ASYNC')).toBe('OK');
    expect(await decoded('EXISTS', 'key')).toBe(0);
    await harness.run('SELECT', '1');
    expect(await decoded('DBSIZE')).toBe(2);
  });

  test('FLUSHALL empties all, and they can be written again', async () => {
    await harness.run('FLUSHALL');
    await harness.run('SELECT', '1');
    expect(await decoded('DBSIZE')).toBe(0);
    await harness.run('SET', 'key', 'again');
    await harness.evict();
    expect(await decoded('GET', 'key')).toBe('again');
    expect(await decoded('GET', 'other')).toBeNull();
  });

  test('COPY and MOVE of a cold value in fragments', async () => {
    const value = 'v'.repeat(40_000);
    await harness.run('SET', 'long', value);
    await harness.evict();
    expect(await decoded('COPY', 'long', 'long', 'DB', '1')).toBe(1);
    await harness.run('APPEND', 'long', 'x');
    expect(await decoded('MOVE', 'long', '2')).toBe(1);
    await harness.evict();
    expect(await decoded('EXISTS', 'long')).toBe(0);
    await harness.run('SELECT', '1');
    expect(await decoded('GET', 'long')).toBe(value);
    await harness.run('SELECT', '2');
    expect(await decoded('GET', 'long')).toBe(`${value}x`);
  });

  test('RENAME of a cold value in fragments, over another', async () => {
    const value = 'v'.repeat(40_000);
    await harness.run('SET', 'long', value);
    await harness.run('SET', 'target', 'w'.repeat(50_000));
    await harness.evict();
    await harness.run('RENAME', 'long', 'target');
    await harness.evict();
    expect(await decoded('GET', 'target')).toBe(value);
    expect(await decoded('EXISTS', 'long')).toBe(0);
  });
});

describe('saving', () => {
  test('SAVE makes everything clean, LASTSAVE tells when', async () => {
    await harness.run('SET', 'key', 'value');
    harness.clock.milliseconds += 5000;
    expect(await decoded('SAVE')).toBe('OK');
    expect(harness.keyspace.residents.dirtyBytes).toBe(0);
    expect(harness.server.checkpointer.changes).toBe(0);
    expect(await decoded('LASTSAVE')).toBe(harness.clock.milliseconds / 1000);
  });

  test.each([
    [['BGSAVE'], 'Background saving started'],
    [['BGSAVE', 'SCHEDULE'], 'Background saving started'],
    [['BGREWRITEAOF'], 'Background append only file rewriting started'],
  ])('%j starts a checkpoint and does not wait for it', async (args, answer) => {
    await harness.run('SET', 'key', 'value');
    expect(await decoded(...args)).toBe(answer);
    await vi.waitFor(() => expect(harness.server.checkpointer.changes).toBe(0));
  });

  test('WAITAOF answers when the log is synced', async () => {
    await harness.run('SET', 'key', 'value');
    expect(await decoded('WAITAOF', '1', '0', '0')).toEqual([1, 0]);
    const { log } = harness.keyspace.storage;
    expect(log.syncedLsn).toBe(log.writtenLsn);
  });
});

describe('CONFIG', () => {
  test('SET is undone with its request', async () => {
    const { config, keyspace } = harness.server;
    const before = config.values.slowlog.maxLength;
    keyspace.transaction.begin(0, 0, undefined);
    const command = harness.commands.resolve(['CONFIG', 'SET', 'slowlog-max-len', '7']);
    if (typeof command === 'string') throw new Error(command);
    command.run?.(harness.client.session, ['CONFIG', 'SET', 'slowlog-max-len', '7']);
    expect(config.values.slowlog.maxLength).toBe(7);
    keyspace.transaction.abort();
    expect(config.values.slowlog.maxLength).toBe(before);
  });

  test('SET and GET by either name', async () => {
    expect(await decoded('CONFIG', 'SET', 'appendfsync', 'always')).toBe('OK');
    expect(await decoded('CONFIG', 'GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
    expect(harness.server.config.values.persistence.sync).toBe('always');
  });

  test('SET with a wrong value is an error, and nothing is changed', async () => {
    const reply = await harness.run('CONFIG', 'SET', 'maxclients', '77', 'appendfsync', 'bogus');
    expect(reply).toMatch(/^-ERR CONFIG SET failed \(possibly related to argument 'appendfsync'\)/);
    expect(harness.server.config.values.limits.maxClients).toBe(10_000);
  });

  test('RESETSTAT sets the counters to zero', async () => {
    harness.server.statistics.commandsProcessed = 5;
    await harness.run('CONFIG', 'RESETSTAT');
    expect(harness.server.statistics.commandsProcessed).toBe(0);
  });
});

test('TIME is the time of the request', async () => {
  harness.clock.milliseconds = 1_700_000_000_123;
  expect(await decoded('TIME')).toEqual(['1700000000', '123000']);
});

test('REPLICAOF: no one, and nobody else yet', async () => {
  expect(await decoded('REPLICAOF', 'NO', 'ONE')).toBe('OK');
  expect(await harness.run('REPLICAOF', '127.0.0.1', '6379')).toMatch(/^-ERR DiskDB cannot replic/);
});

test('MODULE: what DiskDB has itself is listed, and nothing else can be had', async () => {
  const module = ['name', 'ReJSON', 'ver', 20_800, 'path', '', 'args', []];
  expect(await decoded('MODULE', 'LIST')).toEqual([module]);
  expect(await decoded('HELLO')).toEqual(expect.arrayContaining([[module]]));
  for (const request of ['LOAD /m.so', 'LOADEX /m.so CONFIG a b', 'UNLOAD ReJSON']) {
    expect(await harness.run('MODULE', ...request.split(' '))).toBe(
      '-ERR DiskDB cannot load or unload modules\r\n',
    );
  }
});

test('SHUTDOWN that fails answers why', async () => {
  await expect(harness.run('SHUTDOWN', 'NOSAVE')).rejects.toThrow('failed in a way it must not');
  expect(await harness.run('SHUTDOWN', 'SAVE', 'NOSAVE')).toBe('-ERR syntax error\r\n');
  expect(await harness.run('SHUTDOWN', 'ABORT')).toBe('-ERR No shutdown in progress.\r\n');
});

test('MEMORY USAGE counts the bytes of a value, cold ones too', async () => {
  await harness.run('MSET', 'short', 'v', 'long', 'v'.repeat(33_000));
  const warm = await decoded('MEMORY', 'USAGE', 'long');
  await harness.evict();
  expect(await decoded('MEMORY', 'USAGE', 'long', 'SAMPLES', '0')).toBe(warm);
  expect(warm).toBeGreaterThan(33_000);
  expect(warm).toBeLessThan(42_000);
  expect(await decoded('MEMORY', 'USAGE', 'short')).toBeLessThan(500);
  expect(await decoded('MEMORY', 'USAGE', 'nokey')).toBeNull();
});

test('LOLWUT draws another disk each time, as large as asked', async () => {
  const drawing = (await decoded('LOLWUT', 'VERSION', '5', '11')) as string;
  expect(drawing.split('\n')).toHaveLength(11 + 3);
  expect(drawing).toContain('DiskDB ver. 0.0.0');
});

test.each([['CONFIG'], ['FUNCTION'], ['LATENCY'], ['MEMORY']])(
  '%s has no other subcommands',
  async (name) => {
    expect(await harness.run(name, 'bogus')).toBe(
      `-ERR unknown subcommand 'bogus'. Try ${name} HELP.\r\n`,
    );
  },
);
