/** CLIENT's subcommands as COMMAND shows them; what they do is in client.ts. */

import { type HelpEntry, helpSubcommand } from '../help.js';
import { token } from '../key-specs.js';
import type { Command } from '../spec.js';
import {
  killArguments,
  listArguments,
  onOff,
  optional,
  trackingArguments,
} from './client-arguments.js';

const help: readonly HelpEntry[] = [
  ['CACHING (YES|NO)', 'Whether the next command is tracked, in OPTIN and OPTOUT mode.'],
  ['GETREDIR', 'The ID of the client that gets the invalidations of this one, or -1.'],
  ['GETNAME', 'The name of this connection.'],
  ['ID', 'The ID of this connection.'],
  ['INFO', 'What there is to know of this connection.'],
  ['KILL <ip:port>', 'Close the connection made from <ip:port>.'],
  [
    'KILL <option> <value> [<option> <value> [...]]',
    'Close the connections to which all of these apply:',
    '* ADDR (<ip:port>|<unixsocket>:0): made from this address',
    '* LADDR (<ip:port>|<unixsocket>:0): made to this address',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB): of this type',
    '* USER <username>: authenticated as this user',
    '* ID <client-id>: with this ID',
    '* MAXAGE <seconds>: that are at least that old',
    '* SKIPME (YES|NO): but not this connection (default: yes)',
  ],
  [
    'LIST [options ...]',
    'What there is to know of all connections, or of those that match:',
    '* TYPE (NORMAL|MASTER|REPLICA|PUBSUB): of this type',
    '* ID <client-id> [...]: with these IDs',
  ],
  ['NO-EVICT (ON|OFF)', 'Spare this connection when memory for clients is short.'],
  ['NO-TOUCH (ON|OFF)', 'Do not count what this connection reads as used.'],
  ['PAUSE <timeout> [WRITE|ALL]', 'Hold all clients, or those that write, for some milliseconds.'],
  ['REPLY (ON|OFF|SKIP)', 'Whether this connection gets replies.'],
  ['SETINFO <option> <value>', 'Tell the library behind this connection: LIB-NAME or LIB-VER.'],
  ['SETNAME <name>', 'Name this connection.'],
  ['TRACKING (ON|OFF) [...]', 'Server-assisted client-side caching.'],
  ['TRACKINGINFO', 'The state of tracking for this connection.'],
  ['UNBLOCK <clientid> [TIMEOUT|ERROR]', 'Unblock a client that waits in a blocking command.'],
  ['UNPAUSE', 'End a pause.'],
];

const shared = {
  group: 'connection',
  complexity: 'O(1)',
  flags: ['noscript', 'loading', 'stale'],
} as const satisfies Partial<Command>;

const admin = {
  ...shared,
  flags: ['admin', 'noscript', 'loading', 'stale'],
} as const satisfies Partial<Command>;

const perClient = 'O(N), N being the number of connections';

