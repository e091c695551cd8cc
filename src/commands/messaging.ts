/** Pub/sub as commands see it: what a client can subscribe to, and how messages reach those who have. */

/** A channel by its name, channels by a pattern of names, or a shard's channel by its name. */
export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** The names that one client has subscribed to. */
export type Subscriptions = Readonly<Record<SubscriptionKind, ReadonlySet<string>>> & {
  /** Estimated memory that they take. */
  readonly bytes: number;
};

/** Who gets messages: a client. */
export interface Subscriber {
  readonly protocol: 2 | 3;
  /** It has gone, or is about to. */
  readonly leaves: boolean;
  /** undefined while there is not one: kept by PubSub, looked at by each request. */
  subscriptions: Subscriptions | undefined;
  /** Takes a message that is encoded for its protocol, after the reply to its own request, if one is under way. */
  deliver(message: string): void;
}

/** Called after each name: the subscriber has subscribed to it, or no longer has. */
export type Done = (name: string) => void;

/** What `subscribe`, `unsubscribe` and `publish` do is undone, or not done, with the running transaction. */
export interface PubSub {
  subscribe(
    subscriber: Subscriber,
    kind: SubscriptionKind,
    names: readonly string[],
    done: Done,
  ): void;
  unsubscribe(
    subscriber: Subscriber,
    kind: SubscriptionKind,
    names: readonly string[],
    done: Done,
  ): void;
  /** Every one of its subscriptions ends. */
  unsubscribeAll(subscriber: Subscriber): void;
  /** The client is gone: outside any transaction, never undone. */
  leave(subscriber: Subscriber): void;
  /** Sends to those who have subscribed to the channel, by name or by pattern. How many times it will be received. */
  publish(kind: 'channel' | 'shard', channel: string, message: string): number;
  /** Names that somebody has subscribed to. */
  names(kind: SubscriptionKind): Iterable<string>;
  /** How many names those are. */
  count(kind: SubscriptionKind): number;
  /** How many clients have subscribed to the name. */
  subscribers(kind: SubscriptionKind, name: string): number;
}
