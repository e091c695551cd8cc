/**
 * Channels and those who have subscribed to them. Subscriptions change at once, so that later requests of the same
 * transaction see them; messages go out at the commit, into the same turn. So what a client sees is the order in which
 * requests were committed: nothing before SUBSCRIBE's confirmation or after UNSUBSCRIBE's, each publisher's in order.
 */

import { matchesGlob } from '../base/glob.js';
import type { Done, PubSub, Subscriber, SubscriptionKind } from '../commands/messaging.js';
import type { Transaction } from '../keyspace/transaction.js';
import { Message } from './message.js';
import { Subscribers } from './subscribers.js';

const KINDS: readonly SubscriptionKind[] = ['channel', 'pattern', 'shard'];

export class Channels implements PubSub {
  readonly #transaction: Transaction;
  readonly #kinds: Readonly<Record<SubscriptionKind, Subscribers>> = {
    channel: new Subscribers('channel'),
    pattern: new Subscribers('pattern'),
    shard: new Subscribers('shard'),
  };

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  subscribe(
    subscriber: Subscriber,
    kind: SubscriptionKind,
    names: readonly string[],
    done: Done,
  ): void {
    const subscribers = this.#kinds[kind];
    // One list for all: there may be a hundred thousand.
    const added: string[] = [];
    this.#transaction.onUndo(() => {
      for (const name of added) subscribers.remove(subscriber, name);
    });
    for (const name of names) {
      if (subscribers.add(subscriber, name)) added.push(name);
      done(name);
    }
  }

  unsubscribe(
    subscriber: Subscriber,
    kind: SubscriptionKind,
    names: readonly string[],
    done: Done,
  ): void {
    const subscribers = this.#kinds[kind];
    const removed: string[] = [];
    this.#transaction.onUndo(() => {
      if (subscriber.leaves) return;
      for (const name of removed) subscribers.add(subscriber, name);
    });
    for (const name of names) {
      if (subscribers.remove(subscriber, name)) removed.push(name);
      done(name);
    }
  }

  unsubscribeAll(subscriber: Subscriber): void {
    for (const kind of KINDS) {
      const names = subscriber.subscriptions?.[kind];
      if (names !== undefined) this.unsubscribe(subscriber, kind, [...names], () => undefined);
    }
  }

  leave(subscriber: Subscriber): void {
    const { subscriptions } = subscriber;
    if (subscriptions === undefined) return;
    subscriber.subscriptions = undefined;
    for (const kind of KINDS) void this.#kinds[kind].forget(subscriber, subscriptions[kind]);
  }

  publish(kind: 'channel' | 'shard', channel: string, message: string): number {
    const listeners = this.#kinds[kind].of(channel);
    const word = kind === 'shard' ? 'smessage' : 'message';
    const received = this.#send(listeners, [word, channel, message]);
    return kind === 'shard' ? received : received + this.#publishByPattern(channel, message);
  }

  #publishByPattern(channel: string, message: string): number {
    let received = 0;
    for (const pattern of this.#kinds.pattern.names()) {
      if (!matchesGlob(pattern, channel)) continue;
      const listeners = this.#kinds.pattern.of(pattern);
      received += this.#send(listeners, ['pmessage', pattern, channel, message]);
    }
    return received;
  }

  /** Who is there now gets it: what ends a subscription may follow in the same transaction. */
  #send(receivers: readonly Subscriber[], parts: readonly string[]): number {
    if (receivers.length === 0) return 0;
    const message = new Message(parts);
    this.#transaction.message(() => {
      for (const receiver of receivers) receiver.deliver(message.encoded(receiver.protocol));
    });
    return receivers.length;
  }

  names(kind: SubscriptionKind): Iterable<string> {
    return this.#kinds[kind].names();
  }

  count(kind: SubscriptionKind): number {
    return this.#kinds[kind].size;
  }

  subscribers(kind: SubscriptionKind, name: string): number {
    return this.#kinds[kind].of(name).length;
  }
}
