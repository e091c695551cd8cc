/** SUBSCRIBE and its kind: each name is confirmed on its own, by a message. */

import type { Reply } from '../../protocol/reply.js';
import type { CommandContext } from '../context.js';
import type { SubscriptionKind, Subscriptions } from '../messaging.js';
import type { Command } from '../spec.js';

type Run = NonNullable<Command['run']>;

/** What stands before `subscribe` and `unsubscribe` in commands and confirmations. */
const PREFIXES: Readonly<Record<SubscriptionKind, string>> = {
  channel: '',
  pattern: 'p',
  shard: 's',
};

export function subscribe(kind: SubscriptionKind): Run {
  const word = `${PREFIXES[kind]}subscribe`;
  return (context, argv) => {
    const { client, server } = context;
    return confirmEach(context, argv.slice(1), (name) => {
      server.pubsub.subscribe(client, kind, name);
      return confirmation(context, word, kind, name);
    });
  };
}

/** Without names all end. That is confirmed even if there was none. */
export function unsubscribe(kind: SubscriptionKind): Run {
  const word = `${PREFIXES[kind]}unsubscribe`;
  return (context, argv) => {
    const { client, server } = context;
    const all = argv.length === 1;
    const names = all ? [...(client.subscriptions?.[kind] ?? [])] : argv.slice(1);
    return confirmEach(context, names.length === 0 ? [undefined] : names, (name) => {
      if (name !== undefined) server.pubsub.unsubscribe(client, kind, name);
      return confirmation(context, word, kind, name);
    });
  };
}

/**
 * The confirmations are messages, so they come even where replies are silenced; there is no reply besides. In EXEC
 * they are the reply, in its array, and break it if they are several: in Redis, too.
 */
function confirmEach<T>(
  { client }: CommandContext,
  names: readonly T[],
  confirm: (name: T) => string,
): Reply {
  let text = '';
  for (const name of names) text += confirm(name);
  if (client.inTransaction) return text;
  client.push(text);
  return '';
}

/** The number is that of the client's channels and patterns, or of its shard channels. */
function confirmation(
  { client, reply }: CommandContext,
  word: string,
  kind: SubscriptionKind,
  name: string | undefined,
): string {
  const count = reply.integer(countOf(client.subscriptions, kind === 'shard'));
  return reply.pushHead(3) + reply.bulk(word) + reply.bulkOrNull(name) + count;
}

function countOf(subscriptions: Subscriptions | undefined, isShard: boolean): number {
  if (subscriptions === undefined) return 0;
  const { channel, pattern, shard } = subscriptions;
  return isShard ? shard.size : channel.size + pattern.size;
}
