/** Commands that take the members with the lowest or highest scores, at once or as soon as there are any. */

import { ValueType } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { membersAt } from '../../types/sorted-set/range.js';
import { SortedSet } from '../../types/sorted-set/sorted-set.js';
import { isWord, parseIntegerWithin, parseKeys } from '../arguments.js';
import { parseTimeout, timeoutArgument } from '../blocking.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import {
  countedKeyArguments,
  countedKeys,
  keyArgument,
  keyArguments,
  keysAt,
  oneKey,
} from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { oneOfTokens } from './arguments.js';
import { take } from './remove.js';
import { flatReply, pairsReply } from './reply.js';

/** ZPOPMIN, or with `reverse` ZPOPMAX. */
function pop({ db, reply }: CommandContext, argv: readonly string[], reverse: boolean): Reply {
  if (argv.length > 3) fail(errors.syntax);
  const outOfRange = 'ERR value is out of range, must be positive';
  const count =
    argv.length < 3
      ? undefined
      : parseIntegerWithin(argv[2] as string, 0, Number.POSITIVE_INFINITY, outOfRange);
  const set = SortedSet.find(db, argv[1] as string);
  if (set === undefined || count === 0) return reply.emptyArray;
  const popped = take(set, membersAt(set, 0, (count ?? 1) - 1, reverse));
  const nested = count !== undefined && reply.version === 3;
  return nested ? pairsReply(reply, popped) : flatReply(reply, popped);
}

/** What ZMPOP is to take. */
interface ManyPop {
  readonly keys: readonly string[];
  readonly reverse: boolean;
  readonly count: number;
}

/** `numkeys key … MIN|MAX [COUNT count]` from `argv[at]` on. */
function parseManyPop(argv: readonly string[], at: number): ManyPop {
  const { keys, next } = parseKeys(argv, at);
  const where = (argv[next] as string).toLowerCase();
  if (where !== 'min' && where !== 'max') fail(errors.syntax);
  return { keys, reverse: where === 'max', count: parsePopCount(argv, next + 1) };
}

/** `[COUNT count]` from `argv[at]` to the end. */
function parsePopCount(argv: readonly string[], at: number): number {
  if (at === argv.length) return 1;
  const value = argv[at + 1];
  if (!isWord(argv[at] as string, 'count') || value === undefined) return fail(errors.syntax);
  const error = 'ERR count should be greater than 0';
  const count = parseIntegerWithin(value, 1, Number.POSITIVE_INFINITY, error);
  return at + 2 < argv.length ? fail(errors.syntax) : count;
}

/** The key and its members; undefined if none of the keys has any. */
function popMany(
  { db, reply }: CommandContext,
  { keys, reverse, count }: ManyPop,
): Reply | undefined {
  for (const key of keys) {
    const set = SortedSet.find(db, key);
    if (set === undefined) continue;
    const popped = take(set, membersAt(set, 0, count - 1, reverse));
    db.notifyRemoval('sortedSet', reverse ? 'zpopmax' : 'zpopmin', set.entry);
    return reply.array([reply.bulk(key), pairsReply(reply, popped)]);
  }
  return undefined;
}

/** ZMPOP numkeys key … MIN|MAX [COUNT count] */
function runPopMany(context: CommandContext, argv: readonly string[]): Reply {
  return popMany(context, parseManyPop(argv, 1)) ?? context.reply.nullArray;
}

/** BZMPOP timeout numkeys key … MIN|MAX [COUNT count] */
function popManyOrWait(context: CommandContext, argv: readonly string[]): Reply {
  const wanted = parseManyPop(argv, 2);
  const timeout = parseTimeout(argv[1] as string);
  return popMany(context, wanted) ?? waitFor(context, wanted.keys, timeout);
}

/** BZPOPMIN and BZPOPMAX key … timeout */
function popOrWait(context: CommandContext, argv: readonly string[], reverse: boolean): Reply {
  const { db, reply } = context;
  const timeout = parseTimeout(argv[argv.length - 1] as string);
  const keys = argv.slice(1, -1);
  for (const key of keys) {
    const set = SortedSet.find(db, key);
    if (set === undefined) continue;
    const [popped] = take(set, membersAt(set, 0, 0, reverse));
    if (popped === undefined) continue;
    return reply.array([reply.bulk(key), reply.bulk(popped.member), reply.double(popped.score)]);
  }
  return waitFor(context, keys, timeout);
}

function waitFor(context: CommandContext, keys: readonly string[], timeout: number): Reply {
  return context.block({ keys, type: ValueType.zset, timeout, otherwise: context.reply.nullArray });
}

const sharedByPop = {
  group: 'sorted-set',
  since: '5.0.0',
  complexity: 'O(log(N)*M), N being the size of the sorted set and M the members removed',
  arity: -2,
  flags: ['write', 'fast'],
  keys: oneKey(['RW', 'access', 'delete']),
  arguments: [keyArgument, { name: 'count', type: 'integer', flags: ['optional'] }],
} as const satisfies Partial<Command>;

const sharedByWait = {
  group: 'sorted-set',
  since: '5.0.0',
  complexity: 'O(log(N)), N being the size of the sorted set',
  arity: -3,
  flags: ['write', 'noscript', 'blocking', 'fast'],
  keys: [keysAt(1, -2, 1, ['RW', 'access', 'delete'])],
  history: [['6.0.0', 'The timeout may have a fraction.']],
  arguments: [keyArguments, timeoutArgument],
} as const satisfies Partial<Command>;

const sharedByMany = {
  group: 'sorted-set',
  since: '7.0.0',
  complexity:
    'O(K)+O(M*log(N)), K being the number of keys, N the size of the sorted set and M the members removed',
} as const satisfies Partial<Command>;

const manyArguments: readonly ArgumentSpec[] = [
  ...countedKeyArguments(),
  oneOfTokens('where', 'MIN', 'MAX'),
  { name: 'count', type: 'integer', token: 'COUNT', flags: ['optional'] },
];

export const sortedSetPopCommands: readonly Command[] = [
  {
    ...sharedByMany,
    name: 'bzmpop',
    summary:
      'Removes and returns members of the first sorted set that has any, as soon as one has.',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [countedKeys(2, ['RW', 'access', 'delete'])],
    arguments: [timeoutArgument, ...manyArguments],
    run: popManyOrWait,
  },
  {
    ...sharedByWait,
    name: 'bzpopmax',
    summary: 'Removes and returns the member with the highest score, as soon as there is one.',
    run: (context, argv) => popOrWait(context, argv, true),
  },
  {
    ...sharedByWait,
    name: 'bzpopmin',
    summary: 'Removes and returns the member with the lowest score, as soon as there is one.',
    run: (context, argv) => popOrWait(context, argv, false),
  },
  {
    ...sharedByMany,
    name: 'zmpop',
    summary: 'Removes and returns members of the first sorted set that is there.',
    arity: -4,
    flags: ['write'],
    keys: [countedKeys(1, ['RW', 'access', 'delete'])],
    arguments: manyArguments,
    run: runPopMany,
  },
  {
    ...sharedByPop,
    name: 'zpopmax',
    summary: 'Removes and returns the members with the highest scores.',
    run: (context, argv) => pop(context, argv, true),
  },
  {
    ...sharedByPop,
    name: 'zpopmin',
    summary: 'Removes and returns the members with the lowest scores.',
    run: (context, argv) => pop(context, argv, false),
  },
];
