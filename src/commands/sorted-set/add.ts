/** ZADD and ZINCRBY. */

import type { Database } from '../../keyspace/database.js';
import type { Reply } from '../../protocol/reply.js';
import {
  type ListpackLimits,
  type ScoredMember,
  SortedSet,
} from '../../types/sorted-set/sorted-set.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { listpackLimits, memberArgument, parseScore } from './arguments.js';

interface AddOptions {
  readonly nx: boolean;
  readonly xx: boolean;
  readonly gt: boolean;
  readonly lt: boolean;
  readonly ch: boolean;
  readonly incr: boolean;
}

const OPTIONS = new Set(['nx', 'xx', 'gt', 'lt', 'ch', 'incr']);

/** What the pairs came to. */
interface Tally {
  added: number;
  updated: number;
  /** That of the last pair's member now; undefined if the pair was refused. */
  score: number | undefined;
}

const NONE: AddOptions = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: false };
const INCREMENT: AddOptions = { ...NONE, incr: true };

function runAdd(context: CommandContext, argv: readonly string[]): Reply {
  let first = 2;
  while (first < argv.length && OPTIONS.has((argv[first] as string).toLowerCase())) first++;
  const options = first === 2 ? NONE : parseOptions(argv.slice(2, first));
  checkOptions(options, argv.length - first);
  return addPairs(context, argv, first, options);
}

function parseOptions(words: readonly string[]): AddOptions {
  const given = new Set(words.map((word) => word.toLowerCase()));
  return {
    nx: given.has('nx'),
    xx: given.has('xx'),
    gt: given.has('gt'),
    lt: given.has('lt'),
    ch: given.has('ch'),
    incr: given.has('incr'),
  };
}

function checkOptions({ nx, xx, gt, lt, incr }: AddOptions, words: number): void {
  if (words === 0 || words % 2 !== 0) fail(errors.syntax);
  if (nx && xx) fail('ERR XX and NX options at the same time are not compatible');
  if ((gt && nx) || (lt && nx) || (gt && lt)) {
    fail('ERR GT, LT, and/or NX options at the same time are not compatible');
  }
  if (incr && words > 2) fail('ERR INCR option supports a single increment-element pair');
}

function runIncrement(context: CommandContext, argv: readonly string[]): Reply {
  return addPairs(context, argv, 2, INCREMENT);
}

/** Adds the pairs of score and member from `argv[first]` on. */
export function addPairs(
  context: CommandContext,
  argv: readonly string[],
  first: number,
  options: AddOptions,
): Reply {
  const { db, reply } = context;
  const key = argv[1] as string;
  const limits = listpackLimits(context);
  const scores = parseScores(argv, first);
  const found = SortedSet.find(db, key);
  if (found === undefined && options.xx) return options.incr ? reply.nullBulk : reply.integer(0);
  const set = found ?? createFor(db, key, argv[first + 1] as string, limits);
  if (scores.length > 1) set.need(scores.map((_, i) => argv[first + 2 * i + 1] as string));
  const tally: Tally = { added: 0, updated: 0, score: undefined };
  for (let i = 0; i < scores.length; i++) {
    const member = argv[first + 2 * i + 1] as string;
    addMember(set, { member, score: scores[i] as number }, options, limits, tally);
  }
  set.save();
  const { added, updated, score } = tally;
  if (added + updated > 0) db.notify('sortedSet', options.incr ? 'zincr' : 'zadd', key);
  if (!options.incr) return reply.integer(options.ch ? added + updated : added);
  return score === undefined ? reply.nullBulk : reply.double(score);
}

function parseScores(argv: readonly string[], first: number): number[] {
  const scores = new Array<number>((argv.length - first) / 2);
  for (let i = 0; i < scores.length; i++) scores[i] = parseScore(argv[first + 2 * i] as string);
  return scores;
}

/** Of a new sorted set Redis looks at the first member before any is added. */
function createFor(db: Database, key: string, first: string, limits: ListpackLimits): SortedSet {
  return SortedSet.create(db, key, limits.entries === 0 || first.length > limits.memberBytes);
}

function addMember(
  set: SortedSet,
  { member, score: given }: ScoredMember,
  { nx, xx, gt, lt, incr }: AddOptions,
  limits: ListpackLimits,
  tally: Tally,
): void {
  const old = set.score(member);
  tally.score = undefined;
  if (old === undefined) {
    if (xx) return;
    set.add(member, given, limits);
    tally.added++;
    tally.score = given;
    return;
  }
  const score = incr && !nx ? old + given : given;
  if (Number.isNaN(score)) fail('ERR resulting score is not a number (NaN)');
  if (nx || (lt && score >= old) || (gt && score <= old)) return;
  tally.score = score;
  if (score === old) return;
  set.move(member, old, score);
  tally.updated++;
}

const shared = {
  group: 'sorted-set',
  flags: ['write', 'denyoom', 'fast'],
} as const satisfies Partial<Command>;

export const sortedSetAddCommands: readonly Command[] = [
  {
    ...shared,
    name: 'zadd',
    summary: 'Adds members with their scores, or gives members other scores.',
    since: '1.2.0',
    complexity: 'O(log(N)) for each member, N being the size of the sorted set',
    arity: -4,
    keys: oneKey(['RW', 'update']),
    history: [
      ['2.4.0', 'Accepts multiple elements.'],
      ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
      ['6.2.0', 'Added the `GT` and `LT` options.'],
    ],
    arguments: [
      keyArgument,
      {
        name: 'condition',
        type: 'oneof',
        since: '3.0.2',
        flags: ['optional'],
        arguments: [token('NX'), token('XX')],
      },
      {
        name: 'comparison',
        type: 'oneof',
        since: '6.2.0',
        flags: ['optional'],
        arguments: [token('GT'), token('LT')],
      },
      { ...token('CH', '3.0.2'), name: 'change', flags: ['optional'] },
      { ...token('INCR', '3.0.2'), name: 'increment', flags: ['optional'] },
      {
        name: 'data',
        type: 'block',
        flags: ['multiple'],
        arguments: [{ name: 'score', type: 'double' }, memberArgument],
      },
    ],
    run: runAdd,
  },
  {
    ...shared,
    name: 'zincrby',
    summary: 'Adds to the score of a member; a member that is not there counts as 0.',
    since: '1.2.0',
    complexity: 'O(log(N)), N being the size of the sorted set',
    arity: 4,
    keys: oneKey(['RW', 'access', 'update']),
    arguments: [keyArgument, { name: 'increment', type: 'integer' }, memberArgument],
    run: runIncrement,
  },
];
