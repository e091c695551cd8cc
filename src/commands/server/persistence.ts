/** Commands that save, which in DiskDB means a checkpoint, and the one that ends the server. */

import type { Reply } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { token } from '../key-specs.js';
import type { Command, CommandFlag } from '../spec.js';

const SECOND = 1000;

function runSave(context: CommandContext): Reply {
  const { checkpointer } = context.server;
  context.await('checkpoint', () => checkpointer.checkpoint());
  return context.reply.ok;
}

/** Starts a checkpoint once the command is committed. How it goes, LASTSAVE and INFO persistence tell. */
function saveInBackground({ server }: CommandContext): void {
  const { checkpointer, keyspace, logger } = server;
  keyspace.transaction.effect(() => {
    checkpointer.checkpoint().catch((error) => {
      logger.warn({ err: error }, 'the checkpoint that a client asked for failed');
    });
  });
}

function runBackgroundSave(context: CommandContext, argv: readonly string[]): Reply {
  const isScheduled = argv.length === 2 && isWord(argv[1] as string, 'schedule');
  if (argv.length > 1 && !isScheduled) fail(errors.syntax);
  saveInBackground(context);
  return context.reply.simple('Background saving started');
}

function runRewrite(context: CommandContext): Reply {
  saveInBackground(context);
  return context.reply.simple('Background append only file rewriting started');
}

function runLastSave({ reply, server }: CommandContext): Reply {
  return reply.integer(Math.floor(server.checkpointer.lastCheckpointAt / SECOND));
}

const SHUTDOWN_OPTIONS = ['nosave', 'save', 'now', 'force', 'abort'] as const;
type ShutdownOption = (typeof SHUTDOWN_OPTIONS)[number];

function parseShutdown(argv: readonly string[]): ReadonlySet<ShutdownOption> {
  const options = new Set<ShutdownOption>();
  for (const word of argv.slice(1)) {
    const option = SHUTDOWN_OPTIONS.find((each) => isWord(word, each));
    options.add(option ?? fail(errors.syntax));
  }
  const contradicts = options.has('save') && options.has('nosave');
  if (contradicts || (options.has('abort') && options.size > 1)) fail(errors.syntax);
  return options;
}

/**
 * NOW and FORCE are the rule here: there are no replicas to wait for, and a fold that fails keeps nobody from closing.
 * A server that closes does not answer: its client gets the replies that are due, and sees the end.
 */
function runShutdown(context: CommandContext, argv: readonly string[]): Reply {
  const options = parseShutdown(argv);
  if (options.has('abort')) fail('ERR No shutdown in progress.');
  const save = !options.has('nosave');
  const { scripts } = context.server;
  if (scripts.running !== undefined) return save ? fail(scripts.busyError) : shutdownNow(context);
  return context.await('shutdown', () => {
    context.client.closeNow();
    return context.server.shutdown({ save });
  });
}

/** A script runs for long: it is ended, and what it has written is not kept. */
function shutdownNow({ client, server }: CommandContext): Reply {
  client.closeNow();
  void server.shutdown({ save: false });
  return '';
}

const ADMIN: readonly CommandFlag[] = ['admin', 'noscript', 'no_async_loading'];

export const persistenceCommands: readonly Command[] = [
  {
    name: 'save',
    summary: 'Makes a checkpoint, and replies when it is done.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(N) where N is the number of changes since the last checkpoint.',
    arity: 1,
    flags: [...ADMIN, 'no_multi'],
    run: runSave,
  },
  {
    name: 'bgsave',
    summary: 'Begins a checkpoint in the background.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ADMIN,
    history: [['3.2.2', 'Added the `SCHEDULE` option.']],
    arguments: [{ ...token('SCHEDULE', '3.2.2'), flags: ['optional'] }],
    run: runBackgroundSave,
  },
  {
    name: 'bgrewriteaof',
    summary: 'Begins a checkpoint in the background, which shortens the log.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ADMIN,
    run: runRewrite,
  },
  {
    name: 'lastsave',
    summary: 'Returns the Unix time of the last checkpoint.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    categories: ['admin', 'dangerous'],
    tips: ['nondeterministic_output'],
    run: runLastSave,
  },
  {
    name: 'shutdown',
    summary: 'Makes a checkpoint and stops the server.',
    since: '1.0.0',
    group: 'server',
    complexity:
      'O(N) when saving, where N is the number of changes since the last checkpoint, otherwise O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
    arguments: [
      {
        name: 'save-selector',
        type: 'oneof',
        flags: ['optional'],
        arguments: [token('NOSAVE'), token('SAVE')],
      },
      { ...token('NOW', '7.0.0'), flags: ['optional'] },
      { ...token('FORCE', '7.0.0'), flags: ['optional'] },
      { ...token('ABORT', '7.0.0'), flags: ['optional'] },
    ],
    run: runShutdown,
  },
];
