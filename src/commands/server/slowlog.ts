/** SLOWLOG: the requests that ran for long. */

import type { Reply } from '../../protocol/reply.js';
import { parseIntegerWithin } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext, SlowRequest } from '../context.js';
import { helpSubcommand } from '../help.js';
import type { Command } from '../spec.js';

const DEFAULT_COUNT = 10;
const ALL = -1;

function runGet(context: CommandContext, argv: readonly string[]): Reply {
  const { slowLog } = context.server;
  if (argv.length > 3) {
    const what = 'unknown subcommand or wrong number of arguments';
    fail(`ERR ${what} for '${argv[1]}'. Try SLOWLOG HELP.`);
  }
  const error = 'ERR count should be greater than or equal to -1';
  const count =
    argv[2] === undefined
      ? DEFAULT_COUNT
      : parseIntegerWithin(argv[2], ALL, Number.MAX_SAFE_INTEGER, error);
  const requests = slowLog.newest(count === ALL ? slowLog.length : count);
  return context.reply.array(requests.map((request) => requestReply(context, request)));
}

function requestReply({ reply }: CommandContext, request: SlowRequest): Reply {
  return reply.array([
    reply.integer(request.id),
    reply.integer(Math.floor(request.at / 1000)),
    reply.integer(request.microseconds),
    reply.bulks(request.argv),
    reply.bulk(request.address),
    reply.bulk(request.clientName),
  ]);
}

function runLength({ reply, server }: CommandContext): Reply {
  return reply.integer(server.slowLog.length);
}

/** At once, so that it stands in the log itself. */
function runReset({ reply, server }: CommandContext): Reply {
  server.keyspace.transaction.onUndo(server.slowLog.reset());
  return reply.ok;
}

const ADMIN = ['admin', 'loading', 'stale'] as const;

export const slowlogCommands: readonly Command[] = [
  {
    name: 'slowlog',
    summary: 'A container for slow log commands.',
    since: '2.2.12',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'get',
        summary: 'Returns the newest entries of the slow log.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(N) where N is the number of entries returned',
        arity: -2,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'nondeterministic_output'],
        history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
        arguments: [{ name: 'count', type: 'integer', flags: ['optional'] }],
        run: runGet,
      },
      {
        name: 'len',
        summary: 'Returns how many entries the slow log has.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
        run: runLength,
      },
      {
        name: 'reset',
        summary: 'Empties the slow log.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(N) where N is the number of entries in the slowlog',
        arity: 2,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run: runReset,
      },
      helpSubcommand('slowlog', '6.2.0', 'server', [
        [
          'GET [<count>]',
          'The newest <count> entries (default: 10, -1 means all). Each is made of:',
          'id, timestamp, time in microseconds, arguments array, client IP and port,',
          'client name',
        ],
        ['LEN', 'The number of entries.'],
        ['RESET', 'Forget all entries.'],
      ]),
    ],
  },
];
