/** SCRIPT: the cache of scripts, and the one that runs. */

import type { Reply } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { flushTypeArgument, isFlushType } from '../flush-type.js';
import { helpSubcommand } from '../help.js';
import { token } from '../key-specs.js';
import type { Command } from '../spec.js';

function runLoad({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  return reply.bulk(server.scripts.load(argv[2] as string));
}

function runExists({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const digests = argv.slice(2);
  return reply.array(digests.map((digest) => reply.integer(server.scripts.has(digest) ? 1 : 0)));
}

function runFlush({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 3 || !isFlushType(argv[2])) {
    fail('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
  }
  server.scripts.flush();
  return reply.ok;
}

function runKill({ reply, server }: CommandContext): Reply {
  server.scripts.kill('script');
  return reply.ok;
}

/** There is no debugger: whoever asks for none has it. */
function runDebug({ reply }: CommandContext, argv: readonly string[]): Reply {
  const mode = argv[2] as string;
  if (isWord(mode, 'no')) return reply.ok;
  if (isWord(mode, 'yes') || isWord(mode, 'sync')) fail('ERR DiskDB has no debugger for scripts');
  return fail('ERR Use SCRIPT DEBUG YES/SYNC/NO');
}

const shared = { group: 'scripting', flags: ['noscript'] } as const;

const subcommands: readonly Command[] = [
  {
    ...shared,
    name: 'debug',
    summary: 'Sets the debug mode of scripts that follow; DiskDB has none.',
    since: '3.2.0',
    complexity: 'O(1)',
    arity: 3,
    arguments: [
      {
        name: 'mode',
        type: 'oneof',
        arguments: [token('YES'), token('SYNC'), token('NO')],
      },
    ],
    run: runDebug,
  },
  {
    ...shared,
    name: 'exists',
    summary: 'Tells which scripts are cached.',
    since: '2.6.0',
    complexity:
      'O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).',
    arity: -3,
    tips: ['request_policy:all_shards', 'response_policy:agg_logical_and'],
    arguments: [{ name: 'sha1', type: 'string', flags: ['multiple'] }],
    run: runExists,
  },
  {
    ...shared,
    name: 'flush',
    summary: 'Forgets all cached scripts.',
    since: '2.6.0',
    complexity: 'O(N) with N being the number of scripts in cache',
    arity: -2,
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    history: [['6.2.0', 'Added the `ASYNC` and `SYNC` flushing mode modifiers.']],
    arguments: [{ ...flushTypeArgument, since: '6.2.0' }],
    run: runFlush,
  },
  {
    ...shared,
    name: 'kill',
    summary: 'Ends the script that runs, if it has written nothing.',
    since: '2.6.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
    run: runKill,
  },
  {
    ...shared,
    name: 'load',
    summary: 'Caches a script and returns its digest.',
    since: '2.6.0',
    complexity: 'O(N) with N being the length in bytes of the script body.',
    arity: 3,
    flags: ['noscript', 'stale'],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    arguments: [{ name: 'script', type: 'string' }],
    run: runLoad,
  },
  helpSubcommand('script', '5.0.0', 'scripting', [
    ['DEBUG (YES|SYNC|NO)', 'Set the debug mode of the scripts that follow; only NO is there.'],
    ['EXISTS <sha1> [<sha1> ...]', 'Tell of each digest whether its script is cached.'],
    ['FLUSH [ASYNC|SYNC]', 'Forget the cached scripts.'],
    ['KILL', 'End the script that runs, if it has written nothing.'],
    ['LOAD <script>', 'Cache a script without running it.'],
  ]),
];

export const scriptCommand: Command = {
  name: 'script',
  summary: 'Holds the commands for the cache of scripts.',
  since: '2.6.0',
  group: 'scripting',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands,
};
