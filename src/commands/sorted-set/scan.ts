/** ZSCAN and ZRANDMEMBER. */

import { formatDouble } from '../../protocol/double.js';
import type { Reply } from '../../protocol/reply.js';
import { randomMembers, scan } from '../../types/sorted-set/scan.js';
import { SortedSet } from '../../types/sorted-set/sorted-set.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import { checkDrawn, parseRandomCount } from '../random-count.js';
import { parseCursor, parseScanOptions, scanArguments, scanReply } from '../scan-options.js';
import type { Command } from '../spec.js';
import { withScoresArgument } from './arguments.js';
import { membersReply } from './reply.js';

/** As in Redis, what follows the cursor is not looked at if there is no such key. */
function runScan({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const cursor = parseCursor(argv[2] as string);
  const set = SortedSet.find(db, argv[1] as string);
  if (set === undefined) return scanReply(reply, 0, []);
  const { count, matches } = parseScanOptions(argv, 3);
  const page = scan(set, cursor, count);
  const found = page.members.filter(({ member }) => matches(member));
  const texts = found.flatMap(({ member, score }) => [member, formatDouble(score)]);
  return scanReply(reply, page.cursor, texts);
}

function runRandomMember(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const key = argv[1] as string;
  if (argv.length === 2) {
    const set = SortedSet.find(db, key);
    return reply.bulkOrNull(set === undefined ? undefined : randomMembers(set, -1)[0]?.member);
  }
  const withScores = isWord(argv[3] ?? '', 'withscores');
  const count = parseRandomCount(argv[2] as string, withScores);
  if (argv.length > 4 || (argv.length === 4 && !withScores)) fail(errors.syntax);
  const set = SortedSet.find(db, key);
  if (set === undefined) return reply.emptyArray;
  checkDrawn(count);
  return membersReply(context, randomMembers(set, count), withScores);
}

const shared = {
  group: 'sorted-set',
  flags: ['readonly'],
  keys: oneKey(['RO', 'access']),
  tips: ['nondeterministic_output'],
} as const satisfies Partial<Command>;

export const sortedSetScanCommands: readonly Command[] = [
  {
    ...shared,
    name: 'zrandmember',
    summary: 'Returns members of a sorted set by chance.',
    since: '6.2.0',
    complexity: 'O(N), N being the number of members returned',
    arity: -2,
    arguments: [
      keyArgument,
      {
        name: 'options',
        type: 'block',
        flags: ['optional'],
        arguments: [{ name: 'count', type: 'integer' }, withScoresArgument],
      },
    ],
    run: runRandomMember,
  },
  {
    ...shared,
    name: 'zscan',
    summary: 'Walks through the members of a sorted set and their scores, page by page.',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a whole walk, with as many calls as it takes for the cursor to return to 0. N is the number of members.',
    arity: -3,
    arguments: [keyArgument, ...scanArguments],
    run: runScan,
  },
];
