/** The connection group: greeting, authentication, database, end. */

import type { Reply } from '../../protocol/reply.js';
import { REDIS_VERSION } from '../../version.js';
import { Denied } from '../access-control.js';
import { isWord, parseInteger, parseInteger32 } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { leaveSome } from '../pubsub/subscribe.js';
import { secretsBehind, secretsFrom } from '../secrets.js';
import { modulesReply } from '../server/module.js';
import type { Command } from '../spec.js';
import { clientCommand, setClientName } from './client.js';

const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';

function ping({ client, reply }: CommandContext, argv: readonly string[]): Reply {
  const message = argv[1];
  if (argv.length > 2) fail("ERR wrong number of arguments for 'ping' command");
  if (client.subscriptions !== undefined && client.protocol === 2) {
    return reply.bulks(['pong', message ?? '']);
  }
  return message === undefined ? reply.simple('PONG') : reply.bulk(message);
}

function select({ client, server, reply }: CommandContext, argv: readonly string[]): Reply {
  const index = parseInteger32(argv[1] as string);
  if (index < 0 || index >= server.keyspace.databaseCount) fail('ERR DB index is out of range');
  client.select(index);
  return reply.ok;
}

function quit({ client, reply }: CommandContext): Reply {
  client.closeAfterReply();
  return reply.ok;
}

function reset(context: CommandContext, argv: readonly string[]): Reply {
  const { client, reply } = context;
  if (leaveSome(context)) return context.goOn([argv]);
  client.reset();
  return reply.simple('RESET');
}

/** AUTH [username] password */
function auth(context: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 3) fail(errors.syntax);
  const { access } = context.server;
  if (argv.length === 2 && !access.needsPassword) {
    fail(
      'ERR AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?',
    );
  }
  const [username, password] = argv.length === 2 ? ['default', argv[1]] : argv.slice(1);
  authenticate(context, username as string, password as string, argv[0] as string);
  return context.reply.ok;
}

/** @param object what ACL LOG shows as the command. @throws Denied WRONGPASS */
function authenticate(
  { client, server }: CommandContext,
  username: string,
  password: string,
  object: string,
): void {
  const account = server.access.authenticate(username, password);
  if (account === undefined) throw new Denied(WRONG_PASSWORD, { reason: 'auth', object, username });
  client.change({ authenticated: true, account });
}

const NEEDS_AUTHENTICATION =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> ' +
  'AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol ' +
  'version at the same time';

/** HELLO [version [AUTH username password] [SETNAME name]] */
function hello(context: CommandContext, argv: readonly string[]): Reply {
  const { client } = context;
  const version = argv[1] === undefined ? undefined : parseVersion(argv[1]);
  for (let i = 2; i < argv.length; i++) {
    const option = argv[i] as string;
    const left = argv.length - 1 - i;
    if (isWord(option, 'auth') && left >= 2) {
      authenticate(context, argv[i + 1] as string, argv[i + 2] as string, argv[0] as string);
      i += 2;
    } else if (isWord(option, 'setname') && left >= 1) {
      setClientName(client, argv[++i] as string);
    } else {
      fail(`ERR Syntax error in HELLO option '${option}'`);
    }
  }
  if (!client.authenticated) fail(NEEDS_AUTHENTICATION);
  if (version !== undefined) client.setProtocol(version);
  return greeting(context);
}

function parseVersion(text: string): 2 | 3 {
  const version = parseInteger(text, 'ERR Protocol version is not an integer or out of range');
  return version === 2 || version === 3 ? version : fail('NOPROTO unsupported protocol version');
}

/** In the protocol that is spoken from now on. */
function greeting({ client, reply }: CommandContext): Reply {
  return reply.map([
    ...[reply.bulk('server'), reply.bulk('redis')],
    ...[reply.bulk('version'), reply.bulk(REDIS_VERSION)],
    ...[reply.bulk('proto'), reply.integer(client.protocol)],
    ...[reply.bulk('id'), reply.integer(client.id)],
    ...[reply.bulk('mode'), reply.bulk('standalone')],
    ...[reply.bulk('role'), reply.bulk('master')],
    ...[reply.bulk('modules'), modulesReply(reply)],
  ]);
}

/** Flags of what a client may do before all else. */
const early = ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'] as const;

export const connectionCommands: readonly Command[] = [
  {
    name: 'auth',
    summary: 'Authenticates the connection.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -2,
    flags: early,
    history: [['6.0.0', 'A username may stand before the password.']],
    arguments: [
      { name: 'username', type: 'string', since: '6.0.0', flags: ['optional'] },
      { name: 'password', type: 'string' },
    ],
    secrets: secretsFrom(1),
    run: auth,
  },
  clientCommand,
  {
    name: 'echo',
    summary: 'Returns its argument.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    arguments: [{ name: 'message', type: 'string' }],
    run: ({ reply }, argv) => reply.bulk(argv[1] as string),
  },
  {
    name: 'hello',
    summary: 'Chooses the version of the protocol, and can authenticate and name the connection.',
    since: '6.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: early,
    history: [['6.2.0', 'The version may be left out: nothing changes then.']],
    arguments: [
      {
        name: 'arguments',
        type: 'block',
        flags: ['optional'],
        arguments: [
          { name: 'protover', type: 'integer' },
          {
            name: 'auth',
            type: 'block',
            token: 'AUTH',
            flags: ['optional'],
            arguments: [
              { name: 'username', type: 'string' },
              { name: 'password', type: 'string' },
            ],
          },
          { name: 'clientname', type: 'string', token: 'SETNAME', flags: ['optional'] },
        ],
      },
    ],
    secrets: secretsBehind(new Map([['auth', 2]])),
    run: hello,
  },
  {
    name: 'ping',
    summary: 'Returns PONG, or its argument.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: ['fast'],
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    arguments: [{ name: 'message', type: 'string', flags: ['optional'] }],
    run: ping,
  },
  {
    name: 'quit',
    summary: 'Closes the connection.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: -1,
    flags: early,
    deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
    duringMulti: 'runs',
    run: quit,
  },
  {
    name: 'reset',
    summary: 'Makes the connection as it was when it was new.',
    since: '6.2.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 1,
    flags: early,
    duringMulti: 'ends',
    run: reset,
  },
  {
    name: 'select',
    summary: 'Chooses the database.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    arguments: [{ name: 'index', type: 'integer' }],
    run: select,
  },
];
