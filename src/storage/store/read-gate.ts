/** Lets reads of the store run side by side, and holds new ones back while it is closed and opened again. */

import { assert } from '../../base/assert.js';

export class ReadGate {
  #running = 0;
  #whenIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** A read that cannot wait must not be tried now. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Runs the read, when the gate is open. A read must not start another one within itself. */
  async read<T>(work: () => T | Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed;
    this.#running++;
    try {
      return await work();
    } finally {
      if (--this.#running === 0) this.#whenIdle?.();
    }
  }

  /** Runs the work when the reads under way have ended; those that come meanwhile wait for its end. */
  async exclude(work: () => Promise<void>): Promise<void> {
    assert(this.#closed === undefined, 'one at a time closes the gate');
    const done = this.#endReads().then(work);
    const open = (): void => {
      this.#closed = undefined;
    };
    this.#closed = done.then(open, open);
    await this.#closed;
    await done;
  }

  async #endReads(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    this.#whenIdle = undefined;
  }
}
