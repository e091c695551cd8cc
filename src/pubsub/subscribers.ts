/** Who has subscribed to which names of one kind, and what each of them has subscribed to. */

import { MultiMap } from '../base/multi-map.js';
import { forEachPaced } from '../base/yield-turn.js';
import type { Subscriber, SubscriptionKind } from '../commands/messaging.js';

type Names = Record<SubscriptionKind, Set<string>> & { bytes: number };

/** An estimate of what a subscription takes besides its name, in bytes. */
const SUBSCRIPTION_BYTES = 100;

export class Subscribers {
  readonly #kind: SubscriptionKind;
  readonly #byName = new MultiMap<string, Subscriber>();
  /** How many have gone and are not forgotten everywhere: nobody is to see them. */
  #leaving = 0;

  constructor(kind: SubscriptionKind) {
    this.#kind = kind;
  }

  /** How many names have a subscriber. */
  get size(): number {
    if (this.#leaving === 0) return this.#byName.size;
    let size = 0;
    for (const _ of this.#presentNames()) size++;
    return size;
  }

  /** Names that have a subscriber. */
  names(): Iterable<string> {
    return this.#leaving === 0 ? this.#byName.keys() : this.#presentNames();
  }

  *#presentNames(): Generator<string> {
    for (const name of this.#byName.keys()) if (this.of(name).length > 0) yield name;
  }

  of(name: string): readonly Subscriber[] {
    const subscribers = this.#byName.get(name);
    return this.#leaving === 0 ? subscribers : subscribers.filter(isPresent);
  }

  /** False if it has been one. */
  add(subscriber: Subscriber, name: string): boolean {
    const own = namesOf(subscriber);
    if (own[this.#kind].has(name)) return false;
    own[this.#kind].add(name);
    own.bytes += SUBSCRIPTION_BYTES + name.length;
    this.#byName.add(name, subscriber);
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
    this.#byName.delete(name, subscriber);
    return true;
  }

  /** Forgets one who has gone and has no `subscriptions` any more: some names at a time, others are served in between. */
  async forget(subscriber: Subscriber, names: ReadonlySet<string>): Promise<void> {
    this.#leaving++;
    await forEachPaced(names, (name) => this.#byName.delete(name, subscriber));
    this.#leaving--;
  }
}

function isPresent({ subscriptions }: Subscriber): boolean {
  return subscriptions !== undefined;
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
