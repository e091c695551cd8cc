/** DUMP of collections that are too large to be made resident for it, and payloads that are too long. */

import { expect, test } from 'vitest';
import { dumpCommands } from '../../src/commands/generic/dump.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { listCommands } from '../../src/commands/list/list.js';
import { debugCommands } from '../../src/commands/server/debug.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { CommandHarness } from '../support/command-harness.js';

const GROUPS = [
  debugCommands,
  dumpCommands,
  hashCommands,
  keyCommands,
  listCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
];
const COUNT = 12_000;
const numbers = Array.from({ length: COUNT }, (_, i) => String(i));

const makers: Readonly<Record<string, (harness: CommandHarness) => Promise<void>>> = {
  list: async (harness) => {
    await harness.run('RPUSH', 'k', ...numbers);
  },
  set: async (harness) => {
    await harness.run('SADD', 'k', ...numbers);
  },
  'sorted set': async (harness) => {
    await harness.run('ZADD', 'k', ...numbers.flatMap((n) => [n, `member ${n}`]));
  },
  hash: async (harness) => {
    await harness.run('HSET', 'k', ...numbers.flatMap((n) => [n, `value ${n}`]));
    await harness.run('HPEXPIRE', 'k', '1000', 'FIELDS', '2', '1', '7');
    await harness.run('HPEXPIRE', 'k', '50', 'FIELDS', '1', '8');
    harness.clock.milliseconds += 60;
  },
  stream: async (harness) => {
    for (const n of numbers) await harness.run('XADD', 'k', `${n}-1`, 'field', n);
    await harness.run('XGROUP', 'CREATE', 'k', 'g', '0');
    await harness.run('XREADGROUP', 'GROUP', 'g', 'ann', 'COUNT', '100', 'STREAMS', 'k', '>');
  },
};

test.each(Object.keys(makers))('a large cold %s', { timeout: 60_000 }, async (type) => {
  const harness = await CommandHarness.open(GROUPS, [['debug-command', 'local']]);
  await makers[type]?.(harness);
  const resident = await harness.run('DUMP', 'k');
  await harness.evict();
  const stored = await harness.run('DUMP', 'k');
  expect(stored === resident).toBe(true);
  expect(harness.keyspace.residents.bytes).toBeLessThan(100_000);
  const payload = stored.slice(stored.indexOf('\n') + 1, -2);
  expect(await harness.run('RESTORE', 'other', '0', payload)).toBe('+OK\r\n');
  const [, one, other] = (await harness.run('DEBUG', 'DIGEST-VALUE', 'k', 'other')).split('\r\n');
  expect(one).toBe(other);
  await harness.close();
});

test('a payload that is too long is refused, wherever the collection is', async () => {
  const harness = await CommandHarness.open(GROUPS, [
    ['proto-max-bulk-len', '1mb'],
    ['rdbcompression', 'no'],
  ]);
  const long = 'x'.repeat(100);
  await harness.run('RPUSH', 'k', ...numbers.map((n) => long + n));
  const error = /^-ERR DUMP payload exceeds maximum allowed size/;
  expect(await harness.run('DUMP', 'k')).toMatch(error);
  await harness.evict();
  expect(await harness.run('DUMP', 'k')).toMatch(error);
  await harness.close();
});

test('what RESTORE has begun to write is undone, the value before stays', async () => {
  const harness = await CommandHarness.open(GROUPS);
  await harness.run('RPUSH', 'k', ...numbers);
  const dumped = await harness.run('DUMP', 'k');
  const payload = dumped.slice(dumped.indexOf('\n') + 1, -2);
  await harness.run('RPUSH', 'old', 'a', 'b');
  harness.keyspace.options.transactionBytes = 1_000_000;
  const restored = await harness.run('RESTORE', 'old', '0', payload, 'REPLACE');
  expect(restored).toMatch(/^-ERR the transaction would hold more than max_transaction_size/);
  expect(await harness.run('LRANGE', 'old', '0', '-1')).toBe('*2\r\n$1\r\na\r\n$1\r\nb\r\n');
  await harness.close();
});
