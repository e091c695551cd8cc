/** SCAN, KEYS and RANDOMKEY over keys that are warm, cold, changed since the checkpoint, deleted and expired. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { scanCommands } from '../../src/commands/generic/scan.js';
import { parseCursor } from '../../src/commands/scan-options.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([expireCommands, keyCommands, scanCommands, stringCommands]);
});

afterEach(() => harness.close());

async function decoded(...args: readonly string[]) {
  return decodeReply(Buffer.from(await harness.run(...args), 'latin1'));
}

async function scanAll(...options: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = (await decoded('SCAN', cursor, ...options)) as [string, string[]];
    found.push(...keys);
    cursor = next;
  } while (cursor !== '0');
  return found;
}

async function put(first: number, end: number): Promise<string[]> {
  const names = Array.from({ length: end - first }, (_, i) => `key:${first + i}`);
  for (const name of names) await harness.run('SET', name, 'value');
  return names;
}

describe('a database that is partly cold', () => {
  let expected: string[];

  beforeEach(async () => {
    const cold = await put(0, 300);
    await harness.evict();
    const warm = await put(300, 400);
    const gone = [...cold.slice(10, 20), ...warm.slice(10, 20)];
    await harness.run('DEL', ...gone);
    for (const name of ['key:0', 'key:1', 'key:399']) await harness.run('PEXPIRE', name, '5');
    harness.clock.milliseconds += 5;
    const absent = new Set([...gone, 'key:0', 'key:1', 'key:399']);
    expected = [...cold, ...warm].filter((name) => !absent.has(name)).sort();
  });

  test.each(['1', '7', '100', '9223372036854775807'])('SCAN COUNT %s', async (count) => {
    expect((await scanAll('COUNT', count)).sort()).toEqual(expected);
  });

  test('SCAN finds what was there all the while, though keys come and go', async () => {
    const found: string[] = [];
    let cursor = '0';
    let turn = 0;
    do {
      const [next, keys] = (await decoded('SCAN', cursor, 'COUNT', '20')) as [string, string[]];
      found.push(...keys);
      cursor = next;
      await harness.run('SET', `new:${turn}`, 'value');
      if (turn++ % 3 === 0) await harness.evict();
    } while (cursor !== '0');
    const old = found.filter((name) => name.startsWith('key:'));
    expect([...new Set(old)].sort()).toEqual(expected);
  });

  test('SCAN MATCH', async () => {
    const matching = expected.filter((name) => /^key:3.$/.test(name));
    expect((await scanAll('MATCH', 'key:3?')).sort()).toEqual(matching);
  });

  test('KEYS', async () => {
    expect(((await decoded('KEYS', '*')) as string[]).sort()).toEqual(expected);
    const matching = expected.filter((name) => /^key:[0-3]5/.test(name));
    expect(((await decoded('KEYS', 'key:[0-3]5*')) as string[]).sort()).toEqual(matching);
  });

  test('RANDOMKEY', async () => {
    for (let i = 0; i < 20; i++) expect(expected).toContain(await decoded('RANDOMKEY'));
  });
});

test('an empty database', async () => {
  expect(await scanAll()).toEqual([]);
  expect(await decoded('KEYS', '*')).toEqual([]);
  expect(await decoded('RANDOMKEY')).toBeNull();
});

test('the empty key is found without a pattern, and by *', async () => {
  await harness.run('SET', '', 'value');
  expect(await scanAll()).toEqual(['']);
  expect(await scanAll('MATCH', '*')).toEqual(['']);
  expect(await decoded('KEYS', '*')).toEqual(['']);
});

test('SCAN TYPE', async () => {
  await put(0, 3);
  expect(await scanAll('TYPE', 'STRING')).toHaveLength(3);
  expect(await scanAll('TYPE', 'list')).toEqual([]);
});

test.each([
  ['x', 'ERR invalid cursor'],
  [' 1', 'ERR invalid cursor'],
  ['1x', 'ERR invalid cursor'],
  ['18446744073709551616', 'ERR invalid cursor'],
])('cursor %j is refused', async (cursor, error) => {
  expect(await harness.run('SCAN', cursor)).toBe(`-${error}\r\n`);
});

test('cursors that we never give out are the end', async () => {
  await put(0, 3);
  expect(parseCursor('')).toBe(0);
  for (const cursor of ['18446744073709551615', '-1', '99999999999999999']) {
    expect(await decoded('SCAN', cursor)).toEqual(['0', []]);
  }
});

test.each([
  [['COUNT', '0'], 'ERR syntax error'],
  [['COUNT', 'x'], 'ERR value is not an integer or out of range'],
  [['MATCH'], 'ERR syntax error'],
  [['BOGUS', '1'], 'ERR syntax error'],
])('SCAN 0 %j is refused', async (options, error) => {
  expect(await harness.run('SCAN', '0', ...options)).toBe(`-${error}\r\n`);
});
