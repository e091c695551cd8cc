/** List commands that put, change and remove elements in one list. */

import type { Reply } from '../../protocol/reply.js';
import { type End, List } from '../../types/list/list.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';
import { element, elements, findList, positionOf, rangeWithin } from './arguments.js';

type Run = NonNullable<Command['run']>;

function push(end: End): Run {
  return (context, argv) => {
    const list = List.findOrCreate(context.db, argv[1] as string);
    list.push(end, argv.slice(2));
    return context.reply.integer(list.length);
  };
}

function pushIfThere(end: End): Run {
  return (context, argv) => {
    const list = findList(context, argv[1] as string);
    list?.push(end, argv.slice(2));
    return context.reply.integer(list?.length ?? 0);
  };
}

/** LINSERT key BEFORE|AFTER pivot element */
function insert(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const [, key, where, pivot, inserted] = argv as [string, string, string, string, string];
  const isAfter = isWord(where, 'after');
  if (!isAfter && !isWord(where, 'before')) fail(errors.syntax);
  const list = findList(context, key);
  if (list === undefined) return reply.integer(0);
  for (const [position, candidate] of list.from('head')) {
    if (candidate !== pivot) continue;
    list.insert(isAfter ? position + 1 : position, inserted);
    return reply.integer(list.length);
  }
  return reply.integer(-1);
}

function set(context: CommandContext, argv: readonly string[]): Reply {
  const [, key, index, replacement] = argv as [string, string, string, string];
  const list = findList(context, key) ?? fail(errors.noSuchKey);
  const position = positionOf(parseInteger(index), list.length);
  if (position < 0 || position >= list.length) fail(errors.outOfRange);
  list.set(position, replacement);
  return context.reply.ok;
}

/** LREM key count element: from the head if count is positive, from the tail if negative, all if 0. */
function remove(context: CommandContext, argv: readonly string[]): Reply {
  const count = parseInteger(argv[2] as string);
  const list = findList(context, argv[1] as string);
  if (list === undefined) return context.reply.integer(0);
  const positions: number[] = [];
  for (const [position, candidate] of list.from(count < 0 ? 'tail' : 'head')) {
    if (candidate !== argv[3]) continue;
    positions.push(position);
    if (positions.length === Math.abs(count)) break;
  }
  list.remove(count < 0 ? positions.reverse() : positions);
  return context.reply.integer(positions.length);
}

function trim(context: CommandContext, argv: readonly string[]): Reply {
  const first = parseInteger(argv[2] as string);
  const last = parseInteger(argv[3] as string);
  const list = findList(context, argv[1] as string);
  if (list === undefined) return context.reply.ok;
  list.trim(...rangeWithin(list.length, first, last));
  context.db.notifyRemoval('list', 'ltrim', list.entry);
  return context.reply.ok;
}

const insertOne = oneKey(['RW', 'insert']);

/** What pushes have in common. */
const pushes = {
  group: 'list',
  complexity: 'O(N), N being the number of elements added',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  keys: insertOne,
  arguments: [keyArgument, elements],
} as const satisfies Partial<Command>;

export const listWriteCommands: readonly Command[] = [
  {
    name: 'linsert',
    summary: 'Puts an element before or after another one.',
    since: '2.2.0',
    group: 'list',
    complexity: 'O(N), N being the elements before the other one, and those to the nearer end',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: insertOne,
    arguments: [
      keyArgument,
      {
        name: 'where',
        type: 'oneof',
        arguments: [
          { name: 'before', type: 'pure-token', token: 'BEFORE' },
          { name: 'after', type: 'pure-token', token: 'AFTER' },
        ],
      },
      { name: 'pivot', type: 'string' },
      element,
    ],
    run: insert,
  },
  {
    ...pushes,
    name: 'lpush',
    summary: 'Adds elements at the head of a list; creates the key if it is not there.',
    since: '1.0.0',
    history: [['2.4.0', 'Several elements may be given.']],
    run: push('head'),
  },
  {
    ...pushes,
    name: 'lpushx',
    summary: 'Adds elements at the head of a list that exists.',
    since: '2.2.0',
    history: [['4.0.0', 'Several elements may be given.']],
    run: pushIfThere('head'),
  },
  {
    name: 'lrem',
    summary: 'Removes elements that are equal to one, from either end.',
    since: '1.0.0',
    group: 'list',
    complexity: 'O(N), N being the number of elements of the list',
    arity: 4,
    flags: ['write'],
    keys: oneKey(['RW', 'delete']),
    arguments: [keyArgument, { name: 'count', type: 'integer' }, element],
    run: remove,
  },
  {
    name: 'lset',
    summary: 'Replaces the element at an index.',
    since: '1.0.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: oneKey(['RW', 'update']),
    arguments: [keyArgument, { name: 'index', type: 'integer' }, element],
    run: set,
  },
  {
    name: 'ltrim',
    summary: 'Removes the elements outside a range of indexes.',
    since: '1.0.0',
    group: 'list',
    complexity: 'O(N), N being the number of elements removed',
    arity: 4,
    flags: ['write'],
    keys: oneKey(['RW', 'delete']),
    arguments: [keyArgument, { name: 'start', type: 'integer' }, { name: 'stop', type: 'integer' }],
    run: trim,
  },
  {
    ...pushes,
    name: 'rpush',
    summary: 'Adds elements at the tail of a list; creates the key if it is not there.',
    since: '1.0.0',
    history: [['2.4.0', 'Several elements may be given.']],
    run: push('tail'),
  },
  {
    ...pushes,
    name: 'rpushx',
    summary: 'Adds elements at the tail of a list that exists.',
    since: '2.2.0',
    history: [['4.0.0', 'Several elements may be given.']],
    run: pushIfThere('tail'),
  },
];
