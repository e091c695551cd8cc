/** CONFIG: options of the running server, by Redis's names or DiskDB's own. */

import type { Logger } from 'pino';
import { isUtf8, textOfUtf8, utf8Text } from '../../base/byte-text.js';
import { ConfigCommandError, NO_EFFECT_YET } from '../../config/config.js';
import type { Reply } from '../../protocol/reply.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { secretsBehind } from '../secrets.js';
import type { Command } from '../spec.js';

function runGet({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const found = server.config.get(...argv.slice(2).map(textOfUtf8));
  return reply.map(found.flat().map((text) => reply.bulk(utf8Text(text))));
}

function runSet(context: CommandContext, argv: readonly string[]): Reply {
  const { reply, server } = context;
  if (argv.length % 2 !== 0) fail(errors.syntax);
  const pairs: [name: string, text: string][] = [];
  for (let i = 2; i < argv.length; i += 2)
    pairs.push(pairOf(argv[i] as string, argv[i + 1] as string));
  const { transaction } = server.keyspace;
  const moves = orFail(() => prepareToListen(context, pairs));
  // After the options are as they were, or if they cannot be set.
  if (moves) transaction.onUndo(() => server.listening.settle());
  const undo = orFail(() => server.config.set(pairs));
  transaction.onUndo(undo);
  if (moves) transaction.effect(() => server.listening.settle());
  const idle = server.config.withoutEffectYet(pairs.map(([name]) => name));
  if (idle.length > 0) transaction.effect(() => warnOf(idle, server.logger));
  return reply.ok;
}

/** Options are text; clients send bytes. */
function pairOf(name: string, bytes: string): [name: string, text: string] {
  if (isUtf8(bytes)) return [name, textOfUtf8(bytes)];
  return fail(
    `ERR CONFIG SET failed (possibly related to argument '${name}') - argument must be UTF-8`,
  );
}

const PLACES = ['port', 'tls.port', 'bind'] as const;

/** What ports and addresses are named is listened on before it is configured. False: none is named. */
function prepareToListen(context: CommandContext, pairs: readonly [string, string][]): boolean {
  const { config, listening } = context.server;
  const next = config.preview(pairs, PLACES);
  if (next.size === 0) return false;
  const { port, tls, bind } = config.values;
  const ports = {
    port: (next.get('port') ?? port) as number,
    tlsPort: (next.get('tls.port') ?? tls.port) as number,
    bind: (next.get('bind') ?? bind) as readonly string[],
  };
  try {
    context.await(`listen ${JSON.stringify(ports)}`, () => listening.prepare(ports));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    listening.settle();
    const [name = ''] = next.keys();
    const what =
      name === 'bind' ? 'Failed to bind to specified addresses' : 'Unable to listen on this port';
    const where = `possibly related to argument '${name.replace('.', '-')}'`;
    fail(`ERR CONFIG SET failed (${where}) - ${what}: ${error.message}`);
  }
  return true;
}

function warnOf(options: readonly string[], logger: Logger): void {
  logger.warn({}, `${NO_EFFECT_YET}: ${options.join(', ')}`);
}

function runRewrite({ reply, server }: CommandContext): Reply {
  const { access, config } = server;
  orFail(() => config.rewrite(access.changedUsers()));
  access.noteWritten();
  return reply.ok;
}

function orFail<T>(change: () => T): T {
  try {
    return change();
  } catch (error) {
    if (error instanceof ConfigCommandError) return fail(error.message);
    throw error;
  }
}

function runResetStatistics({ reply, server }: CommandContext): Reply {
  // At once: the request itself is the first that counts again. If it is undone, no more is lost than counters.
  server.statistics.reset();
  server.memory.exceeded.reset();
  server.access.log.resetCounts();
  return reply.ok;
}

/** Redis's options that hold passwords, and their names in DiskDB. */
const SECRET_OPTIONS: ReadonlyMap<string, number> = new Map(
  [
    ...['requirepass', 'masterauth', 'masteruser'],
    ...['tls-key-file-pass', 'tls-client-key-file-pass', 'security.password'],
  ].map((name) => [name, 1]),
);

const ADMIN = ['admin', 'noscript', 'loading', 'stale'] as const;

export const configCommands: readonly Command[] = [
  {
    name: 'config',
    summary: 'A container for server configuration commands.',
    since: '2.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'get',
        summary: 'Returns options and their values.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) when N is the number of configuration parameters provided',
        arity: -3,
        flags: ADMIN,
        history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
        arguments: [{ name: 'parameter', type: 'string', flags: ['multiple'] }],
        run: runGet,
      },
      {
        name: 'set',
        summary: 'Changes options while the server runs, all or none.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) when N is the number of configuration parameters provided',
        arity: -4,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
        arguments: [
          {
            name: 'data',
            type: 'block',
            flags: ['multiple'],
            arguments: [
              { name: 'parameter', type: 'string' },
              { name: 'value', type: 'string' },
            ],
          },
        ],
        secrets: secretsBehind(SECRET_OPTIONS),
        run: runSet,
      },
      {
        name: 'resetstat',
        summary: 'Sets the statistics to zero.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run: runResetStatistics,
      },
      {
        name: 'rewrite',
        summary: 'Writes what CONFIG SET has changed into the config file.',
        since: '2.8.0',
        group: 'server',
        complexity: 'O(1)',
        arity: 2,
        flags: ADMIN,
        tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
        run: runRewrite,
      },
      helpSubcommand('config', '5.0.0', 'server', [
        ['GET <pattern>', 'Parameters that match the glob-like pattern, and their values.'],
        ['SET <directive> <value>', 'Set the parameter to the value.'],
        ['RESETSTAT', 'Reset the statistics that INFO reports.'],
        ['REWRITE', 'Write what CONFIG SET changed into the configuration file.'],
      ]),
    ],
  },
];
