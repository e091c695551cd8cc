/** Who has subscribed to which names of one kind, and what each of them has subscribed to. */

import type { Subscriber, SubscriptionKind } from '../commands/messaging.js';

type Names = Record<SubscriptionKind, Set<string>> & { bytes: number };

/** An estimate of what a subscription takes besides its name, in bytes. */
const SUBSCRIPTION_BYTES = 100;

export class Subscribers {
  readonly #kind: SubscriptionKind;
  readonly #byName = new Map<string, Set<Subscriber>>();

  constructor(kind: SubscriptionKind) {
    this.#kind = kind;
  }

  /** How many names have a subscriber. */
  get size(): number {
    return this.#byName.size;
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  entries(): Iterable<readonly [name: string, subscribers: ReadonlySet<Subscriber>]> {
    return this.#byName;
  }

  of(name: string): ReadonlySet<Subscriber> | undefined {
    return this.#byName.get(name);
  }

  /** False if it has been one. */
  add(subscriber: Subscriber, name: string): boolean {
    const own = namesOf(subscriber);
    if (own[this.#kind].has(name)) return false;
    own[this.#kind].add(name);
    own.bytes += SUBSCRIPTION_BYTES + name.length;
    const subscribers = this.#byName.get(name);
    if (subscribers === undefined) this.#byName.set(name, new Set([subscriber]));
    else subscribers.add(subscriber);
    return true;
  }

  /** False if it has been none. */
  remove(subscriber: Subscriber, name: string): boolean {
    const own = subscriber.subscriptions as Names | undefined;
    if (!own?.[this.#kind].delete(name)) return false;
    own.bytes -= SUBSCRIPTION_BYTES + name.length;
    if (own.channel.size + own.pattern.size + own.shard.size === 0) {
      subscriber.subscriptions = undefined;
    }
    const subscribers = this.#byName.get(name);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#byName.delete(name);
    return true;
  }
}

function namesOf(subscriber: Subscriber): Names {
  subscriber.subscriptions ??= {
    channel: new Set(),
    pattern: new Set(),
    shard: new Set(),
    bytes: 0,
  };
  return subscriber.subscriptions as Names;
}
