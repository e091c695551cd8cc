/**
 * maxmemory-clients: what all clients take together is bounded. When it is too much, those that take most are
 * disconnected, unless they said CLIENT NO-EVICT.
 */

import type { Logger } from '../base/log.js';
import type { ConfigValues } from '../config/options.js';

/** The limit in bytes, of a size or of a share of the memory that the data may take; 0 is none. */
export function clientMemoryLimit({ limits, eviction }: ConfigValues): number {
  const text = limits.clientMemory;
  if (!text.endsWith('%')) return Number(text);
  return Math.floor((eviction.maxMemory * Number(text.slice(0, -1))) / 100);
}

/** What is measured, and may have to go. */
export interface MeasuredClient {
  /** Estimated memory of its buffers, queued requests and watches, in bytes. */
  readonly memory: number;
  readonly address: string;
  readonly session: { readonly noEvict: boolean; readonly leaves: boolean };
  kill(): void;
}

export interface ClientMemoryOptions {
  readonly logger: Logger;
  readonly onEvicted: () => void;
}

export class ClientMemory<C extends MeasuredClient> {
  /** Clients are to be measured, by `measure`, whenever what they take may have changed. */
  isOn = false;
  readonly #options: ClientMemoryOptions;
  readonly #sizes = new Map<C, number>();
  #total = 0;
  #limit = 0;

  constructor(options: ClientMemoryOptions) {
    this.#options = options;
  }

  /**
   * In bytes; 0 is no limit. `clients` are all there are. If they take more, some go when the next is measured: whoever has set the
   * limit is, once it has its reply.
   */
  setLimit(bytes: number, clients: Iterable<C>): void {
    this.#limit = bytes;
    this.isOn = bytes > 0;
    this.#sizes.clear();
    this.#total = 0;
    if (!this.isOn) return;
    for (const client of clients) if (!client.session.leaves) this.#count(client);
  }

  measure(client: C): void {
    this.#count(client);
    if (this.#total > this.#limit) this.#evict();
  }

  #count(client: C): void {
    const { memory } = client;
    this.#total += memory - (this.#sizes.get(client) ?? 0);
    this.#sizes.set(client, memory);
  }

  forget(client: C): void {
    this.#total -= this.#sizes.get(client) ?? 0;
    this.#sizes.delete(client);
  }

  /** The largest first, until the others are within the limit. */
  #evict(): void {
    const bySize = [...this.#sizes].sort(([, a], [, b]) => b - a);
    for (const [client, memory] of bySize) {
      if (this.#total <= this.#limit) return;
      if (client.session.noEvict) continue;
      const { logger, onEvicted } = this.#options;
      this.forget(client);
      onEvicted();
      logger.warn(
        { address: client.address, memory },
        'a client was disconnected: all clients together take more memory than maxmemory-clients',
      );
      client.kill();
    }
  }
}
