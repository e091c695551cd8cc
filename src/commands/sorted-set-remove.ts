/** Commands that take members out of a sorted set. */

import type { Reply } from '../protocol/reply.js';
import { type ScoredMember, SortedSet } from '../types/sorted-set.js';
import { allIn, lexRange, membersAt, scoreRange } from '../types/sorted-set-range.js';
import { isWord, parseInteger, parseIntegerWithin } from './arguments.js';
import { errors, fail } from './command-error.js';
import type { CommandContext } from './context.js';
import { keyArgument, oneKey } from './key-specs.js';
import { parseKeys } from './list-arguments.js';
import {
  membersArgument,
  oneOfTokens,
  pairArguments,
  parseLexInterval,
  parseScoreInterval,
} from './sorted-set-arguments.js';
import { flatReply, pairsReply } from './sorted-set-reply.js';
import type { Command } from './spec.js';

function runRemove({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const set = SortedSet.find(db, argv[1] as string);
  if (set === undefined) return reply.integer(0);
  const before = set.size;
  const members = argv.slice(2);
  set.need(members);
  for (const member of members) {
    const score = set.score(member);
    if (score !== undefined) set.remove(member, score);
  }
  set.save();
  return reply.integer(before - set.size);
}

/** Removes what is found in the set; the number of members is the reply. */
function removeFound(
  { db, reply }: CommandContext,
  key: string,
  find: (set: SortedSet) => readonly ScoredMember[],
): Reply {
  const set = SortedSet.find(db, key);
  if (set === undefined) return reply.integer(0);
  return reply.integer(take(set, find(set)).length);
}

function take(set: SortedSet, members: readonly ScoredMember[]): readonly ScoredMember[] {
  for (const { member, score } of members) set.remove(member, score);
  set.save();
  return members;
}

function runRemoveByRank(context: CommandContext, argv: readonly string[]): Reply {
  const start = parseInteger(argv[2] as string);
  const stop = parseInteger(argv[3] as string);
  return removeFound(context, argv[1] as string, (set) => membersAt(set, start, stop, false));
}

function runRemoveByScore(context: CommandContext, argv: readonly string[]): Reply {
  const interval = parseScoreInterval(argv[2] as string, argv[3] as string);
  return removeFound(context, argv[1] as string, (set) => allIn(set, scoreRange(interval)));
}

function runRemoveByLex(context: CommandContext, argv: readonly string[]): Reply {
  const interval = parseLexInterval(argv[2] as string, argv[3] as string);
  return removeFound(context, argv[1] as string, (set) => allIn(set, lexRange(set, interval)));
}

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

/** ZMPOP: from the first sorted set that is there. */
function runPopFromMany({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const { keys, next } = parseKeys(argv, 1);
  const where = (argv[next] as string).toLowerCase();
  if (where !== 'min' && where !== 'max') fail(errors.syntax);
  const count = parsePopCount(argv, next + 1);
  for (const key of keys) {
    const set = SortedSet.find(db, key);
    if (set === undefined) continue;
    const popped = take(set, membersAt(set, 0, count - 1, where === 'max'));
    return reply.array([reply.bulk(key), pairsReply(reply, popped)]);
  }
  return reply.nullArray;
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

const sharedByRange = {
  group: 'sorted-set',
  complexity: 'O(log(N)+M), N being the size of the sorted set and M the members removed',
  arity: 4,
  flags: ['write'],
  keys: oneKey(['RW', 'delete']),
} as const satisfies Partial<Command>;

const sharedByPop = {
  group: 'sorted-set',
  since: '5.0.0',
  complexity: 'O(log(N)*M), N being the size of the sorted set and M the members removed',
  arity: -2,
  flags: ['write', 'fast'],
  keys: oneKey(['RW', 'access', 'delete']),
  arguments: [keyArgument, { name: 'count', type: 'integer', flags: ['optional'] }],
} as const satisfies Partial<Command>;

export const sortedSetRemoveCommands: readonly Command[] = [
  {
    name: 'zmpop',
    summary: 'Removes and returns members of the first sorted set that is there.',
    since: '7.0.0',
    group: 'sorted-set',
    complexity:
      'O(K)+O(M*log(N)), K being the number of keys, N the size of the sorted set and M the members removed',
    arity: -4,
    flags: ['write'],
    keys: [
      {
        flags: ['RW', 'access', 'delete'],
        begin: { index: 1 },
        find: { keyNum: { keyNumIndex: 0, firstKey: 1, step: 1 } },
      },
    ],
    arguments: [
      { name: 'numkeys', type: 'integer' },
      { ...keyArgument, flags: ['multiple'] },
      oneOfTokens('where', 'MIN', 'MAX'),
      { name: 'count', type: 'integer', token: 'COUNT', flags: ['optional'] },
    ],
    run: runPopFromMany,
  },
  {
    name: 'zrem',
    summary: 'Removes members from a sorted set.',
    since: '1.2.0',
    group: 'sorted-set',
    complexity: 'O(M*log(N)), N being the size of the sorted set and M the members removed',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'delete']),
    history: [['2.4.0', 'Accepts multiple elements.']],
    arguments: [keyArgument, membersArgument],
    run: runRemove,
  },
  {
    ...sharedByRange,
    name: 'zremrangebylex',
    summary: 'Removes the members between two members, if all have the same score.',
    since: '2.8.9',
    arguments: [keyArgument, ...pairArguments('string', 'min', 'max')],
    run: runRemoveByLex,
  },
  {
    ...sharedByRange,
    name: 'zremrangebyrank',
    summary: 'Removes the members between two ranks.',
    since: '2.0.0',
    arguments: [keyArgument, ...pairArguments('integer', 'start', 'stop')],
    run: runRemoveByRank,
  },
  {
    ...sharedByRange,
    name: 'zremrangebyscore',
    summary: 'Removes the members between two scores.',
    since: '1.2.0',
    arguments: [keyArgument, ...pairArguments('double', 'min', 'max')],
    run: runRemoveByScore,
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