/** Without `run`, which client.ts adds. */
export const clientSpecs: readonly Command[] = [
  {
    ...shared,
    name: 'caching',
    summary: 'Tells whether the keys of the next command are tracked.',
    since: '6.0.0',
    arity: 3,
    arguments: [{ name: 'mode', type: 'oneof', arguments: [token('YES'), token('NO')] }],
  },
  {
    ...shared,
    name: 'getname',
    summary: 'Returns the name of the connection.',
    since: '2.6.9',
    arity: 2,
  },
  {
    ...shared,
    name: 'getredir',
    summary: 'Returns the ID of the client to which invalidations go.',
    since: '6.0.0',
    arity: 2,
  },
  helpSubcommand('client', '5.0.0', 'connection', help),
  {
    ...shared,
    name: 'id',
    summary: 'Returns the ID of the connection, which no other ever has.',
    since: '5.0.0',
    arity: 2,
  },
  {
    ...shared,
    name: 'info',
    summary: 'Returns what there is to know of the connection.',
    since: '6.2.0',
    arity: 2,
    tips: ['nondeterministic_output'],
  },
  {
    ...admin,
    name: 'kill',
    summary: 'Closes connections.',
    since: '2.4.0',
    complexity: perClient,
    arity: -3,
    history: [
      ['2.8.12', 'Filters, the `ID` filter among them.'],
      ['3.2.0', 'The `master` type.'],
      ['5.0.0', 'The `replica` type; `slave` still means the same.'],
      ['6.2.0', 'The `LADDR` filter.'],
      ['7.4.0', 'The `MAXAGE` filter.'],
    ],
    arguments: killArguments,
  },
  {
    ...admin,
    name: 'list',
    summary: 'Lists the connections.',
    since: '2.4.0',
    complexity: perClient,
    arity: -2,
    tips: ['nondeterministic_output'],
    history: [
      ['2.8.12', 'The field `id`.'],
      ['5.0.0', 'The `TYPE` filter.'],
      ['6.0.0', 'The field `user`.'],
      ['6.2.0', 'The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the `ID` filter.'],
      ['7.0.0', 'The fields `resp`, `multi-mem`, `rbs` and `rbp`.'],
      ['7.0.3', 'The field `ssub`.'],
    ],
    arguments: listArguments,
  },
  {
    ...admin,
    name: 'no-evict',
    summary: 'Spares the connection when memory for clients is short.',
    since: '7.0.0',
    arity: 3,
    arguments: [onOff],
  },
  {
    ...shared,
    name: 'no-touch',
    summary: 'What the connection reads does not count as used.',
    since: '7.2.0',
    arity: 3,
    arguments: [onOff],
  },
  {
    ...admin,
    name: 'pause',
    summary: 'Holds the commands of clients for some time.',
    since: '2.9.50',
    arity: -3,
    history: [['6.2.0', 'The `WRITE` mode, and the `mode` option with it.']],
    arguments: [
      { name: 'timeout', type: 'integer' },
      {
        name: 'mode',
        type: 'oneof',
        since: '6.2.0',
        arguments: [token('WRITE'), token('ALL')],
        ...optional,
      },
    ],
  },
  {
    ...shared,
    name: 'reply',
    summary: 'Tells whether the connection gets replies.',
    since: '3.2.0',
    arity: 3,
    arguments: [
      {
        name: 'action',
        type: 'oneof',
        arguments: [token('ON'), token('OFF'), token('SKIP')],
      },
    ],
  },
  {
    ...shared,
    name: 'setinfo',
    summary: 'Tells the name or the version of the library behind the connection.',
    since: '7.2.0',
    arity: 4,
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    arguments: [
      {
        name: 'attr',
        type: 'oneof',
        arguments: [
          { name: 'libname', type: 'string', token: 'LIB-NAME' },
          { name: 'libver', type: 'string', token: 'LIB-VER' },
        ],
      },
    ],
  },
  {
    ...shared,
    name: 'setname',
    summary: 'Names the connection.',
    since: '2.6.9',
    arity: 3,
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    arguments: [{ name: 'connection-name', type: 'string' }],
  },
  {
    ...shared,
    name: 'tracking',
    summary: 'Turns server-assisted client-side caching on or off.',
    since: '6.0.0',
    arity: -3,
    arguments: trackingArguments,
  },
  {
    ...shared,
    name: 'trackinginfo',
    summary: 'Returns the state of tracking for the connection.',
    since: '6.2.0',
    arity: 2,
  },
  {
    ...admin,
    name: 'unblock',
    summary: 'Unblocks a client that waits in a blocking command.',
    since: '5.0.0',
    complexity: 'O(log N), N being the number of connections',
    arity: -3,
    arguments: [
      { name: 'client-id', type: 'integer' },
      {
        name: 'unblock-type',
        type: 'oneof',
        arguments: [token('TIMEOUT'), token('ERROR')],
        ...optional,
      },
    ],
  },
  {
    ...admin,
    name: 'unpause',
    summary: 'Ends a pause.',
    since: '6.2.0',
    complexity: 'O(N), N being the number of clients held',
    arity: 2,
  },
];
