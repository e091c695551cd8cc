/** How CLIENT LIST and CLIENT INFO show a client, and which clients their filters mean. */

import { smallInteger } from '../../base/integer.js';
import { fail } from '../command-error.js';
import type { Client, CommandContext, ServerContext } from '../context.js';
import type { TrackedClient } from '../tracking.js';
import { redirectOf } from './client-tracking.js';

const MS_PER_SECOND = 1000;
/** What a connection itself takes, in bytes: an estimate. */
const CONNECTION_BYTES = 4096;

/** One line, without its line break: redis.io/docs/latest/commands/client-list. */
export function clientLine(client: Client, { clock, monitors }: ServerContext): string {
  const flags = flagsOf(client, monitors.has(client));
  return [...identity(client, flags, clock.now()), ...buffers(client), ...state(client)]
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

type Field = readonly [name: string, value: string | number];

function identity(client: Client, flags: string, now: number): readonly Field[] {
  return [
    ['id', client.id],
    ['addr', client.address],
    ['laddr', client.localAddress],
    ['fd', client.fileDescriptor],
    ['name', client.name],
    ['age', Math.floor((now - client.connectedAt) / MS_PER_SECOND)],
    ['idle', Math.floor((now - client.lastActiveAt) / MS_PER_SECOND)],
    ['flags', flags],
    ['db', client.databaseIndex],
    ['sub', client.subscriptions?.channel.size ?? 0],
    ['psub', client.subscriptions?.pattern.size ?? 0],
    ['ssub', client.subscriptions?.shard.size ?? 0],
    ['multi', client.inTransaction ? client.queuedCommands : -1],
    ['watch', client.watchedKeys],
  ];
}

/** What a client takes, in bytes: an estimate. */
export function bytesOfClient(client: Client): number {
  return CONNECTION_BYTES + bytesHeldBy(client);
}

/** The same without the connection itself: what it has made the server keep. */
export function bytesHeldBy(client: Client): number {
  const { queryBuffer, outputBytes, transactionBytes, subscriptions, tracking } = client;
  const told = (subscriptions?.bytes ?? 0) + (tracking?.bytes ?? 0);
  return queryBuffer.kept + outputBytes + transactionBytes + told;
}

function buffers(client: Client): readonly Field[] {
  const { queryBuffer, outputBytes, transactionBytes } = client;
  return [
    ['qbuf', queryBuffer.used],
    ['qbuf-free', queryBuffer.free],
    ['argv-mem', queryBuffer.arguments],
    ['multi-mem', transactionBytes],
    // Replies have no buffer of a size of its own: they are in one list until the socket takes them.
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', outputBytes > 0 ? 1 : 0],
    ['omem', outputBytes],
    ['tot-mem', bytesOfClient(client)],
    ['events', outputBytes > 0 ? 'rw' : 'r'],
  ];
}

function state(client: Client): readonly Field[] {
  return [
    ['cmd', client.lastCommand],
    ['user', client.account.name],
    ['redir', redirectOf(client)],
    ['resp', client.protocol],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
  ];
}

function flagsOf(client: Client, isMonitor: boolean): string {
  let flags = isMonitor ? 'O' : '';
  if (client.subscriptions !== undefined) flags += 'P';
  if (client.tracking !== undefined) flags += trackingFlags(client.tracking);
  if (client.inTransaction) flags += 'x';
  if (client.isBlocked) flags += 'b';
  if (client.watchedHaveChanged) flags += 'd';
  if (!client.address.includes(':') || client.address.endsWith(':0')) flags += 'U';
  if (client.noEvict) flags += 'e';
  if (client.noTouch) flags += 'T';
  return flags === '' ? 'N' : flags;
}

function trackingFlags({ isBroken, broadcasts }: TrackedClient): string {
  return `t${isBroken ? 'R' : ''}${broadcasts ? 'B' : ''}`;
}

export type ClientFilter = (client: Client) => boolean;

const CLIENT_TYPES = new Set(['normal', 'master', 'replica', 'slave', 'pubsub']);

/** As long as nobody replicates there are two types. */
export function ofType(text: string): ClientFilter {
  const type = text.toLowerCase();
  if (!CLIENT_TYPES.has(type)) fail(`ERR Unknown client type '${text}'`);
  return (client) => type === (client.subscriptions === undefined ? 'normal' : 'pubsub');
}

function withId(text: string): ClientFilter {
  const id = smallInteger(text) ?? 0;
  if (id < 1) fail('ERR client-id should be greater than 0');
  return (client) => client.id === id;
}

function ofUser(text: string, { access }: ServerContext): ClientFilter {
  const user = access.find(text) ?? fail(`ERR No such user '${text}'`);
  return (client) => client.account === user;
}

/** In seconds, of Redis 7.4. */
function olderThan(text: string, { clock }: ServerContext): ClientFilter {
  const now = clock.now();
  const age = smallInteger(text);
  if (age === undefined) return fail('ERR maxage is not an integer or out of range');
  if (age <= 0) fail('ERR maxage should be greater than 0');
  return (client) => Math.floor((now - client.connectedAt) / MS_PER_SECOND) >= age;
}

/** The filters of CLIENT KILL, but SKIPME. */
const filters = new Map<string, (text: string, server: ServerContext) => ClientFilter>([
  ['id', withId],
  ['type', ofType],
  ['user', ofUser],
  ['addr', (text) => (client) => client.address === text],
  ['maxage', olderThan],
  ['laddr', (text) => (client) => client.localAddress === text],
]);

/** The filter of that name and value; undefined if there is none of the name. */
export function clientFilter(
  name: string,
  value: string,
  server: ServerContext,
): ClientFilter | undefined {
  return filters.get(name.toLowerCase())?.(value, server);
}

/** Lines of the clients, each with its line break, as verbatim text. */
export function clientLines(context: CommandContext, clients: Iterable<Client>): string {
  let text = '';
  for (const client of clients) text += `${clientLine(client, context.server)}\n`;
  return context.reply.verbatim('txt', text);
}
