/** Size and garbage of the store for INFO, measured again a second after the last time, or once they have changed. */

import type { StorageStatistics } from '../storage.js';
import { countGarbage } from './garbage.js';
import type { Store } from './store.js';

export type Measures = Pick<StorageStatistics, 'storeBytes' | 'garbage'>;

/** How old what INFO shows may be, in milliseconds: to measure a store looks at each of its files. */
const MEASURED_FOR_MS = 1000;

export class StoreMeasures {
  readonly #store: Store;
  #measured: Promise<Measures> | undefined;
  /** Infinity while it is being measured: others wait for the same. */
  #until = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  get(): Promise<Measures> {
    if (this.#measured === undefined || performance.now() > this.#until) {
      this.#until = Number.POSITIVE_INFINITY;
      this.#measured = this.#measure();
    }
    return this.#measured;
  }

  /** To be called when the store has changed. */
  forget(): void {
    this.#measured = undefined;
  }

  async #measure(): Promise<Measures> {
    try {
      return { storeBytes: await this.#store.size(), garbage: await countGarbage(this.#store) };
    } catch (error) {
      this.forget();
      throw error;
    } finally {
      this.#until = performance.now() + MEASURED_FOR_MS;
    }
  }
}
