/** Hash commands that change fields. */

import { isFiniteLongDouble, type LongDouble, parseLongDouble } from '../../base/long-double.js';
import type { Reply } from '../../protocol/reply.js';
import * as hash from '../../types/hash/hash.js';
import { increment, incrementFloat } from '../../types/hash/number.js';
import { parseInteger64 } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';

export function limitsOf({ server }: CommandContext): hash.CompactLimits {
  const { hashMaxListpackEntries, hashMaxListpackValue } = server.config.values.redis;
  return { fields: hashMaxListpackEntries, bytes: hashMaxListpackValue };
}

function parsePairs(argv: readonly string[], command: string): hash.Pair[] {
  if (argv.length % 2 === 1) fail(`ERR wrong number of arguments for '${command}' command`);
  const pairs = new Array<hash.Pair>((argv.length - 2) / 2);
  for (let i = 0; i < pairs.length; i++) {
    pairs[i] = [argv[2 + 2 * i] as string, argv[3 + 2 * i] as string];
  }
  return pairs;
}

function set(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const pairs = parsePairs(argv, 'hset');
  return reply.integer(hash.setMany(db, argv[1] as string, pairs, limitsOf(context)));
}

function setMany(context: CommandContext, argv: readonly string[]): Reply {
  const pairs = parsePairs(argv, 'hmset');
  hash.setMany(context.db, argv[1] as string, pairs, limitsOf(context));
  return context.reply.ok;
}

function setIfAbsent(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const pair = [argv[2] as string, argv[3] as string] as const;
  return reply.integer(hash.setIfAbsent(db, argv[1] as string, pair, limitsOf(context)) ? 1 : 0);
}

function remove({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(hash.remove(db, argv[1] as string, argv.slice(2)));
}

function incrementBy(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const [, key, field, text] = argv as [string, string, string, string];
  const by = parseInteger64(text);
  return reply.integer(increment(db, key, field, by, limitsOf(context)));
}

function parseAddend(text: string): LongDouble {
  const by = parseLongDouble(text) ?? fail(errors.notFloat);
  return isFiniteLongDouble(by) ? by : fail('ERR value is NaN or Infinity');
}

function incrementByFloat(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const [, key, field, text] = argv as [string, string, string, string];
  return reply.bulk(incrementFloat(db, key, field, parseAddend(text), limitsOf(context)));
}

const field: ArgumentSpec = { name: 'field', type: 'string' };
const value: ArgumentSpec = { name: 'value', type: 'string' };
const manyPairs: ArgumentSpec = {
  name: 'data',
  type: 'block',
  flags: ['multiple'],
  arguments: [field, value],
};

export const hashWriteCommands: readonly Command[] = [
  {
    name: 'hdel',
    summary: 'Removes fields from a hash; without fields the key goes.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields to remove',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'delete']),
    history: [['2.4.0', 'Takes several fields.']],
    arguments: [keyArgument, { ...field, flags: ['multiple'] }],
    run: remove,
  },
  {
    name: 'hincrby',
    summary: 'Adds to the integer in a field; a field that is not there counts as 0.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'access', 'update']),
    arguments: [keyArgument, field, { name: 'increment', type: 'integer' }],
    run: incrementBy,
  },
  {
    name: 'hincrbyfloat',
    summary: 'Adds to the number in a field; a field that is not there counts as 0.',
    since: '2.6.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'access', 'update']),
    arguments: [keyArgument, field, { name: 'increment', type: 'double' }],
    run: incrementByFloat,
  },
  {
    name: 'hmset',
    summary: 'Sets several fields.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields to set',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'update']),
    deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
    arguments: [keyArgument, manyPairs],
    run: setMany,
  },
  {
    name: 'hset',
    summary: 'Sets fields to values; creates the hash if it is not there.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields to set',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'update']),
    history: [['4.0.0', 'Takes several fields with their values.']],
    arguments: [keyArgument, manyPairs],
    run: set,
  },
  {
    name: 'hsetnx',
    summary: 'Sets a field, only if the hash does not have it.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'insert']),
    arguments: [keyArgument, field, value],
    run: setIfAbsent,
  },
];
