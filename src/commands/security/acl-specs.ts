/** ACL's subcommands as COMMAND shows them; what they do is in acl.ts. */

import { type HelpEntry, helpSubcommand } from '../help.js';
import { token } from '../key-specs.js';
import { secretsFrom } from '../secrets.js';
import type { ArgumentSpec, Command } from '../spec.js';

const help: readonly HelpEntry[] = [
  ['CAT [<category>]', 'The categories of commands, or the commands of one.'],
  ['DELUSER <username> [<username> ...]', 'Delete users, and close their connections.'],
  [
    'DRYRUN <username> <command> [<arg> ...]',
    'Tell whether the user may run the command, without running it.',
  ],
  ['GETUSER <username>', 'The rules of a user.'],
  ['GENPASS [<bits>]', 'A random password of 256 bits, or of as many as are asked for.'],
  ['LIST', 'All users with their rules, as they stand in a file.'],
  ['LOAD', 'Read the users from the ACL file.'],
  ['LOG [<count> | RESET]', 'The latest denials, or forget them.'],
  ['SAVE', 'Write the users to the ACL file.'],
  ['SETUSER <username> <attribute> [<attribute> ...]', 'Make a user, or change its rules.'],
  ['USERS', 'The names of all users.'],
  ['WHOAMI', 'The name of the user of this connection.'],
];

const open = {
  group: 'server',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale', 'sentinel'],
} as const satisfies Partial<Command>;

const admin = {
  ...open,
  flags: ['admin', 'noscript', 'loading', 'stale', 'sentinel'],
} as const satisfies Partial<Command>;

const perUser = 'O(N), N being the number of users';
const onAllNodes = ['request_policy:all_nodes', 'response_policy:all_succeeded'] as const;
const username: ArgumentSpec = { name: 'username', type: 'string' };
const optional = { flags: ['optional'] } as const;

/** Without `run`, which acl.ts adds. */
export const aclSpecs: readonly Command[] = [
  {
    ...open,
    name: 'cat',
    summary: 'Lists the categories of commands, or the commands of a category.',
    since: '6.0.0',
    complexity: 'O(1), for categories and commands are fixed',
    arity: -2,
    arguments: [{ name: 'category', type: 'string', ...optional }],
  },
  {
    ...admin,
    name: 'deluser',
    summary: 'Deletes users, and closes their connections.',
    since: '6.0.0',
    complexity: 'O(1) for a typical user',
    arity: -3,
    tips: onAllNodes,
    arguments: [{ ...username, flags: ['multiple'] }],
  },
  {
    ...admin,
    name: 'dryrun',
    summary: 'Tells whether a user may run a command, without running it.',
    since: '7.0.0',
    arity: -4,
    arguments: [
      username,
      { name: 'command', type: 'string' },
      { name: 'arg', type: 'string', flags: ['optional', 'multiple'] },
    ],
  },
  {
    ...open,
    name: 'genpass',
    summary: 'Returns a random password.',
    since: '6.0.0',
    arity: -2,
    arguments: [{ name: 'bits', type: 'integer', ...optional }],
  },
  {
    ...admin,
    name: 'getuser',
    summary: 'Returns the rules of a user.',
    since: '6.0.0',
    complexity: 'O(N), N being the number of its rules',
    arity: 3,
    history: [
      ['6.2.0', 'The channels of pub/sub.'],
      ['7.0.0', 'Selectors; keys and channels are texts of rules and no lists any more.'],
    ],
    arguments: [username],
  },
  helpSubcommand('acl', '6.0.0', 'server', help),
  {
    ...admin,
    name: 'list',
    summary: 'Lists all users with their rules, as they stand in a file.',
    since: '6.0.0',
    complexity: perUser,
    arity: 2,
  },
  {
    ...admin,
    name: 'load',
    summary: 'Reads the users from the ACL file, all or none.',
    since: '6.0.0',
    complexity: perUser,
    arity: 2,
  },
  {
    ...admin,
    name: 'log',
    summary: 'Returns the latest denials, or forgets them.',
    since: '6.0.0',
    complexity: 'O(N), N being the number of entries shown',
    arity: -2,
    history: [['7.2.0', 'The ID and the times of an entry.']],
    arguments: [
      {
        name: 'operation',
        type: 'oneof',
        ...optional,
        arguments: [{ name: 'count', type: 'integer' }, token('RESET')],
      },
    ],
  },
  {
    ...admin,
    name: 'save',
    summary: 'Writes the users to the ACL file.',
    since: '6.0.0',
    complexity: perUser,
    arity: 2,
    tips: onAllNodes,
  },
  {
    ...admin,
    name: 'setuser',
    summary: 'Makes a user, or changes its rules.',
    since: '6.0.0',
    complexity: 'O(N), N being the number of rules given',
    arity: -3,
    tips: onAllNodes,
    history: [
      ['6.2.0', 'The channels of pub/sub.'],
      ['7.0.0', 'Selectors, and rights to read or to write keys.'],
    ],
    arguments: [username, { name: 'rule', type: 'string', flags: ['optional', 'multiple'] }],
    secrets: secretsFrom(2),
  },
  {
    ...admin,
    name: 'users',
    summary: 'Lists the names of all users.',
    since: '6.0.0',
    complexity: perUser,
    arity: 2,
  },
  {
    ...open,
    name: 'whoami',
    summary: 'Returns the name of the user of the connection.',
    since: '6.0.0',
    arity: 2,
  },
];
