/** For how long more has been used than `maxmemory`: INFO's total_ and current_eviction_exceeded_time. */

import type { Clock } from '../base/clock.js';

export class ExceededTime {
  readonly #clock: Clock;
  #since: number | undefined;
  #before = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be told whenever it was looked at. */
  note(isExceeded: boolean): void {
    if (isExceeded) this.#since ??= this.#clock.monotonic();
    else if (this.#since !== undefined) this.#end();
  }

  #end(): void {
    this.#before += this.current;
    this.#since = undefined;
  }

  /** Since it began last, in milliseconds; 0: it is not now. */
  get current(): number {
    return this.#since === undefined ? 0 : this.#clock.monotonic() - this.#since;
  }

  /** Since the start, or the last reset, in milliseconds. */
  get total(): number {
    return this.#before + this.current;
  }

  /** What is now counts from now. */
  reset(): void {
    this.#before = 0;
    if (this.#since !== undefined) this.#since = this.#clock.monotonic();
  }
}
