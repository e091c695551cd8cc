/** LATENCY: spikes by event. None are recorded yet, and every subcommand says so in the form Redis has for it. */

import type { Reply } from '../../protocol/reply.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import type { Command, CommandFlag } from '../spec.js';

const DOCTOR = 'DiskDB records no latency events yet: there is nothing to report.\n';
const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const REPORT_TIPS = [
  'nondeterministic_output',
  'request_policy:all_nodes',
  'response_policy:special',
] as const;

function runGraph(_: CommandContext, argv: readonly string[]): Reply {
  return fail(`ERR No samples available for event '${argv[2]}'`);
}

type Outline = Pick<Command, 'name' | 'summary' | 'since' | 'arity' | 'run'>;

function report(outline: Outline, more: Partial<Command> = {}): Command {
  return {
    ...outline,
    group: 'server',
    complexity: 'O(1)',
    flags: ADMIN,
    tips: REPORT_TIPS,
    ...more,
  };
}

const event = { arguments: [{ name: 'event', type: 'string' }] } as const;

export const latencyCommands: readonly Command[] = [
  {
    name: 'latency',
    summary: 'A container for latency diagnostics commands.',
    since: '2.8.13',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      report({
        name: 'doctor',
        summary: 'Says what there is to say of latencies.',
        since: '2.8.13',
        arity: 2,
        run: ({ reply }) => reply.verbatim('txt', DOCTOR),
      }),
      report(
        {
          name: 'graph',
          summary: 'Draws the latencies of an event.',
          since: '2.8.13',
          arity: 3,
          run: runGraph,
        },
        event,
      ),
      report({
        name: 'histogram',
        summary: 'Returns how long commands took, by powers of two.',
        since: '7.0.0',
        arity: -2,
        run: ({ reply }) => reply.map([]),
      }),
      report(
        {
          name: 'history',
          summary: 'Returns the latencies of an event, with their times.',
          since: '2.8.13',
          arity: 3,
          run: ({ reply }) => reply.emptyArray,
        },
        event,
      ),
      report({
        name: 'latest',
        summary: 'Returns the latest latency of each event.',
        since: '2.8.13',
        arity: 2,
        run: ({ reply }) => reply.emptyArray,
      }),
      report(
        {
          name: 'reset',
          summary: 'Forgets the latencies of events.',
          since: '2.8.13',
          arity: -2,
          run: ({ reply }) => reply.integer(0),
        },
        { tips: ['request_policy:all_nodes', 'response_policy:agg_sum'] },
      ),
      helpSubcommand('latency', '2.8.13', 'server', [
        ['DOCTOR', 'A report on latency, for people.'],
        ['GRAPH <event>', 'A graph of the event, drawn with letters.'],
        ['HISTOGRAM [COMMAND ...]', 'How the times of the commands are distributed.'],
        ['HISTORY <event>', 'Samples of the event.'],
        ['LATEST', 'The latest sample of each event.'],
        ['RESET [<event> ...]', 'Forget the samples of the events (default: of all).'],
      ]),
    ],
  },
];
