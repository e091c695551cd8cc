/** What clients can provoke as often as they like is told to the log once in a while, with how often it was. */

import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/log.js';

const WARN_EVERY_MS = 60_000;

export class PeriodicWarning {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    const now = this.#clock.monotonic();
    if (now - this.#lastMs < WARN_EVERY_MS) {
      this.#untold++;
      return;
    }
    this.#logger.warn(this.#untold === 0 ? fields : { ...fields, untold: this.#untold }, message);
    this.#lastMs = now;
    this.#untold = 0;
  }
}
