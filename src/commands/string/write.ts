/** String commands that put values, whole or in part. */

import type { Argument } from '../../base/large-string.js';
import { NEVER } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import * as string from '../../types/string/string.js';
import type { StringValue } from '../../types/string/value.js';
import { type OptionSpec, parseInteger, parseOptions, textArgument } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { expireAfter, expiryArguments, expiryOf, expiryOptions } from '../generic/expiry.js';
import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command, KeyReference } from '../spec.js';
import { entryReply, longestString } from './reply.js';

/** The most used command after GET: without options it is one put. */
function set(context: CommandContext, argv: readonly Argument[]): Reply {
  const [, key, value] = argv;
  if (argv.length > 3) return setWithOptions(context, argv);
  const name = textArgument(key);
  if (typeof value === 'string') context.db.put(name, value);
  else string.set(context.db, name, value as StringValue);
  context.db.notify('string', 'set', name);
  return context.reply.ok;
}

const setOptions: ReadonlyMap<string, OptionSpec> = new Map<string, OptionSpec>([
  ...expiryOptions,
  ['keepttl', { group: 'expiry' }],
  ['nx', { group: 'condition' }],
  ['xx', { group: 'condition' }],
  ['get', { group: 'get' }],
]);

function setWithOptions(context: CommandContext, argv: readonly Argument[]): Reply {
  const { db, reply } = context;
  const key = textArgument(argv[1]);
  const options = parseOptions(argv, 3, setOptions);
  const timing = options.get('expiry');
  const condition = options.get('condition')?.name;
  const expireAt = expiryOf(timing, context, 'set');
  const returnsOld = options.has('get');
  const old = returnsOld ? entryReply(context, string.find(context.db, key)) : undefined;
  const needsOld = condition !== undefined || timing?.name === 'keepttl';
  const entry = needsOld ? db.entry(key) : undefined;
  if (condition !== undefined && (condition === 'nx') === (entry !== undefined)) {
    return old ?? reply.nullBulk;
  }
  const kept = timing?.name === 'keepttl' ? string.expiryOf(entry) : NEVER;
  string.set(db, key, argv[2] as StringValue, expireAt ?? kept);
  noteSet(db, key, expireAt !== undefined);
  return old ?? reply.ok;
}

function noteSet(db: CommandContext['db'], key: string, expires: boolean): void {
  db.notify('string', 'set', key);
  if (expires) db.notify('generic', 'expire', key);
}

/** With GET the old value is read, which the key spec alone cannot tell. */
function setKeys(argv: readonly Argument[]): readonly KeyReference[] {
  const reads = argv.some(
    (argument, i) => i >= 3 && textArgument(argument).toLowerCase() === 'get',
  );
  return [{ position: 1, flags: reads ? ['RW', 'access', 'update'] : ['OW', 'update'] }];
}

function setAndExpire(unit: 'seconds' | 'milliseconds') {
  const name = unit === 'seconds' ? 'setex' : 'psetex';
  return (context: CommandContext, argv: readonly Argument[]): Reply => {
    const expireAt = expireAfter(textArgument(argv[2]), unit, context, name);
    const key = textArgument(argv[1]);
    string.set(context.db, key, argv[3] as StringValue, expireAt);
    noteSet(context.db, key, true);
    return context.reply.ok;
  };
}

function setIfAbsent({ db, reply }: CommandContext, argv: readonly Argument[]): Reply {
  const key = textArgument(argv[1]);
  if (db.entry(key) !== undefined) return reply.integer(0);
  string.set(db, key, argv[2] as StringValue);
  return reply.integer(1);
}

function getAndSet(context: CommandContext, argv: readonly Argument[]): Reply {
  const key = textArgument(argv[1]);
  const old = entryReply(context, string.find(context.db, key));
  string.set(context.db, key, argv[2] as StringValue);
  return old;
}

function setMany({ db, reply }: CommandContext, argv: readonly Argument[]): Reply {
  checkPairs(argv, 'mset');
  putPairs(argv, db);
  return reply.ok;
}

function setManyIfAbsent({ db, reply }: CommandContext, argv: readonly Argument[]): Reply {
  checkPairs(argv, 'msetnx');
  for (let i = 1; i < argv.length; i += 2) {
    if (db.entry(textArgument(argv[i])) !== undefined) return reply.integer(0);
  }
  putPairs(argv, db);
  return reply.integer(1);
}

function checkPairs(argv: readonly Argument[], command: string): void {
  if (argv.length % 2 === 0) fail(`ERR wrong number of arguments for '${command}' command`);
}

