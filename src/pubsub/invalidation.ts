/** What a client that caches is told: these keys may have changed. */

import type { TrackedClient, TrackingClient, TrackingOptions } from '../commands/tracking.js';
import { resp2, resp3 } from '../protocol/encoder.js';

/** RESP2 has no push: a redirected invalidation looks like a message of this channel. */
const CHANNEL = '__redis__:invalidate';
/** An estimate of what a prefix takes besides its text, in bytes. */
const PREFIX_BYTES = 100;

/** A client's tracking, from on to off. The table may know it for longer. */
export class Registration implements TrackedClient {
  readonly client: TrackingClient;
  readonly redirect: TrackingClient | undefined;
  readonly broadcasts: boolean;
  readonly optIn: boolean;
  readonly optOut: boolean;
  readonly noLoop: boolean;
  readonly prefixes: readonly string[];
  readonly bytes: number;
  caching = false;
  isBroken = false;

  constructor(client: TrackingClient, options: TrackingOptions, prefixes: readonly string[]) {
    this.client = client;
    this.redirect = options.redirect;
    this.broadcasts = options.broadcasts;
    this.optIn = options.optIn;
    this.optOut = options.optOut;
    this.noLoop = options.noLoop;
    this.prefixes = prefixes;
    this.bytes = prefixes.reduce((sum, prefix) => sum + PREFIX_BYTES + prefix.length, 0);
  }

  send(invalidation: Invalidation): void {
    const { client, redirect } = this;
    if (redirect === undefined) {
      if (client.protocol === 3) client.deliver(invalidation.push);
    } else if (redirect.leaves || redirect.closing) {
      this.#tellBroken(redirect.id);
    } else if (redirect.protocol === 3) {
      redirect.deliver(invalidation.push);
    } else if (redirect.subscriptions !== undefined) {
      redirect.deliver(invalidation.message);
    }
  }

  #tellBroken(id: number): void {
    this.isBroken = true;
    if (this.client.protocol !== 3) return;
    const text = resp3.bulk('tracking-redir-broken') + resp3.integer(id);
    this.client.deliver(resp3.pushHead(2) + text);
  }
}

/** Each form is made once, if anybody gets it. */
export class Invalidation {
  readonly #keys: readonly string[] | undefined;
  #push: string | undefined;
  #message: string | undefined;

  /** @param keys undefined: all */
  constructor(keys: readonly string[] | undefined) {
    this.#keys = keys;
  }

  get push(): string {
    this.#push ??= resp3.pushHead(2) + resp3.bulk('invalidate') + this.#body(resp3.nullBulk);
    return this.#push;
  }

  get message(): string {
    const head = resp2.pushHead(3) + resp2.bulk('message') + resp2.bulk(CHANNEL);
    this.#message ??= head + this.#body(resp2.nullBulk);
    return this.#message;
  }

  #body(all: string): string {
    if (this.#keys === undefined) return all;
    return resp2.arrayHead(this.#keys.length) + this.#keys.map(resp2.bulk).join('');
  }
}
