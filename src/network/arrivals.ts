/**
 * Connections of which one request has come and no more, as of clients that do not pipeline. They are served together, so that
 * the processor looks for all of their keys at the same time (see KeyWarmer): in the order in which they came, and before
 * whatever comes after them. Their replies leave when they would have.
 */

import type { Argument } from '../base/large-string.js';
import type { Turn } from '../dispatch/turn.js';
import type { KeyWarmer } from '../keyspace/key-warmer.js';

/** So many are served together: of more, the first one's key would be out of the cache again before its turn. */
const LOT = 32;

type Request = readonly Argument[];

export interface Arrival {
  readonly session: { readonly databaseIndex: number };
  /** Serves it, unless it is gone by now. */
  serve(): void;
}

export class Arrivals {
  readonly #warmer: KeyWarmer;
  readonly #turn: Turn;
  #waiting: Arrival[] = [];
  /** What each has asked for. */
  #requests: Request[] = [];

  constructor(warmer: KeyWarmer, turn: Turn) {
    this.#warmer = warmer;
    this.#turn = turn;
    turn.onEnding = () => this.serve();
  }

  /** It is served before the turn ends. */
  add(arrival: Arrival, request: Request): void {
    this.#requests.push(request);
    if (this.#waiting.push(arrival) === LOT) this.serve();
    else this.#turn.schedule();
  }

  /** To be called before anything is served that came after them. */
  serve(): void {
    if (this.#waiting.length === 0) return;
    const arrivals = this.#waiting;
    const requests = this.#requests;
    this.#waiting = [];
    this.#requests = [];
    if (arrivals.length > 1) this.#warm(arrivals, requests);
    for (const arrival of arrivals) arrival.serve();
  }

  /** Those that are in another database than the first are few. */
  #warm(arrivals: readonly Arrival[], requests: readonly Request[]): void {
    const index = (arrivals[0] as Arrival).session.databaseIndex;
    const isThere = (_: Request, i: number): boolean =>
      arrivals[i]?.session.databaseIndex === index;
    this.#warmer.warm(index, requests.filter(isThere));
  }
}
