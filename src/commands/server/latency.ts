/** LATENCY: what took long, by kind of event, and how the times of each command are distributed. */

import type { Reply } from '../../protocol/reply.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import type { LatencySample } from '../instruments.js';
import type { ResolvedCommand } from '../resolved-command.js';
import type { Command, CommandFlag } from '../spec.js';
import { latencyDiagnosis } from './latency-doctor.js';
import { latencyGraph } from './latency-graph.js';

const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const REPORT_TIPS = [
  'nondeterministic_output',
  'request_policy:all_nodes',
  'response_policy:special',
] as const;

function runGraph({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const event = server.latency.find(argv[2] as string);
  if (event === undefined) return fail(`ERR No samples available for event '${argv[2]}'`);
  return reply.verbatim('txt', latencyGraph(event, server.clock.now()));
}

function runDoctor({ reply, server }: CommandContext): Reply {
  return reply.verbatim('txt', latencyDiagnosis(server));
}

function runHistory({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const samples = server.latency.find(argv[2] as string)?.samples ?? [];
  return reply.array(
    samples.map(({ at, latency }) => reply.array([reply.integer(at), reply.integer(latency)])),
  );
}

/** Of each event: its name, when it was last, how long then, and how long at most. */
function runLatest({ reply, server }: CommandContext): Reply {
  const rows = server.latency.all().map(({ name, greatest, samples }) => {
    const last = samples[samples.length - 1] as LatencySample;
    return reply.array([
      reply.bulk(name),
      reply.integer(last.at),
      reply.integer(last.latency),
      reply.integer(greatest),
    ]);
  });
  return reply.array(rows);
}

function runReset({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const events = argv.length > 2 ? argv.slice(2) : undefined;
  const count = (events ?? server.latency.all()).length;
  return reply.integer(count === 0 ? 0 : server.latency.reset(events));
}

/** LATENCY HISTOGRAM [command …]: a container stands for its subcommands, an unknown name for nothing. */
function runHistogram({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const names = argv.slice(2).map((name) => name.toLowerCase());
  const all = [...server.commands.all()];
  const chosen = names.length === 0 ? all : names.flatMap((name) => commandsOf(all, name));
  return reply.map(chosen.flatMap((command) => histogramReply(reply, command)));
}

function commandsOf(all: readonly ResolvedCommand[], name: string): readonly ResolvedCommand[] {
  return all.filter(({ fullName, container }) => fullName === name || container?.fullName === name);
}

function histogramReply(
  reply: CommandContext['reply'],
  { fullName, latencies }: ResolvedCommand,
): readonly Reply[] {
  if (latencies === undefined) return [];
  const steps = [...latencies.steps()].flatMap((step) => step.map((value) => reply.integer(value)));
  const body = reply.map([
    ...[reply.bulk('calls'), reply.integer(latencies.total)],
    ...[reply.bulk('histogram_usec'), reply.map(steps)],
  ]);
  return [reply.bulk(fullName), body];
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
        run: runDoctor,
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
        run: runHistogram,
      }),
      report(
        {
          name: 'history',
          summary: 'Returns the latencies of an event, with their times.',
          since: '2.8.13',
          arity: 3,
          run: runHistory,
        },
        event,
      ),
      report({
        name: 'latest',
        summary: 'Returns the latest latency of each event.',
        since: '2.8.13',
        arity: 2,
        run: runLatest,
      }),
      report(
        {
          name: 'reset',
          summary: 'Forgets the latencies of events.',
          since: '2.8.13',
          arity: -2,
          run: runReset,
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
