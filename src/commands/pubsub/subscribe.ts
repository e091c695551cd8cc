/** SUBSCRIBE and its kind: each name is confirmed on its own, by a message. */

import type { Reply } from '../../protocol/reply.js';
import type { Client, CommandContext, RequestParts } from '../context.js';
import type { SubscriptionKind, Subscriptions } from '../messaging.js';
import type { Command } from '../spec.js';

type Run = NonNullable<Command['run']>;

/** What stands before `subscribe` and `unsubscribe` in commands and confirmations. */
const PREFIXES: Readonly<Record<SubscriptionKind, string>> = {
  channel: '',
  pattern: 'p',
  shard: 's',
};

/** Names that are taken at a stretch: a millisecond's work or two. Others are served in between. */
const NAMES_AT_ONCE = 1000;

export function subscribe(kind: SubscriptionKind): Run {
  return (context, argv) => {
    const { client, server } = context;
    const [name = '', ...names] = argv;
    if (areMany(client, names)) return context.goOn(partsOf(name, names));
    const confirmations = new Confirmations(context, kind, 'subscribe');
    server.pubsub.subscribe(client, kind, names, (each) => confirmations.add(each));
    return confirmations.send();
  };
}

/** Without names all end. That is confirmed even if there was none. */
export function unsubscribe(kind: SubscriptionKind): Run {
  return (context, argv) => {
    const { client, server } = context;
    const [name = '', ...given] = argv;
    const names = argv.length > 1 ? given : [...(client.subscriptions?.[kind] ?? [])];
    if (areMany(client, names)) return context.goOn(partsOf(name, names));
    const confirmations = new Confirmations(context, kind, 'unsubscribe');
    if (names.length === 0) confirmations.add(undefined);
    server.pubsub.unsubscribe(client, kind, names, (each) => confirmations.add(each));
    return confirmations.send();
  };
}

/** Ends some of the client's subscriptions, unconfirmed, if they are too many to be ended at once. */
export function leaveSome({ client, server }: CommandContext): boolean {
  const { subscriptions } = client;
  if (subscriptions === undefined) return false;
  const { channel, pattern, shard } = subscriptions;
  if (channel.size + pattern.size + shard.size <= NAMES_AT_ONCE) return false;
  const kind = channel.size > 0 ? 'channel' : pattern.size > 0 ? 'pattern' : 'shard';
  const names: string[] = [];
  for (const name of subscriptions[kind]) if (names.push(name) === NAMES_AT_ONCE) break;
  server.pubsub.unsubscribe(client, kind, names, () => undefined);
  return true;
}

/** Those of a transaction are taken with it. */
function areMany({ inTransaction }: Client, names: readonly string[]): boolean {
  return names.length > NAMES_AT_ONCE && !inTransaction;
}

function partsOf(name: string, names: readonly string[]): RequestParts {
  const parts: string[][] = [];
  for (let i = 0; i < names.length; i += NAMES_AT_ONCE) {
    parts.push([name, ...names.slice(i, i + NAMES_AT_ONCE)]);
  }
  return parts;
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