function putPairs(argv: readonly Argument[], db: CommandContext['db']): void {
  for (let i = 1; i < argv.length; i += 2) {
    const key = textArgument(argv[i]);
    string.set(db, key, argv[i + 1] as StringValue);
    db.notify('string', 'set', key);
  }
}

function append(context: CommandContext, argv: readonly Argument[]): Reply {
  const { db, reply } = context;
  const key = textArgument(argv[1]);
  return reply.integer(string.append(db, key, argv[2] as StringValue, longestString(context)));
}

function setRange(context: CommandContext, argv: readonly Argument[]): Reply {
  const { db, reply } = context;
  const key = textArgument(argv[1]);
  const offset = parseInteger(textArgument(argv[2]));
  if (offset < 0) fail('ERR offset is out of range');
  const bytes = argv[3] as StringValue;
  return reply.integer(string.setRange(db, key, offset, bytes, longestString(context)));
}

const value: ArgumentSpec = { name: 'value', type: 'string' };
const overwriteOne = oneKey(['OW', 'update']);
const manyPairs: ArgumentSpec = {
  name: 'data',
  type: 'block',
  flags: ['multiple'],
  arguments: [keyArgument, value],
};

export const stringWriteCommands: readonly Command[] = [
  {
    name: 'append',
    summary: 'Adds bytes at the end of a value; creates the key if it is not there.',
    since: '2.0.0',
    group: 'string',
    complexity: 'O(N), N being the number of bytes added',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'insert']),
    arguments: [keyArgument, value],
    runLarge: append,
  },
  {
    name: 'getset',
    summary: 'Sets a key and returns the value it had.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'access', 'update']),
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
    arguments: [keyArgument, value],
    runLarge: getAndSet,
  },
  {
    name: 'mset',
    summary: 'Sets several keys, all of them or none.',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N), N being the number of keys',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysAt(1, -1, 2, ['OW', 'update'])],
    tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
    arguments: [manyPairs],
    runLarge: setMany,
  },
  {
    name: 'msetnx',
    summary: 'Sets several keys, only if none of them exists.',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N), N being the number of keys',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysAt(1, -1, 2, ['OW', 'insert'])],
    arguments: [manyPairs],
    runLarge: setManyIfAbsent,
  },
  {
    name: 'psetex',
    summary: 'Sets a key that expires after some milliseconds.',
    since: '2.6.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: overwriteOne,
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
    arguments: [keyArgument, { name: 'milliseconds', type: 'integer' }, value],
    runLarge: setAndExpire('milliseconds'),
  },
  {
    name: 'set',
    summary: 'Sets a key to a value, whatever it held; can expire it, and can be made conditional.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: oneKey(
      ['RW', 'access', 'update', 'variable_flags'],
      'RW and ACCESS due to the optional `GET` argument',
    ),
    findKeys: setKeys,
    history: [
      ['2.6.12', 'The `EX`, `PX`, `NX` and `XX` options.'],
      ['6.0.0', 'The `KEEPTTL` option.'],
      ['6.2.0', 'The `GET`, `EXAT` and `PXAT` options.'],
      ['7.0.0', '`NX` and `GET` may be given together.'],
    ],
    arguments: [
      keyArgument,
      value,
      {
        name: 'condition',
        type: 'oneof',
        since: '2.6.12',
        flags: ['optional'],
        arguments: [token('NX'), token('XX')],
      },
      { ...token('GET', '6.2.0'), flags: ['optional'] },
      {
        name: 'expiration',
        type: 'oneof',
        flags: ['optional'],
        arguments: [...expiryArguments(true), token('KEEPTTL', '6.0.0')],
      },
    ],
    runLarge: set,
  },
  {
    name: 'setex',
    summary: 'Sets a key that expires after some seconds.',
    since: '2.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: overwriteOne,
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
    arguments: [keyArgument, { name: 'seconds', type: 'integer' }, value],
    runLarge: setAndExpire('seconds'),
  },
  {
    name: 'setnx',
    summary: 'Sets a key, only if it does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['OW', 'insert']),
    deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
    arguments: [keyArgument, value],
    runLarge: setIfAbsent,
  },
  {
    name: 'setrange',
    summary:
      'Writes bytes over a value from an offset on, with zeros before them if it is shorter.',
    since: '2.2.0',
    group: 'string',
    complexity: 'O(M), M being the number of bytes written',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: oneKey(['RW', 'update']),
    arguments: [keyArgument, { name: 'offset', type: 'integer' }, value],
    runLarge: setRange,
  },
];
