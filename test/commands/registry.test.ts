/** The command table: look-up, its errors, and what is derived from an entry. */

import { expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandTable } from '../../src/commands/registry.js';
import type { ResolvedCommand } from '../../src/commands/resolved-command.js';
import type { Command, KeySpec } from '../../src/commands/spec.js';

const base = {
  summary: '',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  arity: -1,
  flags: [],
  run: () => '',
} as const satisfies Partial<Command>;

function tableOf(...commands: readonly (Partial<Command> & { name: string })[]): CommandTable {
  return new CommandTable([commands.map((command) => ({ ...base, ...command }))]);
}

const container = {
  ...base,
  name: 'config',
  arity: -2,
  run: undefined,
  subcommands: [{ ...base, name: 'get', arity: -3 }],
};

test('names are found in any case, and never across the bar', () => {
  const table = tableOf({ name: 'get', arity: 2 }, container as unknown as Command);
  expect(table.find('GeT')?.fullName).toBe('get');
  expect(table.find('GeT')).toBe(table.find('get'));
  expect(table.find('config|get')).toBeUndefined();
  expect(table.findByFullName('CONFIG|GET')?.fullName).toBe('config|get');
  expect(table.findByFullName('config|get|x')).toBeUndefined();
  expect(table.resolve(['Config', 'GET', 'x'])).toBe(table.findByFullName('config|get'));
});

test('two commands of one name are a bug', () => {
  expect(() => tableOf({ name: 'get' }, { name: 'get' })).toThrow('bug');
});

test('errors are those of Redis', () => {
  const table = tableOf({ name: 'get', arity: 2 }, container as unknown as Command);
  const wrong = (name: string): string => `ERR wrong number of arguments for '${name}' command`;
  expect(table.resolve(['get'])).toBe(wrong('get'));
  expect(table.resolve(['config'])).toBe(wrong('config'));
  expect(table.resolve(['CONFIG', 'GET'])).toBe(wrong('config|get'));
  expect(table.resolve(['config', 'x'])).toBe("ERR unknown subcommand 'x'. Try CONFIG HELP.");
  expect(table.resolve(['foo', 'a', 'b'])).toBe(
    "ERR unknown command 'foo', with args beginning with: 'a' 'b' ",
  );
});

test('the help that an unknown subcommand is pointed to is there', () => {
  const containers = commandGroups.flat().filter(({ subcommands }) => subcommands !== undefined);
  const helpless = containers.filter(
    ({ subcommands }) => !subcommands?.some(({ name }) => name === 'help'),
  );
  expect(helpless.map(({ name }) => name)).toEqual([]);
});

test('keys are found by index, by keyword and by number', () => {
  const flags = ['RO'] as const;
  const keyNum: KeySpec = {
    flags,
    begin: { index: 1 },
    find: { keyNum: { keyNumIndex: 0, firstKey: 1, step: 1 } },
  };
  const keyword: KeySpec = {
    flags,
    begin: { keyword: 'KEYS', startFrom: -2 },
    find: { range: { lastKey: -1, step: 1, limit: 0 } },
  };
  const half: KeySpec = {
    flags,
    begin: { keyword: 'STREAMS', startFrom: 1 },
    find: { range: { lastKey: -1, step: 1, limit: 2 } },
  };
  const table = tableOf(
    { name: 'zunion', keys: [keyNum] },
    { name: 'migrate', keys: [keyword] },
    { name: 'xread', keys: [half] },
  );
  const positions = (...argv: string[]): unknown =>
    table
      .find(argv[0] as string)
      ?.keysOf(argv)
      ?.map(({ position }) => position);
  expect(positions('zunion', '2', 'a', 'b', 'WEIGHTS', '1', '2')).toEqual([2, 3]);
  expect(positions('zunion', '3', 'a', 'b')).toBeUndefined();
  expect(positions('zunion', 'x', 'a', 'b')).toBeUndefined();
  expect(positions('migrate', 'h', 'p', '', 'keys', 'a', 'b')).toEqual([5, 6]);
  expect(positions('migrate', 'h', 'p', 'a')).toEqual([]);
  expect(positions('xread', 'COUNT', '1', 'streams', 'a', 'b', '0', '0')).toEqual([4, 5]);
  expect(table.find('zunion')?.flags.has('movablekeys')).toBe(true);
});

test('categories follow from flags and group', () => {
  const table = tableOf(
    { name: 'a', flags: ['write', 'fast'], group: 'string' },
    { name: 'b', flags: ['readonly'], group: 'server', categories: ['dangerous'] },
    { name: 'c', flags: ['admin'], group: 'server' },
    container as unknown as Command,
  );
  expect(table.find('a')?.categories).toEqual(['write', 'string', 'fast']);
  expect(table.find('b')?.categories).toEqual(['read', 'slow', 'dangerous']);
  expect(table.find('c')?.categories).toEqual(['admin', 'slow', 'dangerous']);
  expect(table.find('config')?.categories).toEqual(['slow']);
});

test('a client that plays with spellings fills no memory', () => {
  const table = tableOf({ name: 'abcdefghijklmnop' });
  for (let bits = 0; bits < 10_000; bits++) {
    const spelling = [...'abcdefghijklmnop']
      .map((letter, i) => (bits & (1 << i) ? letter.toUpperCase() : letter))
      .join('');
    expect(table.find(spelling)?.fullName).toBe('abcdefghijklmnop');
  }
});

test('what touches no keys may run beside a transaction that is not done', () => {
  const free = new Set<string>();
  const look = (command: ResolvedCommand): void => {
    if (command.touchesNoKeys) free.add(command.container?.fullName ?? command.fullName);
    for (const sub of command.subcommands?.values() ?? []) look(sub);
  };
  const table = new CommandTable(commandGroups);
  for (const { name } of commandGroups.flat()) look(table.find(name) as ResolvedCommand);
  expect([...free].sort()).toEqual([
    ...['acl', 'asking', 'auth', 'client', 'cluster', 'command', 'commandlog', 'config', 'discard'],
    ...['echo', 'exec', 'hello', 'json.debug', 'latency', 'memory', 'module', 'multi'],
    ...['object', 'ping', 'psubscribe', 'publish', 'pubsub', 'punsubscribe', 'quit', 'readonly'],
    ...['readwrite', 'reset', 'select', 'slowlog', 'spublish', 'ssubscribe', 'subscribe'],
    ...['sunsubscribe', 'time', 'unsubscribe', 'unwatch', 'wait', 'waitaof', 'xgroup', 'xinfo'],
  ]);
});
