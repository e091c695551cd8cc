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
  return (context, argv) => {
    const confirmations = new Confirmations(context, kind, 'subscribe');
    const { client, server } = context;
    server.pubsub.subscribe(client, kind, argv.slice(1), (name) => confirmations.add(name));
    return confirmations.send();
  };
}

/** Without names all end. That is confirmed even if there was none. */
export function unsubscribe(kind: SubscriptionKind): Run {
  return (context, argv) => {
    const confirmations = new Confirmations(context, kind, 'unsubscribe');
    const { client, server } = context;
    const all = argv.length === 1;
    const names = all ? [...(client.subscriptions?.[kind] ?? [])] : argv.slice(1);
    if (names.length === 0) confirmations.add(undefined);
    server.pubsub.unsubscribe(client, kind, names, (name) => confirmations.add(name));
    return confirmations.send();
  };
}

/**
 * The confirmations are messages, so they come even where replies are silenced; there is no reply besides. In EXEC
 * they are the reply, in its array, and break it if they are several: in Redis, too.
 */
class Confirmations {
  readonly #context: CommandContext;
  readonly #isShard: boolean;
  /** What all begin with. */
  readonly #head: string;
  #text = '';

  constructor(context: CommandContext, kind: SubscriptionKind, word: string) {
    this.#context = context;
    this.#isShard = kind === 'shard';
    this.#head = context.reply.pushHead(3) + context.reply.bulk(PREFIXES[kind] + word);
  }

  /** The number is that of the client's channels and patterns, or of its shard channels. */
  add(name: string | undefined): void {
    const { client, reply } = this.#context;
    const count = countOf(client.subscriptions, this.#isShard);
    this.#text += this.#head + reply.bulkOrNull(name) + reply.integer(count);
  }

  send(): Reply {
    const { client } = this.#context;
    if (client.inTransaction) return this.#text;
    client.push(this.#text);
    return '';
  }
}

function countOf(subscriptions: Subscriptions | undefined, isShard: boolean): number {
  if (subscriptions === undefined) return 0;
  const { channel, pattern, shard } = subscriptions;
  return isShard ? shard.size : channel.size + pattern.size;
}
