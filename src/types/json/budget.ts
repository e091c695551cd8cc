/**
 * The memory that a request takes for JSON: parsed values, text, copies, places. Text of a few megabytes can be a value of
 * a hundred, so it is counted while it grows, and not when it is there.
 */

/** Told in steps of so many bytes, because being told costs more than counting. */
const STEP_BYTES = 65_536;

export class Budget {
  readonly #reserve: (bytes: number) => void;
  #untold = 0;

  /** @param reserve is told of more bytes, and throws if they are too many */
  constructor(reserve: (bytes: number) => void) {
    this.#reserve = reserve;
  }

  take(bytes: number): void {
    this.#untold += bytes;
    if (this.#untold < STEP_BYTES) return;
    this.#reserve(this.#untold);
    this.#untold = 0;
  }
}

/** For values whose size is known to be small. */
export const UNLIMITED = new Budget(() => undefined);
