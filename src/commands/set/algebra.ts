/** SINTER, SUNION, SDIFF, what stores their results, and SINTERCARD. */

import type { Reply } from '../../protocol/reply.js';
import type { CollectionEntry } from '../../types/collection.js';
import { memberOf } from '../../types/member-table.js';
import { difference, intersection, type SetRecords, union } from '../../types/set/algebra.js';
import * as set from '../../types/set/set.js';
import { isWord, parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import {
  countedKeyArguments,
  countedKeys,
  keyArgument,
  keyArguments,
  keysAt,
} from '../key-specs.js';
import type { Command } from '../spec.js';
import { setLimits } from './limits.js';

type Operand = CollectionEntry | undefined;
type Operation = (context: CommandContext, sets: readonly Operand[]) => SetRecords;

/** The sets at the keys: one of another type fails before anything is computed. */
function operands({ db }: CommandContext, keys: readonly string[]): readonly Operand[] {
  return keys.map((key) => set.find(db, key));
}

function present(sets: readonly Operand[]): readonly CollectionEntry[] {
  return sets.filter((entry) => entry !== undefined);
}

function intersect({ db }: CommandContext, sets: readonly Operand[], limit?: number): SetRecords {
  const all = present(sets);
  return all.length < sets.length ? new Map() : intersection(db, all, limit);
}

const operations = {
  sinter: (context, sets) => intersect(context, sets),
  sunion: ({ db }, sets) => union(db, present(sets)),
  sdiff: ({ db }, [first, ...others]) =>
    first === undefined ? new Map() : difference(db, first, present(others)),
} satisfies Record<string, Operation>;

function answer(operation: Operation): NonNullable<Command['run']> {
  return (context, argv) => {
    const { reply } = context;
    const records = operation(context, operands(context, argv.slice(1)));
    return reply.set([...records].map(([name, value]) => reply.bulk(memberOf(name, value))));
  };
}

function store(operation: Operation): NonNullable<Command['run']> {
  return (context, argv) => {
    const records = operation(context, operands(context, argv.slice(2)));
    const count = set.store(context.db, argv[1] as string, records, setLimits(context));
    return context.reply.integer(count);
  };
}

function intersectionCount(context: CommandContext, argv: readonly string[]): Reply {
  const most = Number.MAX_SAFE_INTEGER;
  const count = parseIntegerWithin(
    argv[1] as string,
    1,
    most,
    'ERR numkeys should be greater than 0',
  );
  if (count > argv.length - 2) fail("ERR Number of keys can't be greater than number of args");
  const limit = parseLimit(argv, 2 + count);
  const sets = operands(context, argv.slice(2, 2 + count));
  return context.reply.integer(intersect(context, sets, limit).size);
}

/** LIMIT, where 0 is none. */
function parseLimit(argv: readonly string[], from: number): number | undefined {
  let limit = 0;
  for (let i = from; i < argv.length; i += 2) {
    const value = argv[i + 1];
    if (!isWord(argv[i] as string, 'limit') || value === undefined) return fail(errors.syntax);
    limit = parseIntegerWithin(value, 0, Number.MAX_VALUE, "ERR LIMIT can't be negative");
  }
  return limit === 0 ? undefined : limit;
}

type Outline = Pick<Command, 'name' | 'summary' | 'complexity'> & { readonly of: Operation };

function answering({ of, ...outline }: Outline): Command {
  return {
    ...outline,
    since: '1.0.0',
    group: 'set',
    arity: -2,
    flags: ['readonly'],
    keys: [keysAt(1, -1, 1, ['RO', 'access'])],
    tips: ['nondeterministic_output_order'],
    arguments: [keyArguments],
    run: answer(of),
  };
}

function storing({ of, ...outline }: Outline): Command {
  return {
    ...outline,
    since: '1.0.0',
    group: 'set',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [
      keysAt(1, 0, 1, [outline.name === 'sinterstore' ? 'RW' : 'OW', 'update']),
      keysAt(2, -1, 1, ['RO', 'access']),
    ],
    arguments: [
      { ...keyArgument, name: 'destination' },
      { ...keyArguments, keySpecIndex: 1 },
    ],
    run: store(of),
  };
}

const BY_SMALLEST = 'O(N*M), N being the members of the smallest set and M the number of sets';
const BY_ALL = 'O(N), N being the members of all sets together';

export const setAlgebraCommands: readonly Command[] = [
  answering({
    name: 'sdiff',
    summary: 'Returns the members of the first set that are in no other.',
    complexity: BY_ALL,
    of: operations.sdiff,
  }),
  storing({
    name: 'sdiffstore',
    summary: 'Stores the members of the first set that are in no other.',
    complexity: BY_ALL,
    of: operations.sdiff,
  }),
  answering({
    name: 'sinter',
    summary: 'Returns the members that all sets have.',
    complexity: BY_SMALLEST,
    of: operations.sinter,
  }),
  {
    name: 'sintercard',
    summary: 'Returns the number of members that all sets have.',
    since: '7.0.0',
    group: 'set',
    complexity: BY_SMALLEST,
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, ['RO', 'access'])],
    arguments: [
      ...countedKeyArguments(),
      { name: 'limit', type: 'integer', token: 'LIMIT', flags: ['optional'] },
    ],
    run: intersectionCount,
  },
  storing({
    name: 'sinterstore',
    summary: 'Stores the members that all sets have.',
    complexity: BY_SMALLEST,
    of: operations.sinter,
  }),
  answering({
    name: 'sunion',
    summary: 'Returns the members that any of the sets has.',
    complexity: BY_ALL,
    of: operations.sunion,
  }),
  storing({
    name: 'sunionstore',
    summary: 'Stores the members that any of the sets has.',
    complexity: BY_ALL,
    of: operations.sunion,
  }),
];
