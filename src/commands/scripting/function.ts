/** FUNCTION: libraries of functions, and the one that runs. */

import { matchesGlob } from '../../base/glob.js';
import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { flushTypeArgument, isFlushType } from '../flush-type.js';
import { helpSubcommand } from '../help.js';
import { token } from '../key-specs.js';
import type { Library, LibraryFunction, RestorePolicy, RunningScript } from '../scripts.js';
import type { Command } from '../spec.js';

function runLoad({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const words = argv.slice(2, -1);
  const unknown = words.find((word) => !isWord(word, 'replace'));
  if (unknown !== undefined) fail(`ERR Unknown option given: ${unknown}`);
  return reply.bulk(server.scripts.functions.load(argv.at(-1) as string, words.length > 0));
}

function runDelete({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  if (!server.scripts.functions.delete(argv[2] as string)) fail('ERR Library not found');
  return reply.ok;
}

function runFlush({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 3) {
    const what = 'unknown subcommand or wrong number of arguments';
    fail(`ERR ${what} for '${argv[1]}'. Try FUNCTION HELP.`);
  }
  if (!isFlushType(argv[2])) fail('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
  server.scripts.functions.flush();
  return reply.ok;
}

function runDump({ reply, server }: CommandContext): Reply {
  return reply.bulk(server.scripts.functions.dump());
}

const POLICIES: readonly RestorePolicy[] = ['append', 'flush', 'replace'];

function runRestore({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 4) {
    const what = 'unknown subcommand or wrong number of arguments';
    fail(`ERR ${what} for '${argv[1]}'. Try FUNCTION HELP.`);
  }
  const policy = POLICIES.find((word) => isWord(argv[3] ?? 'append', word));
  if (policy === undefined) {
    return fail('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.');
  }
  server.scripts.functions.restore(argv[2] as string, policy);
  return reply.ok;
}

interface ListOptions {
  readonly isWanted: (name: string) => boolean;
  readonly withCode: boolean;
}

function listOptions(words: readonly string[]): ListOptions {
  let [pattern, withCode]: [string | undefined, boolean] = [undefined, false];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!withCode && isWord(word, 'withcode')) withCode = true;
    else if (pattern === undefined && isWord(word, 'libraryname')) {
      i++;
      if (words[i] === undefined) fail('ERR library name argument was not given');
      pattern = words[i];
    } else fail(`ERR Unknown argument ${word}`);
  }
  const isWanted = (name: string): boolean => pattern === undefined || matchesGlob(pattern, name);
  return { isWanted, withCode };
}

function runList({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const { isWanted, withCode } = listOptions(argv.slice(2));
  const libraries = server.scripts.functions.libraries.filter(({ name }) => isWanted(name));
  return reply.array(libraries.map((library) => libraryReply(reply, library, withCode)));
}

function libraryReply(reply: ReplyEncoder, library: Library, withCode: boolean): Reply {
  const { name, code, functions } = library;
  return reply.map([
    reply.bulk('library_name'),
    reply.bulk(name),
    reply.bulk('engine'),
    reply.bulk('LUA'),
    reply.bulk('functions'),
    reply.array(functions.map((each) => functionReply(reply, each))),
    ...(withCode ? [reply.bulk('library_code'), reply.bulk(code)] : []),
  ]);
}

function functionReply(reply: ReplyEncoder, { name, description, flags }: LibraryFunction): Reply {
  return reply.map([
    reply.bulk('name'),
    reply.bulk(name),
    reply.bulk('description'),
    reply.bulkOrNull(description),
    reply.bulk('flags'),
    reply.set([...flags].map((flag) => reply.simple(flag))),
  ]);
}

function runStats({ reply, server }: CommandContext): Reply {
  const { running, functions, busyError } = server.scripts;
  // It tells of functions: what ends a script is not FUNCTION KILL.
  if (running?.kind === 'script') fail(busyError);
  const { libraries } = functions;
  const count = libraries.reduce((sum, library) => sum + library.functions.length, 0);
  const engine = reply.map([
    reply.bulk('libraries_count'),
    reply.integer(libraries.length),
    reply.bulk('functions_count'),
    reply.integer(count),
  ]);
  return reply.map([
    reply.bulk('running_script'),
    running === undefined ? reply.nullBulk : runningReply(reply, running, server.clock.monotonic()),
    reply.bulk('engines'),
    reply.map([reply.bulk('LUA'), engine]),
  ]);
}

function runningReply(reply: ReplyEncoder, running: RunningScript, now: number): Reply {
  return reply.map([
    reply.bulk('name'),
    reply.bulk(running.name),
    reply.bulk('command'),
    reply.bulks(running.argv),
    reply.bulk('duration_ms'),
    reply.integer(Math.round(now - running.startedAt)),
  ]);
}

function runKill({ reply, server }: CommandContext): Reply {
  server.scripts.kill('function');
  return reply.ok;
}

const shared = { since: '7.0.0', group: 'scripting' } as const;

/** What LOAD and RESTORE have in common. */
const loading = {
  ...shared,
  arity: -3,
  flags: ['write', 'denyoom', 'noscript'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
} as const;

const subcommands: readonly Command[] = [
  {
    ...shared,
    name: 'delete',
    summary: 'Deletes a library and its functions.',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'noscript'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    arguments: [{ name: 'library-name', type: 'string' }],
    run: runDelete,
  },
  {
    ...shared,
    name: 'dump',
    summary: 'Returns all libraries in one payload.',
    complexity: 'O(N) where N is the number of functions',
    arity: 2,
    flags: ['noscript'],
    run: runDump,
  },
  {
    ...shared,
    name: 'flush',
    summary: 'Deletes all libraries.',
    complexity: 'O(N) where N is the number of functions deleted',
    arity: -2,
    flags: ['write', 'noscript'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    arguments: [flushTypeArgument],
    run: runFlush,
  },
  {
    ...shared,
    name: 'kill',
    summary: 'Ends the function that runs, if it has written nothing.',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    tips: ['request_policy:all_shards', 'response_policy:one_succeeded'],
    run: runKill,
  },
  {
    ...shared,
    name: 'list',
    summary: 'Lists libraries and their functions.',
    complexity: 'O(N) where N is the number of functions',
    arity: -2,
    flags: ['noscript'],
    tips: ['nondeterministic_output_order'],
    arguments: [
      {
        name: 'library-name-pattern',
        type: 'string',
        token: 'LIBRARYNAME',
        flags: ['optional'],
      },
      { ...token('WITHCODE'), flags: ['optional'] },
    ],
    run: runList,
  },
  {
    ...loading,
    name: 'load',
    summary: 'Makes a library of functions.',
    complexity: 'O(1) (considering compilation time is redundant)',
    arguments: [
      { ...token('REPLACE'), flags: ['optional'] },
      { name: 'function-code', type: 'string' },
    ],
    run: runLoad,
  },
  {
    ...loading,
    name: 'restore',
    summary: 'Makes libraries from a payload.',
    complexity: 'O(N) where N is the number of functions on the payload',
    arguments: [
      { name: 'serialized-value', type: 'string' },
      {
        name: 'policy',
        type: 'oneof',
        flags: ['optional'],
        arguments: [token('FLUSH'), token('APPEND'), token('REPLACE')],
      },
    ],
    run: runRestore,
  },
  {
    ...shared,
    name: 'stats',
    summary: 'Tells which function runs, and how many there are.',
    complexity: 'O(1)',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    run: runStats,
  },
  helpSubcommand('function', '7.0.0', 'scripting', [
    ['DELETE <library-name>', 'Delete a library with its functions.'],
    ['DUMP', 'Return all libraries as one payload, for RESTORE.'],
    ['FLUSH [ASYNC|SYNC]', 'Delete all libraries.'],
    ['KILL', 'End the function that runs, if it has written nothing.'],
    ['LIST [LIBRARYNAME <pattern>] [WITHCODE]', 'List libraries, and with WITHCODE their code.'],
    ['LOAD [REPLACE] <code>', 'Make a library; REPLACE one of its name.'],
    [
      'RESTORE <payload> [FLUSH|APPEND|REPLACE]',
      'Make libraries of what DUMP returned. FLUSH deletes all others before,',
      'REPLACE those of the same name; APPEND, the default, fails if there is one.',
    ],
    ['STATS', 'Tell what runs, and how many libraries and functions there are.'],
  ]),
];

export const functionCommand: Command = {
  ...shared,
  name: 'function',
  summary: 'Holds the commands for functions.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands,
};
