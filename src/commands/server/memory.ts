/** MEMORY: what keys and the server take. */

import type { Reply } from '../../protocol/reply.js';
import { memoryOf } from '../../types/memory.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';
import { memoryDiagnosis, memoryStatistics } from './memory-report.js';

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
        run: ({ reply, server }) => reply.verbatim('txt', memoryDiagnosis(server)),
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
        run: memoryStatistics,
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
