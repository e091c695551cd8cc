/** Who has subscribed to which names of one kind, and what each of them has subscribed to. */

import { forEachPaced } from '../base/yield-turn.js';
import type { Subscriber, SubscriptionKind } from '../commands/messaging.js';

type Names = Record<SubscriptionKind, Set<string>> & { bytes: number };

/** An estimate of what a subscription takes besides its name, in bytes. */
const SUBSCRIPTION_BYTES = 100;

export class Subscribers {
  readonly #kind: SubscriptionKind;
  readonly #byName = new Map<string, Set<Subscriber>>();
  /** How many have gone and are not forgotten everywhere: nobody is to see them. */
  #leaving = 0;

  constructor(kind: SubscriptionKind) {
    this.#kind = kind;
  }

  /** How many names have a subscriber. */
  get size(): number {
    if (this.#leaving === 0) return this.#byName.size;
    let size = 0;
    for (const _ of this.#present()) size++;
    return size;
  }

  names(): Iterable<string> {
    if (this.#leaving === 0) return this.#byName.keys();
    return [...this.#present()].map(([name]) => name);
  }

  entries(): Iterable<readonly [name: string, subscribers: ReadonlySet<Subscriber>]> {
    return this.#leaving === 0 ? this.#byName : this.#present();
  }

  of(name: string): ReadonlySet<Subscriber> | undefined {
    const subscribers = this.#byName.get(name);
    if (this.#leaving === 0 || subscribers === undefined) return subscribers;
    return presentOf(subscribers);
  }

  *#present(): Generator<readonly [name: string, subscribers: ReadonlySet<Subscriber>]> {
    for (const [name, subscribers] of this.#byName) {
      const present = presentOf(subscribers);
      if (present !== undefined) yield [name, present];
    }
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
    this.#removeFrom(name, subscriber);
    return true;
  }

  /** Forgets one who has gone and has no `subscriptions` any more: some names at a time, others are served in between. */
  async forget(subscriber: Subscriber, names: ReadonlySet<string>): Promise<void> {
    this.#leaving++;
    await forEachPaced(names, (name) => this.#removeFrom(name, subscriber));
    this.#leaving--;
  }

  #removeFrom(name: string, subscriber: Subscriber): void {
    const subscribers = this.#byName.get(name);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#byName.delete(name);
  }
}

/** Those who have not gone; undefined if there are none. */
function presentOf(subscribers: ReadonlySet<Subscriber>): ReadonlySet<Subscriber> | undefined {
  let gone = 0;
  for (const { subscriptions } of subscribers) if (subscriptions === undefined) gone++;
  if (gone === 0) return subscribers;
  if (gone === subscribers.size) return undefined;
  return new Set([...subscribers].filter(({ subscriptions }) => subscriptions !== undefined));
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
