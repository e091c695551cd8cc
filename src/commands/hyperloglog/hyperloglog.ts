/** The HyperLogLog group. */

import type { Reply } from '../../protocol/reply.js';
import * as hyperloglog from '../../types/hyperloglog/hyperloglog.js';
import { selfTest } from '../../types/hyperloglog/self-test.js';
import type { Run } from '../../types/hyperloglog/sparse.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';

function mostSparse({ server }: CommandContext): number {
  return server.config.values.redis.hllSparseMaxBytes;
}

function runAdd(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', ...elements] = argv;
  const changed = hyperloglog.add(context.db, key, elements, mostSparse(context));
  return context.reply.integer(changed ? 1 : 0);
}

/** It only reads: where a write would be refused, or would have to wait, the estimate is not kept. */
function runCount({ db, reply, server }: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', ...others] = argv;
  if (others.length > 0) return reply.integer(hyperloglog.countUnion(db, [key, ...others]));
  const { keyspace, checkpointer } = server;
  const failure = keyspace.storage.log.failure ?? keyspace.writeFailure;
  const keeps = failure === undefined && checkpointer.hasRoom;
  return reply.integer(hyperloglog.count(db, key, keeps));
}

function runMerge(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', ...sources] = argv;
  hyperloglog.merge(context.db, key, sources, mostSparse(context));
  return context.reply.ok;
}

type DebugCommand = (context: CommandContext, key: string) => Reply;

const debugCommands: ReadonlyMap<string, DebugCommand> = new Map<string, DebugCommand>([
  ['decode', runDecode],
  ['encoding', ({ db, reply }, key) => reply.simple(hyperloglog.formOf(db, key) ?? '')],
  ['getreg', runGetRegisters],
  ['todense', ({ db, reply }, key) => reply.integer(hyperloglog.convertToDense(db, key) ? 1 : 0)],
]);

function runDebug(context: CommandContext, argv: readonly string[]): Reply {
  const [, word = '', key = ''] = argv;
  if (hyperloglog.formOf(context.db, key) === undefined) {
    fail('ERR The specified key does not exist');
  }
  const command = debugCommands.get(word.toLowerCase());
  return command?.(context, key) ?? fail(`ERR Unknown PFDEBUG subcommand '${word}'`);
}

function runDecode({ db, reply }: CommandContext, key: string): Reply {
  const runs = hyperloglog.decode(db, key) ?? fail('ERR HLL encoding is not sparse');
  return reply.bulk(runs.map(runText).join(' '));
}

function runText({ value, length, isLong }: Run): string {
  if (value > 0) return `v:${value},${length}`;
  return `${isLong ? 'Z' : 'z'}:${length}`;
}

function runGetRegisters({ db, reply }: CommandContext, key: string): Reply {
  hyperloglog.convertToDense(db, key);
  return reply.array(hyperloglog.registersOf(db, key).map((value) => reply.integer(value)));
}

function runSelfTest({ reply }: CommandContext): Reply {
  const failure = selfTest();
  return failure === undefined ? reply.ok : fail(`ERR TESTFAILED ${failure}`);
}

const shared = { since: '2.8.9', group: 'hyperloglog' } as const satisfies Partial<Command>;

export const hyperloglogCommands: readonly Command[] = [
  {
    ...shared,
    name: 'pfadd',
    summary: 'Adds elements to a HyperLogLog, which is created if it is not there.',
    complexity: 'O(1) for each element',
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'insert']),
    arguments: [keyArgument, { name: 'element', type: 'string', flags: ['optional', 'multiple'] }],
    run: runAdd,
  },
  {
    ...shared,
    name: 'pfcount',
    summary: 'Estimates how many different elements HyperLogLogs have seen.',
    complexity:
      'O(1) for one key whose estimate is kept, otherwise O(N), N being the number of keys',
    arity: -2,
    flags: ['readonly'],
    mayReplicate: true,
    keys: [
      keysAt(
        1,
        -1,
        1,
        ['RW', 'access'],
        'RW because it may change the internal representation of the key, and propagate to replicas',
      ),
    ],
    arguments: [{ ...keyArgument, flags: ['multiple'] }],
    run: runCount,
  },
  {
    ...shared,
    name: 'pfdebug',
    summary: 'Shows the inside of a HyperLogLog.',
    complexity: 'N/A',
    arity: 3,
    flags: ['write', 'denyoom', 'admin'],
    categories: ['hyperloglog'],
    keys: [keysAt(2, 0, 1, ['RW', 'access'])],
    arguments: [{ name: 'subcommand', type: 'string' }, keyArgument],
    run: runDebug,
  },
  {
    ...shared,
    name: 'pfmerge',
    summary: 'Merges HyperLogLogs into one.',
    complexity: 'O(N), N being the number of keys',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [keysAt(1, 0, 1, ['RW', 'access', 'insert']), keysAt(2, -1, 1, ['RO', 'access'])],
    arguments: [
      { ...keyArgument, name: 'destkey' },
      { name: 'sourcekey', type: 'key', keySpecIndex: 1, flags: ['optional', 'multiple'] },
    ],
    run: runMerge,
  },
  {
    ...shared,
    name: 'pfselftest',
    summary: 'Tests the HyperLogLog.',
    complexity: 'N/A',
    arity: 1,
    flags: ['admin'],
    run: runSelfTest,
  },
];
