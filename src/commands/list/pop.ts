/** List commands that take elements off the ends, and put them elsewhere. */

import type { Reply } from '../../protocol/reply.js';
import { type End, move } from '../../types/list/list.js';
import { isWord, parseIntegerWithin, parseKeys } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { countedKeyArguments, countedKeys, keyArgument, keysAt, oneKey } from '../key-specs.js';
import type { ArgumentSpec, Command, KeySpec } from '../spec.js';
import { endArgument, findList, parseEnd, sourceAndDestination } from './arguments.js';

type Run = NonNullable<Command['run']>;

/** LPOP and RPOP key [count] */
function pop(end: End): Run {
  return (context, argv) => {
    const { reply } = context;
    if (argv.length > 3) {
      fail(`ERR wrong number of arguments for '${end === 'head' ? 'lpop' : 'rpop'}' command`);
    }
    const count = argv[2] === undefined ? undefined : parseCount(argv[2]);
    const list = findList(context, argv[1] as string);
    if (count === undefined) return reply.bulkOrNull(list?.pop(end, 1)[0]);
    return list === undefined ? reply.nullArray : reply.bulks(list.pop(end, count));
  };
}

function parseCount(text: string): number {
  const error = 'ERR value is out of range, must be positive';
  return parseIntegerWithin(text, 0, Number.POSITIVE_INFINITY, error);
}

/** Which elements LMPOP and BLMPOP take: of the first of the keys that has any. */
interface ManyPop {
  readonly keys: readonly string[];
  readonly end: End;
  readonly count: number;
}

/** `numkeys key … LEFT|RIGHT [COUNT count]` at `argv[at]`. @throws CommandError */
export function parseManyPop(argv: readonly string[], at: number): ManyPop {
  const { keys, next } = parseKeys(argv, at);
  const end = parseEnd(argv[next] as string);
  let count: number | undefined;
  for (let i = next + 1; i < argv.length; i += 2) {
    const value = argv[i + 1];
    if (count !== undefined || value === undefined || !isWord(argv[i] as string, 'count')) {
      fail(errors.syntax);
    }
    const error = 'ERR count should be greater than 0';
    count = parseIntegerWithin(value, 1, Number.POSITIVE_INFINITY, error);
  }
  return { keys, end, count: count ?? 1 };
}

/** The key and its elements; undefined if none of the keys has any. */
export function popMany(context: CommandContext, { keys, end, count }: ManyPop): Reply | undefined {
  const { reply } = context;
  for (const key of keys) {
    const list = findList(context, key);
    if (list === undefined) continue;
    const elements = list.pop(end, count);
    context.db.notifyRemoval('list', end === 'head' ? 'lpop' : 'rpop', list.entry);
    return reply.array([reply.bulk(key), reply.bulks(elements)]);
  }
  return undefined;
}

function popFromMany(context: CommandContext, argv: readonly string[]): Reply {
  return popMany(context, parseManyPop(argv, 1)) ?? context.reply.nullArray;
}

/** LMOVE source destination LEFT|RIGHT LEFT|RIGHT */
function moveBetween(context: CommandContext, argv: readonly string[]): Reply {
  const [, source, target, from, to] = argv as [string, string, string, string, string];
  const moved = moveElement(context, source, target, parseEnd(from), parseEnd(to));
  return context.reply.bulkOrNull(moved);
}

function moveFromTailToHead(context: CommandContext, argv: readonly string[]): Reply {
  const moved = moveElement(context, argv[1] as string, argv[2] as string, 'tail', 'head');
  return context.reply.bulkOrNull(moved);
}

export function moveElement(
  context: CommandContext,
  source: string,
  target: string,
  from: End,
  to: End,
): string | undefined {
  return move(context.db, { key: source, end: from }, { key: target, end: to });
}

export const moveKeys: readonly KeySpec[] = [
  keysAt(1, 0, 1, ['RW', 'access', 'delete']),
  keysAt(2, 0, 1, ['RW', 'insert']),
];

export const popManyArguments: readonly ArgumentSpec[] = [
  ...countedKeyArguments(),
  endArgument('where'),
  { name: 'count', type: 'integer', token: 'COUNT', flags: ['optional'] },
];

/** What LPOP and RPOP have in common. */
const pops = {
  since: '1.0.0',
  group: 'list',
  complexity: 'O(N), N being the number of elements returned',
  arity: -2,
  flags: ['write', 'fast'],
  keys: oneKey(['RW', 'access', 'delete']),
  history: [['6.2.0', 'A count may be given.']],
  arguments: [keyArgument, { name: 'count', type: 'integer', since: '6.2.0', flags: ['optional'] }],
} as const satisfies Partial<Command>;

export const listPopCommands: readonly Command[] = [
  {
    name: 'lmove',
    summary: 'Takes an element off one list and adds it to another, and returns it.',
    since: '6.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 5,
    flags: ['write', 'denyoom'],
    keys: moveKeys,
    arguments: [...sourceAndDestination, endArgument('wherefrom'), endArgument('whereto')],
    run: moveBetween,
  },
  {
    name: 'lmpop',
    summary: 'Removes and returns elements of the first list that has any.',
    since: '7.0.0',
    group: 'list',
    complexity: 'O(N+M), N being the number of keys, M of the elements returned',
    arity: -4,
    flags: ['write'],
    keys: [countedKeys(1, ['RW', 'access', 'delete'])],
    arguments: popManyArguments,
    run: popFromMany,
  },
  {
    ...pops,
    name: 'lpop',
    summary: 'Removes and returns the first elements of a list.',
    run: pop('head'),
  },
  {
    ...pops,
    name: 'rpop',
    summary: 'Removes and returns the last elements of a list.',
    run: pop('tail'),
  },
  {
    name: 'rpoplpush',
    summary: 'Takes the last element off a list, adds it to the head of another, and returns it.',
    since: '1.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'denyoom'],
    keys: moveKeys,
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
    arguments: sourceAndDestination,
    run: moveFromTailToHead,
  },
];
