/** Expiry: each condition on keys that expire and keys that do not, against a model; and what cannot be asked an oracle. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([
    expireCommands,
    keyCommands,
    serverCommands,
    stringCommands,
  ]);
});

afterEach(() => harness.close());

async function integer(...args: readonly string[]): Promise<number> {
  const reply = await harness.run(...args);
  expect(reply).toMatch(/^:-?\d+\r\n$/);
  return Number(reply.slice(1));
}

type Condition = 'NX' | 'XX' | 'GT' | 'LT';

const before = [undefined, 'sooner', 'same', 'later'] as const;
const conditions: readonly (readonly Condition[])[] = [
  [],
  ['NX'],
  ['XX'],
  ['GT'],
  ['LT'],
  ['XX', 'GT'],
  ['XX', 'LT'],
];
const NEW_SECONDS = 100;
const OLD_SECONDS = { sooner: 50, same: 100, later: 200 } as const;

/** The rules of the command's page, one by one. A key that does not expire is as one that expires last of all. */
function isSet(old: (typeof before)[number], given: readonly Condition[]): boolean {
  const oldSeconds = old === undefined ? Number.POSITIVE_INFINITY : OLD_SECONDS[old];
  return given.every((condition) => {
    if (condition === 'NX') return old === undefined;
    if (condition === 'XX') return old !== undefined;
    return condition === 'GT' ? NEW_SECONDS > oldSeconds : NEW_SECONDS < oldSeconds;
  });
}

describe.each(conditions.map((given) => ({ given, words: given.join(' ') || 'no condition' })))(
  'EXPIRE with $words',
  ({ given }) => {
    test.each(before.map((old) => ({ old, words: old ?? 'never' })))(
      'when the key expires $words',
      async ({ old }) => {
        await harness.run('SET', 'key', 'value');
        if (old !== undefined) await harness.run('EXPIRE', 'key', String(OLD_SECONDS[old]));
        const expected = isSet(old, given);
        const oldTtl = old === undefined ? -1 : OLD_SECONDS[old];
        await harness.evict();
        expect(await integer('EXPIRE', 'key', String(NEW_SECONDS), ...given)).toBe(
          expected ? 1 : 0,
        );
        expect(await integer('TTL', 'key')).toBe(expected ? NEW_SECONDS : oldTtl);
      },
    );

    test('when there is no key', async () => {
      expect(await integer('EXPIRE', 'key', '100', ...given)).toBe(0);
    });
  },
);

test('a key is gone at its millisecond, and not before', async () => {
  await harness.run('SET', 'key', 'value');
  await harness.run('PEXPIRE', 'key', '10');
  harness.clock.milliseconds += 9;
  expect(await integer('PTTL', 'key')).toBe(1);
  harness.clock.milliseconds += 1;
  expect(await integer('PTTL', 'key')).toBe(-2);
  expect(await integer('EXISTS', 'key')).toBe(0);
});

test('a time that has passed deletes the key, unless a condition forbids it', async () => {
  await harness.run('SET', 'key', 'value');
  expect(await integer('EXPIREAT', 'key', '1', 'XX')).toBe(0);
  expect(await integer('EXPIREAT', 'key', '1', 'LT')).toBe(1);
  expect(await integer('DBSIZE')).toBe(0);
});

test('TTL rounds to the nearest second', async () => {
  await harness.run('SET', 'key', 'value');
  await harness.run('PEXPIRE', 'key', '1499');
  expect(await integer('TTL', 'key')).toBe(1);
  await harness.run('PEXPIRE', 'key', '1500');
  expect(await integer('TTL', 'key')).toBe(2);
});

test('a long value keeps its fragments when its expiry changes', async () => {
  const value = 'v'.repeat(50_000);
  await harness.run('SET', 'key', value);
  await harness.run('EXPIRE', 'key', '100');
  await harness.evict();
  expect(await integer('PERSIST', 'key')).toBe(1);
  expect(await harness.run('GET', 'key')).toBe(`$50000\r\n${value}\r\n`);
  expect(await integer('TTL', 'key')).toBe(-1);
});
