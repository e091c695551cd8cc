/** Commands on whole databases. */

import type { Reply } from '../../protocol/reply.js';
import { parseInteger32 } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { flushTypeArgument, isFlushType } from '../flush-type.js';
import { token } from '../key-specs.js';
import type { Command } from '../spec.js';

function runSize({ db, reply }: CommandContext): Reply {
  return reply.integer(db.size);
}

function checkFlushOptions(argv: readonly string[]): void {
  if (argv.length > 2 || !isFlushType(argv[1])) fail(errors.syntax);
}

function runFlush({ db, reply, server }: CommandContext, argv: readonly string[]): Reply {
  checkFlushOptions(argv);
  server.keyspace.flush(db.index);
  server.tracking.flushed();
  return reply.ok;
}

function runFlushAll({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  checkFlushOptions(argv);
  const { keyspace } = server;
  for (let index = 0; index < keyspace.databaseCount; index++) keyspace.flush(index);
  server.tracking.flushed();
  return reply.ok;
}

function runSwap({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const { keyspace } = server;
  const first = parseInteger32(argv[1] as string, 'ERR invalid first DB index');
  const second = parseInteger32(argv[2] as string, 'ERR invalid second DB index');
  for (const index of [first, second]) {
    if (index < 0 || index >= keyspace.databaseCount) fail('ERR DB index is out of range');
  }
  keyspace.swap(first, second);
  server.tracking.flushed();
  return reply.ok;
}

const ON_ALL_SHARDS = ['request_policy:all_shards', 'response_policy:all_succeeded'] as const;

/** What FLUSHDB and FLUSHALL have in common. */
const flushing = {
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  arity: -1,
  flags: ['write'],
  categories: ['keyspace', 'dangerous'],
  tips: ON_ALL_SHARDS,
  history: [
    ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
    ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
  ],
  arguments: [
    { ...flushTypeArgument, arguments: [token('ASYNC', '4.0.0'), token('SYNC', '6.2.0')] },
  ],
} satisfies Partial<Command>;

export const databaseCommands: readonly Command[] = [
  {
    name: 'dbsize',
    summary: 'Returns the number of keys in the database.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly', 'fast'],
    categories: ['keyspace'],
    tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
    run: runSize,
  },
  {
    name: 'flushdb',
    summary: 'Empties the database.',
    ...flushing,
    run: runFlush,
  },
  {
    name: 'flushall',
    summary: 'Empties all databases.',
    ...flushing,
    run: runFlushAll,
  },
  {
    name: 'swapdb',
    summary: 'Exchanges two databases.',
    since: '4.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    categories: ['keyspace', 'dangerous'],
    arguments: [
      { name: 'index1', type: 'integer' },
      { name: 'index2', type: 'integer' },
    ],
    run: runSwap,
  },
];
