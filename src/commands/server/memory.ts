/** MEMORY: what keys and the server take. */

import { memoryAtStart, memoryUsage } from '../../base/memory-usage.js';
import type { Reply } from '../../protocol/reply.js';
import { memoryOf } from '../../types/memory.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext, ServerContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';

/** As in Redis. */
const DEFAULT_SAMPLES = 5;

/** How many elements of a collection are to be looked at; 0 for all. */
function parseSamples(argv: readonly string[]): number {
  let samples = DEFAULT_SAMPLES;
  for (let i = 3; i < argv.length; i += 2) {
    const count = argv[i + 1];
    if (!isWord(argv[i] as string, 'samples') || count === undefined) fail(errors.syntax);
    samples = parseInteger(count);
    if (samples < 0) fail(errors.syntax);
  }
  return samples;
}

function runUsage({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const samples = parseSamples(argv);
  const entry = db.entry(argv[2] as string);
  return entry === undefined ? reply.nullBulk : reply.integer(memoryOf(db, entry, samples));
}

function keyCount({ keyspace }: ServerContext): number {
  return keyspace.databases.spaces.reduce((sum, space) => sum + (space?.count ?? 0), 0);
}

/** In Redis's names where they mean the same here, then DiskDB's own. */
function runStatistics({ reply, server }: CommandContext): Reply {
  const { used, resident } = memoryUsage();
  const { residents, options } = server.keyspace;
  const peak = Math.max(server.statistics.peakMemory, used);
  const keys = keyCount(server);
  const integer = (name: string, value: number) => [reply.bulk(name), reply.integer(value)];
  const share = (name: string, value: number) => [reply.bulk(name), reply.double(value)];
  return reply.map([
    ...integer('peak.allocated', peak),
    ...integer('total.allocated', used),
    ...integer('startup.allocated', memoryAtStart.used),
    ...integer('overhead.total', Math.max(0, used - residents.bytes)),
    ...integer('keys.count', keys),
    ...integer('keys.bytes-per-key', keys === 0 ? 0 : Math.floor(residents.bytes / keys)),
    ...integer('dataset.bytes', residents.bytes),
    ...share('dataset.percentage', (residents.bytes * 100) / used),
    ...share('peak.percentage', (used * 100) / peak),
    ...share('fragmentation', resident / used),
    ...integer('fragmentation.bytes', resident - used),
    ...integer('diskdb.cache-size', options.cacheBytes),
    ...integer('diskdb.resident-keys', residents.entries),
    ...integer('diskdb.dirty-bytes', residents.dirtyBytes),
  ]);
}

function runDoctor({ reply, server }: CommandContext): Reply {
  const { residents, options } = server.keyspace;
  const used = Math.round((residents.bytes * 100) / options.cacheBytes);
  const dirty = Math.round((residents.dirtyBytes * 100) / options.cacheBytes);
  const text = `The cache (cache_size) is ${used}% full; ${dirty}% of it waits for the next checkpoint.`;
  return reply.verbatim('txt', `${text}\n`);
}

type Outline = Pick<Command, 'name' | 'summary' | 'run'> & Partial<Command>;

function subcommand(outline: Outline): Command {
  return {
    since: '4.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 2,
    flags: [],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    ...outline,
  };
}

export const memoryCommands: readonly Command[] = [
  {
    name: 'memory',
    summary: 'A container for memory diagnostics commands.',
    since: '4.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      subcommand({
        name: 'doctor',
        summary: 'Says whether the memory that is taken gives reason to worry.',
        run: runDoctor,
      }),
      subcommand({
        name: 'malloc-stats',
        summary: 'Returns what the allocator counts.',
        run: ({ reply }) =>
          reply.bulk('Stats not supported for the current allocator: memory is managed by V8'),
      }),
      subcommand({
        name: 'purge',
        summary: 'Asks the allocator to release memory.',
        tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
        // V8 gives memory back by itself, and cannot be asked to.
        run: ({ reply }) => reply.ok,
      }),
      subcommand({
        name: 'stats',
        summary: 'Returns what memory is taken for.',
        run: runStatistics,
      }),
      subcommand({
        name: 'usage',
        summary: 'Estimates how many bytes a key takes in memory.',
        arity: -3,
        flags: ['readonly'],
        keys: [keysAt(2, 0, 1, ['RO'])],
        tips: [],
        arguments: [
          { name: 'key', type: 'key', keySpecIndex: 0 },
          { name: 'count', type: 'integer', token: 'SAMPLES', flags: ['optional'] },
        ],
        run: runUsage,
      }),
      helpSubcommand('memory', '4.0.0', 'server', [
        ['DOCTOR', 'A report on memory, for people.'],
        ['MALLOC-STATS', "The allocator's statistics."],
        ['PURGE', 'Ask the allocator to give memory back.'],
        ['STATS', 'What the server takes, and for what.'],
        [
          'USAGE <key> [SAMPLES <count>]',
          'Bytes that the key and its value take, or would take if all of it were in memory.',
        ],
      ]),
    ],
  },
];
