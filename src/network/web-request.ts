/**
 * A browser on this machine can be made to POST to any port, and the body would be inline commands. Redis hangs
 * up on the words every such request begins with, and so must we.
 */

import type { Clock } from '../base/clock.js';
import type { Argument } from '../base/large-string.js';
import type { Logger } from '../base/log.js';

const WARN_EVERY_MS = 60_000;

/** For requests that are no command: neither word is one. */
export function isWebRequest([name]: readonly Argument[]): boolean {
  return typeof name === 'string' && /^(post|host:)$/i.test(name);
}

/** Tells the log, not more than once a minute. */
export class WebRequestWarning {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  note(address: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#lastMs < WARN_EVERY_MS) return;
    this.#lastMs = now;
    this.#logger.warn(
      { address },
      'possible attack: a client sent POST or Host:, as browsers do; it was disconnected',
    );
  }
}
