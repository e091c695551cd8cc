/** String commands that read, or read and then delete or expire. */

import { NEVER } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import * as string from '../../types/string/string.js';
import { type OptionSpec, parseInteger, parseOptions } from '../arguments.js';
import type { CommandContext } from '../context.js';
import { expiryArguments, expiryOf, expiryOptions } from '../generic/expiry.js';
import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { entryReply, rangeReply } from './reply.js';

function get(context: CommandContext, argv: readonly string[]): Reply {
  const entry = string.find(context.db, argv[1] as string);
  const record = entry?.record;
  // What most are: not by way of what any may be.
  if (typeof record === 'string') return context.reply.bulk(record);
  return entryReply(context, entry);
}

function getDelete(context: CommandContext, argv: readonly string[]): Reply {
  const answer = get(context, argv);
  context.db.delete(argv[1] as string);
  return answer;
}

const getexOptions: ReadonlyMap<string, OptionSpec> = new Map<string, OptionSpec>([
  ...expiryOptions,
  ['persist', { group: 'expiry' }],
]);

function getAndExpire(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const key = argv[1] as string;
  const option = parseOptions(argv, 2, getexOptions).get('expiry');
  const entry = string.find(db, key);
  if (entry === undefined) return reply.nullBulk;
  const expireAt = option?.name === 'persist' ? NEVER : expiryOf(option, context, 'getex');
  const answer = entryReply(context, entry);
  if (expireAt === undefined) return answer;
  if (expireAt !== NEVER && expireAt <= db.now) {
    db.delete(key);
    db.notify('generic', 'del', key);
  } else if (expireAt !== NEVER || string.expiryOf(entry) !== NEVER) {
    db.setExpiry(key, expireAt);
    db.notify('generic', expireAt === NEVER ? 'persist' : 'expire', key);
  }
  return answer;
}

function getRange(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const first = parseInteger(argv[2] as string);
  const last = parseInteger(argv[3] as string);
  const entry = string.find(db, argv[1] as string);
  const length = entry?.record === undefined ? 0 : string.lengthOf(entry.record);
  const range = string.rangeWithin(length, first, last);
  if (entry === undefined || range === undefined) return reply.bulk('');
  return rangeReply(context, entry, ...range);
}

function getMany(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const replies: Reply[] = [];
  for (let i = 1; i < argv.length; i++) {
    const entry = db.entry(argv[i] as string);
    const found = entry?.record !== undefined && string.isString(entry.record);
    replies.push(found ? entryReply(context, entry) : reply.nullBulk);
  }
  return reply.array(replies);
}

function length({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(string.length(db, argv[1] as string));
}

const readOne = oneKey(['RO', 'access']);

const rangeArguments = [
  keyArgument,
  { name: 'start', type: 'integer' },
  { name: 'end', type: 'integer' },
] as const;

export const stringReadCommands: readonly Command[] = [
  {
    name: 'get',
    summary: 'Returns the value of a key.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: readOne,
    arguments: [keyArgument],
    run: get,
  },
  {
    name: 'getdel',
    summary: 'Returns the value of a key and deletes the key.',
    since: '6.2.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'access', 'delete']),
    arguments: [keyArgument],
    run: getDelete,
  },
  {
    name: 'getex',
    summary: 'Returns the value of a key and sets or removes its expiry.',
    since: '6.2.0',
    group: 'string',
    complexity: 'O(1)',
    arity: -2,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'access', 'update'], 'RW and UPDATE because it changes the TTL'),
    arguments: [
      keyArgument,
      {
        name: 'expiration',
        type: 'oneof',
        flags: ['optional'],
        arguments: [...expiryArguments(false), token('PERSIST')],
      },
    ],
    run: getAndExpire,
  },
  {
    name: 'getrange',
    summary: 'Returns the bytes of a value between two offsets, both included.',
    since: '2.4.0',
    group: 'string',
    complexity: 'O(N), N being the number of bytes returned',
    arity: 4,
    flags: ['readonly'],
    keys: readOne,
    arguments: rangeArguments,
    run: getRange,
  },
  {
    name: 'mget',
    summary: 'Returns the values of several keys; null for those that hold no string.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(N), N being the number of keys',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysAt(1, -1, 1, ['RO', 'access'])],
    tips: ['request_policy:multi_shard'],
    arguments: [{ ...keyArgument, flags: ['multiple'] }],
    run: getMany,
  },
  {
    name: 'strlen',
    summary: 'Returns the length of a value in bytes; 0 without a key.',
    since: '2.2.0',
    group: 'string',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: length,
  },
  {
    name: 'substr',
    summary: 'Returns the bytes of a value between two offsets, both included.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(N), N being the number of bytes returned',
    arity: 4,
    flags: ['readonly'],
    keys: readOne,
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    arguments: rangeArguments,
    run: getRange,
  },
];
