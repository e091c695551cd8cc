/** A task that is suspended goes on where it met a fault: what it loads there is counted for that part alone. */

import { Attempt } from './attempt.js';

export class FaultyParts {
  readonly #whole: Attempt;
  #part: number | undefined;
  #attempt: Attempt | undefined;
  /** How many there were. */
  count = 0;

  constructor(whole: Attempt) {
    this.#whole = whole;
  }

  /** `loadedBytes`: with what it has read by blocking calls before it met the fault. */
  attemptOf(part: number, loadedBytes: number): Attempt {
    if (this.#attempt === undefined || this.#part !== part) {
      this.end();
      this.#part = part;
      this.#attempt = new Attempt(this.#whole.now, this.#whole.seed);
      this.count++;
    }
    this.#attempt.loadedBytes = loadedBytes;
    return this.#attempt;
  }

  /** There will be no more. */
  end(): void {
    this.#attempt?.end();
    this.#attempt = undefined;
  }
}
