/** The scripting group: FUNCTION, as far as a server without functions has it; tools flush them before they begin. */

import type { Reply } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { token } from '../key-specs.js';
import type { Command } from '../spec.js';

/** There are none, so none are left. */
function runFlush({ reply }: CommandContext, argv: readonly string[]): Reply {
  const option = argv[2] ?? 'sync';
  if (argv.length > 3) {
    const what = 'unknown subcommand or wrong number of arguments';
    fail(`ERR ${what} for '${argv[1]}'. Try FUNCTION HELP.`);
  }
  if (!isWord(option, 'sync') && !isWord(option, 'async')) {
    fail('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
  }
  return reply.ok;
}

export const scriptingCommands: readonly Command[] = [
  {
    name: 'function',
    summary: 'Holds the commands for functions.',
    since: '7.0.0',
    group: 'scripting',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      {
        name: 'flush',
        summary: 'Deletes all functions; there are none.',
        since: '7.0.0',
        group: 'scripting',
        complexity: 'O(N) where N is the number of functions deleted',
        arity: -2,
        flags: ['write', 'noscript'],
        tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
        arguments: [
          {
            name: 'flush-type',
            type: 'oneof',
            flags: ['optional'],
            arguments: [token('ASYNC'), token('SYNC')],
          },
        ],
        run: runFlush,
      },
      helpSubcommand('function', '7.0.0', 'scripting', [
        ['FLUSH [ASYNC|SYNC]', 'Delete all the libraries, of which this server has none.'],
      ]),
    ],
  },
];
