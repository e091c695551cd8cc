/** Hash commands that read. */

import type { Reply } from '../../protocol/reply.js';
import { fieldIn } from '../../types/hash/field.js';
import * as hash from '../../types/hash/hash.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import { streamIfLarge } from '../large-reply.js';
import type { ArgumentSpec, Command } from '../spec.js';

function get({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.bulkOrNull(hash.get(db, argv[1] as string, argv[2] as string));
}

function getMany({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const values = hash.getMany(db, argv[1] as string, argv.slice(2));
  return reply.array(values.map((value) => reply.bulkOrNull(value)));
}

/** What HGETALL, HKEYS or HVALS say of each field, and how the whole is headed. */
interface Listing {
  readonly head: (count: number) => string;
  readonly encode: (pair: hash.Pair) => string;
}

function list(context: CommandContext, key: string, { head, encode }: Listing): Reply {
  const { db } = context;
  const entry = hash.find(db, key);
  if (entry === undefined) return head(0);
  const { now } = db;
  const encodeRecord = (name: string, value: string): string => {
    const pair = fieldIn(name, value, now);
    return pair === undefined ? '' : encode(pair);
  };
  const part = hash.allRecords(db, entry);
  const streamed = streamIfLarge(context, entry, part, { head, encode: encodeRecord });
  if (streamed !== undefined) return streamed;
  const pairs = hash.getAll(db, key);
  return context.reply.joined(head(pairs.length), pairs.map(encode));
}

function getAll(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const encode = ([field, value]: hash.Pair): string => reply.bulk(field) + reply.bulk(value);
  return list(context, argv[1] as string, { head: reply.mapHead, encode });
}

function fields(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const encode = ([field]: hash.Pair): string => reply.bulk(field);
  return list(context, argv[1] as string, { head: reply.arrayHead, encode });
}

function values(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const encode = ([, value]: hash.Pair): string => reply.bulk(value);
  return list(context, argv[1] as string, { head: reply.arrayHead, encode });
}

function length({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(hash.length(db, argv[1] as string));
}

function exists({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const value = hash.get(db, argv[1] as string, argv[2] as string);
  return reply.integer(value === undefined ? 0 : 1);
}

function valueLength({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const value = hash.get(db, argv[1] as string, argv[2] as string);
  return reply.integer(value?.length ?? 0);
}

const field: ArgumentSpec = { name: 'field', type: 'string' };
const accessOne = oneKey(['RO', 'access']);
const unordered = ['nondeterministic_output_order'] as const;

export const hashReadCommands: readonly Command[] = [
  {
    name: 'hexists',
    summary: 'Tells whether a hash has a field.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument, field],
    run: exists,
  },
  {
    name: 'hget',
    summary: 'Returns the value of a field.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: accessOne,
    arguments: [keyArgument, field],
    run: get,
  },
  {
    name: 'hgetall',
    summary: 'Returns all fields of a hash with their values.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields',
    arity: 2,
    flags: ['readonly'],
    keys: accessOne,
    tips: unordered,
    arguments: [keyArgument],
    run: getAll,
  },
  {
    name: 'hkeys',
    summary: 'Returns the names of all fields of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields',
    arity: 2,
    flags: ['readonly'],
    keys: accessOne,
    tips: unordered,
    arguments: [keyArgument],
    run: fields,
  },
  {
    name: 'hlen',
    summary: 'Returns how many fields a hash has.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: length,
  },
  {
    name: 'hmget',
    summary: 'Returns the values of several fields.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields asked for',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: accessOne,
    arguments: [keyArgument, { ...field, flags: ['multiple'] }],
    run: getMany,
  },
  {
    name: 'hstrlen',
    summary: 'Returns the length of the value of a field, in bytes.',
    since: '3.2.0',
    group: 'hash',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument, field],
    run: valueLength,
  },
  {
    name: 'hvals',
    summary: 'Returns all values of a hash.',
    since: '2.0.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields',
    arity: 2,
    flags: ['readonly'],
    keys: accessOne,
    tips: unordered,
    arguments: [keyArgument],
    run: values,
  },
];
