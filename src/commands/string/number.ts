/** String commands that count. */

import { INT64_MIN } from '../../base/integer.js';
import type { Reply } from '../../protocol/reply.js';
import { increment, incrementFloat } from '../../types/string/number.js';
import { parseInteger64 } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';

function incrementByOne({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(increment(db, argv[1] as string, 1));
}

function decrementByOne({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(increment(db, argv[1] as string, -1));
}

function incrementBy({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const by = parseInteger64(argv[2] as string);
  return reply.integer(increment(db, argv[1] as string, by));
}

function decrementBy({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const by = parseInteger64(argv[2] as string);
  if (by === INT64_MIN) fail('ERR decrement would overflow');
  return reply.integer(increment(db, argv[1] as string, -by));
}

function incrementByFloat({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.bulk(incrementFloat(db, argv[1] as string, argv[2] as string));
}

const updateOne = oneKey(['RW', 'access', 'update']);

/** What the five have in common. */
const shared = {
  group: 'string',
  complexity: 'O(1)',
  flags: ['write', 'denyoom', 'fast'],
  keys: updateOne,
} as const satisfies Partial<Command>;

export const stringNumberCommands: readonly Command[] = [
  {
    ...shared,
    name: 'decr',
    summary: 'Subtracts one from an integer; a key that is not there counts as 0.',
    since: '1.0.0',
    arity: 2,
    arguments: [keyArgument],
    run: decrementByOne,
  },
  {
    ...shared,
    name: 'decrby',
    summary: 'Subtracts from an integer; a key that is not there counts as 0.',
    since: '1.0.0',
    arity: 3,
    arguments: [keyArgument, { name: 'decrement', type: 'integer' }],
    run: decrementBy,
  },
  {
    ...shared,
    name: 'incr',
    summary: 'Adds one to an integer; a key that is not there counts as 0.',
    since: '1.0.0',
    arity: 2,
    arguments: [keyArgument],
    run: incrementByOne,
  },
  {
    ...shared,
    name: 'incrby',
    summary: 'Adds to an integer; a key that is not there counts as 0.',
    since: '1.0.0',
    arity: 3,
    arguments: [keyArgument, { name: 'increment', type: 'integer' }],
    run: incrementBy,
  },
  {
    ...shared,
    name: 'incrbyfloat',
    summary: 'Adds to a number with a fraction; a key that is not there counts as 0.',
    since: '2.6.0',
    arity: 3,
    arguments: [keyArgument, { name: 'increment', type: 'double' }],
    run: incrementByFloat,
  },
];
