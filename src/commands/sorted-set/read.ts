/** Sorted set commands that look at members, or count them. */

import type { NameRange } from '../../keyspace/collection.js';
import type { Database } from '../../keyspace/database.js';
import type { Reply } from '../../protocol/reply.js';
import { lexRange } from '../../types/sorted-set/lex.js';
import {
  countIn,
  countStored,
  ORDER,
  rankOf,
  rankStored,
  scoreRange,
} from '../../types/sorted-set/range.js';
import { SortedSet, scoreName } from '../../types/sorted-set/sorted-set.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import { answerLater } from '../large-reply.js';
import type { Command } from '../spec.js';
import {
  memberArgument,
  membersArgument,
  pairArguments,
  parseLexInterval,
  parseScoreInterval,
} from './arguments.js';

function runCard({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(SortedSet.find(db, argv[1] as string)?.size ?? 0);
}

function runScore({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const score = SortedSet.find(db, argv[1] as string)?.score(argv[2] as string);
  return score === undefined ? reply.nullBulk : reply.double(score);
}

function runScores({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const set = SortedSet.find(db, argv[1] as string);
  const members = argv.slice(2);
  set?.need(members);
  const scores = members.map((member) => set?.score(member));
  return reply.array(
    scores.map((score) => (score === undefined ? reply.nullBulk : reply.double(score))),
  );
}

/** ZRANK, or with `reverse` ZREVRANK. */
function rank(context: CommandContext, argv: readonly string[], reverse: boolean): Reply {
  const { db, reply } = context;
  const [name = '', key = '', member = '', option] = argv;
  if (argv.length > 4) {
    fail(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
  }
  if (option !== undefined && !isWord(option, 'withscore')) fail(errors.syntax);
  const set = SortedSet.find(db, key);
  const score = set?.score(member);
  if (set === undefined || score === undefined) {
    return option === undefined ? reply.nullBulk : reply.nullArray;
  }
  const answer = (place: number): string => {
    if (option === undefined) return reply.integer(place);
    return reply.arrayHead(2) + reply.integer(place) + reply.double(score);
  };
  if (db.mustFinish) makeResident(db, set);
  const place = rankOf(set, member, score, reverse);
  if (place !== undefined) return answer(place);
  return answerLater(context, set.entry, ORDER, async (snapshot) =>
    answer(await rankStored(snapshot, set, scoreName(score, member), reverse)),
  );
}

/** Counting what is not resident takes a reply that is worked out later. */
function makeResident(db: Database, { entry }: SortedSet): void {
  db.scanData(entry, { ...ORDER, reverse: false, limit: Number.POSITIVE_INFINITY });
}

function runCount(context: CommandContext, argv: readonly string[]): Reply {
  const range = scoreRange(parseScoreInterval(argv[2] as string, argv[3] as string));
  return count(context, argv, () => range);
}

function runLexCount(context: CommandContext, argv: readonly string[]): Reply {
  const interval = parseLexInterval(argv[2] as string, argv[3] as string);
  return count(context, argv, (set) => lexRange(set, interval));
}

function count(
  context: CommandContext,
  argv: readonly string[],
  rangeOf: (set: SortedSet) => NameRange,
): Reply {
  const { db, reply } = context;
  const set = SortedSet.find(db, argv[1] as string);
  if (set === undefined) return reply.integer(0);
  const range = rangeOf(set);
  if (db.mustFinish) makeResident(db, set);
  const counted = countIn(set, range);
  if (counted !== undefined) return reply.integer(counted);
  return answerLater(context, set.entry, ORDER, async (snapshot) =>
    reply.integer(await countStored(snapshot, set, range)),
  );
}

const shared = {
  group: 'sorted-set',
  flags: ['readonly', 'fast'],
  keys: oneKey(['RO', 'access']),
} as const satisfies Partial<Command>;

const sharedByRank = {
  ...shared,
  since: '2.0.0',
  complexity: 'O(log(N)), N being the size of the sorted set',
  arity: -3,
  history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
  arguments: [keyArgument, memberArgument, { ...token('WITHSCORE'), flags: ['optional'] }],
} as const satisfies Partial<Command>;

export const sortedSetReadCommands: readonly Command[] = [
  {
    ...shared,
    name: 'zcard',
    summary: 'Returns the number of members of a sorted set.',
    since: '1.2.0',
    complexity: 'O(1)',
    arity: 2,
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: runCard,
  },
  {
    ...shared,
    name: 'zcount',
    summary: 'Counts the members between two scores.',
    since: '2.0.0',
    complexity: 'O(log(N)), N being the size of the sorted set',
    arity: 4,
    arguments: [keyArgument, ...pairArguments('double', 'min', 'max')],
    run: runCount,
  },
  {
    ...shared,
    name: 'zlexcount',
    summary: 'Counts the members between two members, if all have the same score.',
    since: '2.8.9',
    complexity: 'O(log(N)), N being the size of the sorted set',
    arity: 4,
    arguments: [keyArgument, ...pairArguments('string', 'min', 'max')],
    run: runLexCount,
  },
  {
    ...shared,
    name: 'zmscore',
    summary: 'Returns the scores of several members; null for those that are none.',
    since: '6.2.0',
    complexity: 'O(N), N being the number of members asked for',
    arity: -3,
    arguments: [keyArgument, membersArgument],
    run: runScores,
  },
  {
    ...sharedByRank,
    name: 'zrank',
    summary: 'Returns how many members have a lower place than the given one.',
    run: (context, argv) => rank(context, argv, false),
  },
  {
    ...sharedByRank,
    name: 'zrevrank',
    summary: 'Returns how many members have a higher place than the given one.',
    run: (context, argv) => rank(context, argv, true),
  },
  {
    ...shared,
    name: 'zscore',
    summary: 'Returns the score of a member.',
    since: '1.2.0',
    complexity: 'O(1)',
    arity: 3,
    arguments: [keyArgument, memberArgument],
    run: runScore,
  },
];
