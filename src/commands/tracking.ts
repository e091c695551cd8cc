/** Client-side caching as commands see it: who is told of which keys. redis.io/docs/latest/develop/clients/client-side-caching */

import type { Subscriber } from './messaging.js';

/** Who caches, and who is told in its place. */
export interface TrackingClient extends Subscriber {
  readonly id: number;
  /** It takes no more requests. */
  readonly closing: boolean;
  /** While CLIENT TRACKING is on; looked at after each request. */
  tracking: TrackedClient | undefined;
}

export interface TrackingOptions {
  /** Who gets the invalidations; undefined: the client itself. */
  readonly redirect: TrackingClient | undefined;
  /** Of all keys with a prefix, read or not. */
  readonly broadcasts: boolean;
  /** Keys are remembered only after CLIENT CACHING YES … */
  readonly optIn: boolean;
  /** … or but after CLIENT CACHING NO. */
  readonly optOut: boolean;
  /** Not of what it changes itself. */
  readonly noLoop: boolean;
}

export interface TrackedClient extends TrackingOptions {
  /** `''` for all keys. */
  readonly prefixes: readonly string[];
  /** Estimated memory that the prefixes take. */
  readonly bytes: number;
  /** CLIENT CACHING was given for the next request. */
  caching: boolean;
  /** Who was to get the invalidations has gone. */
  isBroken: boolean;
}

/** What these do is undone, or not done, with the running transaction. */
export interface Tracking {
  /** Prefixes are added to those that the client has. */
  enable(client: TrackingClient, options: TrackingOptions, prefixes: readonly string[]): void;
  disable(client: TrackingClient): void;
  /** The client is gone: outside any transaction, never undone. */
  leave(client: TrackingClient): void;
  /** The client has been told what the keys hold; to be called after the command has run, in its transaction. */
  remember(client: TrackingClient, keys: readonly string[]): void;
  /** The client, which is tracked, changes what it wants to hear of only from others. */
  changes(client: TrackingClient): void;
  /** Any key may have changed. */
  flushed(): void;
  readonly clients: number;
  readonly keys: number;
  /** Keys, each as often as clients are to be told of it. */
  readonly items: number;
  readonly prefixes: number;
}
