/** SLOWLOG: the requests that ran for long; and COMMANDLOG of Valkey, which has the large ones, too. */

import type { Reply } from '../../protocol/reply.js';
import { parseIntegerWithin } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import type { LoggedRequest, RequestLog, RequestLogs } from '../instruments.js';
import { token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';

const DEFAULT_COUNT = 10;
const ALL = -1;

/** At most as many as the argument says, the newest first. */
function newestOf({ reply }: CommandContext, log: RequestLog, count: string | undefined): Reply {
  const error = 'ERR count should be greater than or equal to -1';
  const most =
    count === undefined
      ? DEFAULT_COUNT
      : parseIntegerWithin(count, ALL, Number.MAX_SAFE_INTEGER, error);
  const requests = log.newest(most === ALL ? log.length : most);
  return reply.array(requests.map((request) => requestReply(reply, request)));
}

function requestReply(reply: CommandContext['reply'], request: LoggedRequest): Reply {
  return reply.array([
    reply.integer(request.id),
    reply.integer(Math.floor(request.at / 1000)),
    reply.integer(request.value),
    reply.bulks(request.argv),
    reply.bulk(request.address),
    reply.bulk(request.clientName),
  ]);
}

/** At once, so that it stands in the log itself. */
function reset({ reply, server }: CommandContext, log: RequestLog): Reply {
  server.keyspace.transaction.onUndo(log.reset());
  return reply.ok;
}

function runGet(context: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 3) {
    const what = 'unknown subcommand or wrong number of arguments';
    fail(`ERR ${what} for '${argv[1]}'. Try SLOWLOG HELP.`);
  }
  return newestOf(context, context.server.requestLogs.slow, argv[2]);
}

function logOf({ server }: CommandContext, type: string): RequestLog {
  const name = type.toLowerCase();
  if (Object.hasOwn(server.requestLogs, name)) return server.requestLogs[name as keyof RequestLogs];
  return fail('ERR type should be one of the following: slow, large-request, large-reply');
}

const ADMIN = ['admin', 'loading', 'stale'] as const;

/** Which log: of Valkey 8.1, where the command comes from. */
const logType: ArgumentSpec = {
  name: 'type',
  type: 'oneof',
  arguments: ['slow', 'large-request', 'large-reply'].map((word) => token(word)),
};

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
        run: ({ reply, server }) => reply.integer(server.requestLogs.slow.length),
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
        run: (context) => reset(context, context.server.requestLogs.slow),
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
  {
    name: 'commandlog',
    summary: 'A container for commands on slow and large requests.',
    since: '7.4.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'get',
        summary: 'Returns the newest entries of a log.',
        since: '7.4.0',
        group: 'server',
        complexity: 'O(N) where N is the number of entries returned',
        arity: 4,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'nondeterministic_output'],
        arguments: [{ name: 'count', type: 'integer' }, logType],
        run: (context, argv) =>
          newestOf(context, logOf(context, argv[3] as string), argv[2] as string),
      },
      {
        name: 'len',
        summary: 'Returns how many entries a log has.',
        since: '7.4.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 3,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
        arguments: [logType],
        run: (context, argv) => context.reply.integer(logOf(context, argv[2] as string).length),
      },
      {
        name: 'reset',
        summary: 'Empties a log.',
        since: '7.4.0',
        group: 'server',
        complexity: 'O(N) where N is the number of entries in the log',
        arity: 3,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        arguments: [logType],
        run: (context, argv) => reset(context, logOf(context, argv[2] as string)),
      },
      helpSubcommand('commandlog', '7.4.0', 'server', [
        [
          'GET <count> <type>',
          'The newest <count> entries (-1 means all) of a log: slow, large-request or',
          'large-reply. Each is as in SLOWLOG GET; in place of the time the last two have',
          'bytes.',
        ],
        ['LEN <type>', 'The number of entries.'],
        ['RESET <type>', 'Forget all entries.'],
      ]),
    ],
  },
];
