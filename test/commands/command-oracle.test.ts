/** COMMAND INFO of every command that redis-server 7.0 has too: the same in every field. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { ReplyParser, type ReplyValue } from '../../src/protocol/reply-parser.js';
import { CommandHarness } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';

/** What Redis changed between 7.0, which is asked, and 7.2, which DiskDB follows. */
const CHANGED = new Map<string, readonly string[]>([
  ['command|getkeys', ['arity']],
  ['command|getkeysandflags', ['arity']],
  ['wait', ['flags', 'categories']],
  ['zrank', ['arity']],
  ['zrevrank', ['arity']],
]);

function differencesOf(name: string, ours: Info, theirs: Info): string[] {
  const ignored = CHANGED.get(name) ?? [];
  return FIELDS.filter((field) => !ignored.includes(field) && ours[field] !== theirs[field]).map(
    (field) => `${name} ${field}: ${ours[field]}, not ${theirs[field]}`,
  );
}

const FIELDS = [
  'name',
  'arity',
  'flags',
  'first',
  'last',
  'step',
  'categories',
  'tips',
  'keySpecs',
] as const;

type Info = Readonly<Record<string, unknown>>;

function decode(raw: string): ReplyValue {
  return new ReplyParser().feed(raw)[0] as ReplyValue;
}

/** Sets in any order, maps as pairs. */
function plain(value: ReplyValue): unknown {
  if (value instanceof Set) return { set: withoutPolicies([...value].map(plain)) };
  if (value instanceof Map) return { map: [...value].map(([k, v]) => [plain(k), plain(v)]) };
  return Array.isArray(value) ? value.map(plain) : value;
}

/** 7.2 gave many more commands the tips that a cluster's proxy needs. */
function withoutPolicies(items: unknown[]): unknown[] {
  const isPolicy = (item: unknown): boolean => /^"re(quest|sponse)_policy:/.test(String(item));
  return items
    .map((item) => JSON.stringify(item))
    .filter((item) => !isPolicy(item))
    .sort();
}

function infosOf(value: ReplyValue, infos = new Map<string, Info>()): Map<string, Info> {
  if (!Array.isArray(value)) return infos;
  for (const command of value) {
    if (!Array.isArray(command)) continue;
    const info = Object.fromEntries(
      FIELDS.map((field, i) => [field, JSON.stringify(plain(command[i] as ReplyValue))]),
    );
    infos.set(String(command[0]), info);
    infosOf(command[9] as ReplyValue, infos);
  }
  return infos;
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let oracle: RedisOracle;
  let harness: CommandHarness;

  beforeAll(async () => {
    const groups = commandGroups;
    oracle = await RedisOracle.start();
    harness = await CommandHarness.open(groups);
    await oracle.run('HELLO', '3');
    await harness.run('HELLO', '3');
  });

  afterAll(async () => {
    await harness?.close();
    await oracle?.stop();
  });

  test('COMMAND INFO', async () => {
    const ours = infosOf(decode(await harness.run('COMMAND')));
    const theirs = infosOf(decode(await oracle.run('COMMAND')));
    expect(ours.size).toBeGreaterThan(100);
    const differences = [...ours].flatMap(([name, info]) => {
      const other = theirs.get(name);
      return other === undefined ? [] : differencesOf(name, info, other);
    });
    expect(differences).toEqual([]);
  });

  test.each([
    ['COMMAND', 'GETKEYS', 'MSET', 'a', '1', 'b', '2'],
    ['COMMAND', 'GETKEYS', 'GET', 'a', 'b'],
    ['COMMAND', 'GETKEYS', 'PING', 'x'],
    ['COMMAND', 'GETKEYS', 'NOSUCH', 'x'],
    ['COMMAND', 'GETKEYSANDFLAGS', 'SET', 'k', 'v'],
    ['COMMAND', 'GETKEYSANDFLAGS', 'SET', 'k', 'v', 'GET'],
    ['COMMAND', 'GETKEYSANDFLAGS', 'MSET', 'a', '1', 'b', '2'],
    ['COMMAND', 'GETKEYSANDFLAGS', 'LCS', 'a', 'b'],
    ['COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', 'nosuch'],
    ['COMMAND', 'LIST', 'FILTERBY', 'MODULE', 'nosuch'],
    ['COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'getdel*'],
    ['COMMAND', 'LIST', 'FILTERBY', 'x', 'y'],
    ['COMMAND', 'LIST', 'x'],
    ['COMMAND', 'DOCS', 'nosuch'],
    ['COMMAND', 'INFO', 'nosuch', 'GeT'],
    ['COMMAND', 'INFO', 'client|id', 'get|x', 'client|id|x'],
    ['COMMAND', 'COUNT', 'x'],
    ['COMMAND', 'BOGUS'],
    ['NOSUCH'],
    ['NOSUCH', 'a\r\nb', 'x'.repeat(200), 'y'],
    ['y'.repeat(200), 'x'.repeat(100), 'z'.repeat(100), 'w'],
    ['GET'],
    ['config|get', 'x'],
    ['CONFIG', 'get'],
    ['CONFIG', 'GET_XX'],
    ['CONFIG'],
  ])('%s %s %s %s', async (...args) => {
    expect(await harness.run(...args)).toBe(await oracle.run(...args));
  });
});
