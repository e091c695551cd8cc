/** ACL: who may do what. https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/ */

import { randomBytes } from 'node:crypto';
import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import {
  type DenialRecord,
  denialText,
  type SelectorDescription,
  type UserDescription,
} from '../access-control.js';
import { isWord, parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import { killAll } from '../connection/client.js';
import type { Client, CommandContext } from '../context.js';
import { ACL_CATEGORIES, type Command } from '../spec.js';
import { aclSpecs } from './acl-specs.js';

type Run = NonNullable<Command['run']>;

const PASSWORD_BITS = 256;
const PASSWORD_BITS_MAX = 4096;
const BITS_PER_DIGIT = 4;
/** Entries of ACL LOG without a count. */
const LOG_COUNT = 10;
const MS_PER_SECOND = 1000;

/** ACL CAT [category] */
function categories({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const name = argv[2];
  if (argv.length > 3) wrongArguments(argv);
  if (name === undefined) return reply.bulks(ACL_CATEGORIES);
  const category = ACL_CATEGORIES.find((each) => isWord(name, each));
  if (category === undefined) return fail(`ERR Unknown category '${name.slice(0, 128)}'`);
  return reply.bulks(server.access.commandsOf(category));
}

/** ACL SETUSER name [rule ...] */
function setUser(context: CommandContext, argv: readonly string[]): Reply {
  const { reply, server } = context;
  const { access, keyspace } = server;
  const [, , name = '', ...rules] = argv;
  const before = channelsOf(access.describe(name));
  keyspace.transaction.onUndo(access.setUser(name, rules));
  if (channelsOf(access.describe(name)) !== before) {
    killAll(context, (client) => client.account.name === name && hasRevoked(client));
  }
  return reply.ok;
}

function channelsOf(user: UserDescription | undefined): string | undefined {
  return user?.selectors.map(({ channels }) => channels).join('\n');
}

/** It has subscribed to what its user may not use any more. */
function hasRevoked({ account, subscriptions }: Client): boolean {
  if (subscriptions === undefined || account.isUnrestricted) return false;
  const { channel, shard, pattern } = subscriptions;
  return (
    [...channel, ...shard].some((name) => !account.mayUseChannel(name, false)) ||
    [...pattern].some((name) => !account.mayUseChannel(name, true))
  );
}

/** ACL DELUSER name [name ...] */
function deleteUsers(context: CommandContext, argv: readonly string[]): Reply {
  const { reply, server } = context;
  const { access, keyspace } = server;
  const names = argv.slice(2);
  if (names.includes(access.defaultUser.name)) fail("ERR The 'default' user cannot be removed");
  let deleted = 0;
  for (const name of names) {
    const undo = access.deleteUser(name);
    if (undo === undefined) continue;
    keyspace.transaction.onUndo(undo);
    deleted++;
  }
  killStrangers(context);
  return reply.integer(deleted);
}

/** Disconnects clients whose user is gone. */
function killStrangers(context: CommandContext): void {
  const { access } = context.server;
  const isStranger = ({ account }: Client): boolean => access.find(account.name) !== account;
  killAll(context, isStranger);
}

/** ACL GETUSER name */
function getUser({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const user = server.access.describe(argv[2] as string);
  return user === undefined ? reply.nullBulk : userReply(reply, user);
}

function userReply(reply: ReplyEncoder, { flags, passwords, selectors }: UserDescription): Reply {
  const [root, ...further] = selectors;
  if (root === undefined) throw new Error('bug: a user without rules');
  return reply.map([
    ...[reply.bulk('flags'), reply.set(flags.map((flag) => reply.bulk(flag)))],
    ...[reply.bulk('passwords'), reply.bulks(passwords)],
    ...selectorFields(reply, root),
    reply.bulk('selectors'),
    reply.array(further.map((selector) => reply.map(selectorFields(reply, selector)))),
  ]);
}

function selectorFields(reply: ReplyEncoder, selector: SelectorDescription): Reply[] {
  const { commands, keys, channels } = selector;
  return ['commands', commands, 'keys', keys, 'channels', channels].map((text) => reply.bulk(text));
}

/** ACL GENPASS [bits] */
function generatePassword({ reply }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 3) wrongArguments(argv);
  const bits = argv[2] === undefined ? PASSWORD_BITS : parseInteger(argv[2]);
  if (bits <= 0 || bits > PASSWORD_BITS_MAX) {
    const what = 'must be the number of bits for the output password, a positive number up to';
    fail(`ERR ACL GENPASS argument ${what} ${PASSWORD_BITS_MAX}`);
  }
  const digits = Math.ceil(bits / BITS_PER_DIGIT);
  return reply.bulk(
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
  );
}

/** ACL LOG [count | RESET] */
function log({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const { access, clock } = server;
  if (argv.length > 3) wrongArguments(argv);
  if (argv[2] !== undefined && isWord(argv[2], 'reset')) {
    access.log.reset();
    return reply.ok;
  }
  const count = argv[2] === undefined ? LOG_COUNT : Math.max(0, parseInteger(argv[2]));
  const now = clock.now();
  return reply.array(access.log.latest(count).map((record) => recordReply(reply, record, now)));
}

function recordReply(reply: ReplyEncoder, record: DenialRecord, now: number): Reply {
  const { count, reason, context, object, username, client, id, createdAt, updatedAt } = record;
  return reply.map([
    ...[reply.bulk('count'), reply.integer(count)],
    ...[reply.bulk('reason'), reply.bulk(reason)],
    ...[reply.bulk('context'), reply.bulk(context)],
    ...[reply.bulk('object'), reply.bulk(object)],
    ...[reply.bulk('username'), reply.bulk(username)],
    ...[reply.bulk('age-seconds'), reply.double((now - updatedAt) / MS_PER_SECOND)],
    ...[reply.bulk('client-info'), reply.bulk(client)],
    ...[reply.bulk('entry-id'), reply.integer(id)],
    ...[reply.bulk('timestamp-created'), reply.integer(createdAt)],
    ...[reply.bulk('timestamp-last-updated'), reply.integer(updatedAt)],
  ]);
}

/** ACL DRYRUN name command [arg ...] */
function dryRun({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const [, , name = '', ...request] = argv;
  const user = server.access.find(name) ?? fail(`ERR User '${name}' not found`);
  const command = server.commands.lookup(request);
  if (command === undefined) return fail(`ERR Command '${request[0]}' not found`);
  if (!command.acceptsCount(request.length)) {
    fail(`ERR wrong number of arguments for '${command.fullName}' command`);
  }
  const denial = user.denial(command, request);
  return denial === undefined ? reply.ok : reply.bulk(denialText(denial, true));
}

function load(context: CommandContext): Reply {
  const { reply, server } = context;
  server.keyspace.transaction.onUndo(server.access.load());
  killStrangers(context);
  killAll(context, hasRevoked);
  return reply.ok;
}

function save({ reply, server }: CommandContext): Reply {
  server.access.save();
  return reply.ok;
}

function wrongArguments(argv: readonly string[]): never {
  const what = 'unknown subcommand or wrong number of arguments';
  return fail(`ERR ${what} for '${argv[1]?.slice(0, 128)}'. Try ACL HELP.`);
}

const runs: Readonly<Record<string, Run>> = {
  cat: categories,
  deluser: deleteUsers,
  dryrun: dryRun,
  genpass: generatePassword,
  getuser: getUser,
  list: ({ reply, server }) => reply.bulks(server.access.lines()),
  load,
  log,
  save,
  setuser: setUser,
  users: ({ reply, server }) => reply.bulks(server.access.names()),
  whoami: ({ client, reply }) => reply.bulk(client.account.name),
};

export const aclCommands: readonly Command[] = [
  {
    name: 'acl',
    summary: 'Holds the commands for users and their rights.',
    since: '6.0.0',
    group: 'server',
    complexity: 'Depends on the subcommand.',
    arity: -2,
    flags: ['sentinel'],
    subcommands: aclSpecs.map((spec) => {
      const run = spec.run ?? runs[spec.name];
      if (run === undefined) throw new Error(`bug: ACL ${spec.name} does nothing`);
      return { ...spec, run };
    }),
  },
];
