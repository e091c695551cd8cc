/** Commands that take members out of a sorted set. */

import type { Reply } from '../../protocol/reply.js';
import { lexRange } from '../../types/sorted-set/lex.js';
import { allIn, membersAt, scoreRange } from '../../types/sorted-set/range.js';
import { type ScoredMember, SortedSet } from '../../types/sorted-set/sorted-set.js';
import { parseInteger } from '../arguments.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';
import {
  membersArgument,
  pairArguments,
  parseLexInterval,
  parseScoreInterval,
} from './arguments.js';

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

export function take(set: SortedSet, members: readonly ScoredMember[]): readonly ScoredMember[] {
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

const sharedByRange = {
  group: 'sorted-set',
  complexity: 'O(log(N)+M), N being the size of the sorted set and M the members removed',
  arity: 4,
  flags: ['write'],
  keys: oneKey(['RW', 'delete']),
} as const satisfies Partial<Command>;

export const sortedSetRemoveCommands: readonly Command[] = [
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
];
