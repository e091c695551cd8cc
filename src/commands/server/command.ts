/** COMMAND: the table of commands as clients can ask for it. */

import { matchesGlob } from '../../base/glob.js';
import type { Reply } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { type HelpEntry, helpSubcommand } from '../help.js';
import type { ResolvedCommand } from '../resolved-command.js';
import type { AclCategory, ArgumentSpec, Command, KeyReference } from '../spec.js';
import { commandInfo, docsOf, keyFlags } from './command-info.js';
import { hasCommand } from './module.js';

function infoOfAll({ reply, server }: CommandContext): Reply {
  const replies = [...server.commands.commands()].map((command) => commandInfo(reply, command));
  return reply.array(replies);
}

/** COMMAND INFO [name ...]; null for a name that is no command's. */
function info(context: CommandContext, argv: readonly string[]): Reply {
  const { reply, server } = context;
  if (argv.length === 2) return infoOfAll(context);
  const found = argv.slice(2).map((name) => server.commands.findByFullName(name));
  return reply.array(found.map((each) => (each ? commandInfo(reply, each) : reply.nullBulk)));
}

/** COMMAND DOCS [name ...]; names that are no command's are left out. */
function docs({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length === 2) return docsOf(reply, server.commands.commands());
  const found = argv.slice(2).map((name) => server.commands.findByFullName(name));
  return docsOf(
    reply,
    found.filter((command) => command !== undefined),
  );
}

type Filter = (command: ResolvedCommand) => boolean;

const filters = new Map<string, (text: string) => Filter>([
  ['module', (text) => (command) => hasCommand(text, command)],
  ['aclcat', (text) => (command) => command.categories.includes(text.toLowerCase() as AclCategory)],
  ['pattern', (text) => (command) => matchesGlob(text, command.fullName, true)],
]);

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern] */
function list({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length === 2) return names(reply, server.commands.all());
  const [, , filterBy = '', kind = '', text = ''] = argv;
  if (argv.length !== 5 || !isWord(filterBy, 'filterby')) return fail(errors.syntax);
  const makeFilter = filters.get(kind.toLowerCase()) ?? fail(errors.syntax);
  return names(reply, [...server.commands.all()].filter(makeFilter(text)));
}

function names(reply: CommandContext['reply'], commands: Iterable<ResolvedCommand>): Reply {
  return reply.bulks([...commands].map((command) => command.fullName));
}

/** The request that follows COMMAND GETKEYS, and where its keys are. */
function keysOf(
  { server }: CommandContext,
  argv: readonly string[],
): { request: readonly string[]; keys: readonly KeyReference[] } {
  const request = argv.slice(2);
  const command = server.commands.lookup(request) ?? fail('ERR Invalid command specified');
  if (!command.hasKeys) fail('ERR The command has no key arguments');
  if (!command.acceptsCount(request.length)) {
    fail('ERR Invalid number of arguments specified for command');
  }
  const keys = command.keysOf(request) ?? [];
  if (keys.length === 0 && !command.flags.has('no_mandatory_keys')) {
    fail('ERR Invalid arguments specified for command');
  }
  return { request, keys };
}

function getKeys(context: CommandContext, argv: readonly string[]): Reply {
  const { request, keys } = keysOf(context, argv);
  return context.reply.bulks(keys.map(({ position }) => request[position] as string));
}

function getKeysAndFlags(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const { request, keys } = keysOf(context, argv);
  return reply.array(
    keys.map(({ position, flags }) =>
      reply.array([reply.bulk(request[position] as string), keyFlags(reply, flags)]),
    ),
  );
}

const help: readonly HelpEntry[] = [
  ['(no subcommand)', 'Return details about all commands.'],
  ['COUNT', 'Return the number of commands.'],
  ['DOCS [<command-name> ...]', 'Return the documentation of these commands, or of all.'],
  ['GETKEYS <full-command>', 'Return the keys in a full command.'],
  ['GETKEYSANDFLAGS <full-command>', 'Return the keys in a full command, and their use.'],
  ['INFO [<command-name> ...]', 'Return details about these commands, or about all.'],
  ['LIST', 'Return the names of the commands.'],
];

const someNames: ArgumentSpec = {
  name: 'command-name',
  type: 'string',
  flags: ['optional', 'multiple'],
};

const fullCommand: readonly ArgumentSpec[] = [
  { name: 'command', type: 'string' },
  { name: 'arg', type: 'string', flags: ['optional', 'multiple'] },
];

const shared = {
  group: 'server',
  categories: ['connection'],
  flags: ['loading', 'stale'],
} as const satisfies Partial<Command>;

const perCommand = 'O(N), N being the number of commands';
const perArgument = 'O(N), N being the number of arguments';

const subcommands: readonly Command[] = [
  {
    ...shared,
    name: 'count',
    summary: 'Returns the number of commands.',
    since: '2.8.13',
    complexity: 'O(1)',
    arity: 2,
    run: ({ reply, server }) => reply.integer(server.commands.size),
  },
  {
    ...shared,
    name: 'docs',
    summary: 'Returns the documentation of commands.',
    since: '7.0.0',
    complexity: perCommand,
    arity: -2,
    tips: ['nondeterministic_output_order'],
    arguments: [someNames],
    run: docs,
  },
  {
    ...shared,
    name: 'getkeys',
    summary: 'Returns the keys in a full command.',
    since: '2.8.13',
    complexity: perArgument,
    arity: -3,
    arguments: fullCommand,
    run: getKeys,
  },
  {
    ...shared,
    name: 'getkeysandflags',
    summary: 'Returns the keys in a full command, and what happens to them.',
    since: '7.0.0',
    complexity: perArgument,
    arity: -3,
    arguments: fullCommand,
    run: getKeysAndFlags,
  },
  { ...helpSubcommand('command', '5.0.0', 'server', help), categories: ['connection'] },
  {
    ...shared,
    name: 'info',
    summary: 'Returns what there is to know of commands.',
    since: '2.8.13',
    complexity: perCommand,
    arity: -2,
    history: [['7.0.0', 'Without names it tells about all commands.']],
    tips: ['nondeterministic_output_order'],
    arguments: [someNames],
    run: info,
  },
  {
    ...shared,
    name: 'list',
    summary: 'Returns the names of the commands.',
    since: '7.0.0',
    complexity: perCommand,
    arity: -2,
    tips: ['nondeterministic_output_order'],
    arguments: [
      {
        name: 'filterby',
        type: 'oneof',
        token: 'FILTERBY',
        flags: ['optional'],
        arguments: [
          { name: 'module-name', type: 'string', token: 'MODULE' },
          { name: 'category', type: 'string', token: 'ACLCAT' },
          { name: 'pattern', type: 'pattern', token: 'PATTERN' },
        ],
      },
    ],
    run: list,
  },
];

export const commandCommands: readonly Command[] = [
  {
    ...shared,
    name: 'command',
    summary: 'Returns what there is to know of all commands.',
    since: '2.8.13',
    complexity: perCommand,
    arity: -1,
    tips: ['nondeterministic_output_order'],
    subcommands,
    run: infoOfAll,
  },
];
