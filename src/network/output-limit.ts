/** When a client that does not take what it is sent has to go: client-output-buffer-limit. */

import type { OutputLimit } from '../config/output-limits.js';

const MS_PER_SECOND = 1000;

export class OutputLimiter {
  /** Since when more than the soft limit has waited, in milliseconds; undefined while it does not. */
  #softSince: number | undefined;

  /**
   * Whether so many bytes are too much; to be asked whenever more are added, and once in a while. `now`: milliseconds
   * that never go back.
   */
  isExceeded(
    { hardBytes, softBytes, softSeconds }: OutputLimit,
    bytes: number,
    now: number,
  ): boolean {
    if (hardBytes > 0 && bytes >= hardBytes) return true;
    if (softBytes === 0 || bytes < softBytes) {
      this.#softSince = undefined;
      return false;
    }
    this.#softSince ??= now;
    return now - this.#softSince > softSeconds * MS_PER_SECOND;
  }
}
