/** MODULE: nothing can be loaded, and what DiskDB has of a module's commands is listed, for clients look there. */

import type { Reply } from '../../protocol/reply.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import type { ResolvedCommand } from '../resolved-command.js';
import type { Command } from '../spec.js';
import type { InfoFields } from './info-server.js';

/** Modules of Redis whose commands, of that version, are DiskDB's own: 20800 is 2.8.0. */
const BUILT_IN = [{ name: 'ReJSON', version: 20_800, group: 'json' }] as const;

/** As INFO has them. */
export function moduleFields(): InfoFields {
  const rest = 'api=1,filters=0,usedby=[],using=[],options=[]';
  return BUILT_IN.map(({ name, version }) => ['module', `name=${name},ver=${version},${rest}`]);
}

/** As MODULE LIST and HELLO have them. */
export function modulesReply(reply: CommandContext['reply']): Reply {
  const modules = BUILT_IN.map(({ name, version }) =>
    reply.map([
      ...[reply.bulk('name'), reply.bulk(name)],
      ...[reply.bulk('ver'), reply.integer(version)],
      ...[reply.bulk('path'), reply.bulk('')],
      ...[reply.bulk('args'), reply.emptyArray],
    ]),
  );
  return reply.array(modules);
}

/** Whether the module of that name has the command. */
export function hasCommand(module: string, { command }: ResolvedCommand): boolean {
  return BUILT_IN.some((each) => each.name === module && each.group === command.group);
}

function refuse(): never {
  return fail('ERR DiskDB cannot load or unload modules');
}

const shared = {
  since: '4.0.0',
  group: 'server',
  complexity: 'O(1)',
  flags: ['admin', 'noscript', 'no_async_loading'],
} as const satisfies Partial<Command>;

export const moduleCommands: readonly Command[] = [
  {
    ...shared,
    name: 'module',
    summary: 'A container for module commands.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      {
        ...shared,
        name: 'list',
        summary: 'Lists the modules whose commands the server has.',
        complexity: 'O(N) where N is the number of modules.',
        arity: 2,
        flags: ['admin', 'noscript'],
        tips: ['nondeterministic_output_order'],
        run: ({ reply }) => modulesReply(reply),
      },
      {
        ...shared,
        name: 'load',
        summary: 'Loads a module: refused.',
        arity: -3,
        arguments: [
          { name: 'path', type: 'string' },
          { name: 'arg', type: 'string', flags: ['optional', 'multiple'] },
        ],
        run: refuse,
      },
      {
        ...shared,
        name: 'loadex',
        summary: 'Loads a module with options: refused.',
        since: '7.0.0',
        arity: -3,
        arguments: [
          { name: 'path', type: 'string' },
          { name: 'option', type: 'string', flags: ['optional', 'multiple'] },
        ],
        run: refuse,
      },
      {
        ...shared,
        name: 'unload',
        summary: 'Unloads a module: refused.',
        arity: 3,
        arguments: [{ name: 'name', type: 'string' }],
        run: refuse,
      },
      helpSubcommand('module', '5.0.0', 'server', [
        ['LIST', 'The modules whose commands the server has.'],
        ['LOAD <path> [<arg> ...]', 'Refused: DiskDB loads no modules.'],
        ['LOADEX <path> [CONFIG <name> <value> ...] [ARGS ...]', 'Refused, too.'],
        ['UNLOAD <name>', 'Refused, too.'],
      ]),
    ],
  },
];
