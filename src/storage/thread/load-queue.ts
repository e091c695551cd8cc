/** Gathers the loads of one turn of the event loop into one message to the storage thread. */

import { DiskDbError } from '../../base/errors.js';

type Values = (string | undefined)[];
type Load = (keys: readonly string[]) => Promise<Values>;

interface Waiting {
  readonly keys: readonly string[];
  readonly resolve: (values: Values) => void;
  readonly reject: (error: unknown) => void;
}

export class LoadQueue {
  readonly #load: Load;
  #waiting: Waiting[] = [];

  constructor(load: Load) {
    this.#load = load;
  }

  /** The turn's loads leave after it, in setImmediate: when all sockets that are ready have been read. */
  load(keys: readonly string[]): Promise<Values> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ keys, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const values = await this.#load(waiting.flatMap(({ keys }) => keys));
      let at = 0;
      for (const { keys, resolve } of waiting) {
        resolve(values.slice(at, at + keys.length));
        at += keys.length;
      }
    } catch (error) {
      this.#isolate(waiting, error);
    }
  }

  /** One damaged record is the business of those who asked for it, not of their neighbours. */
  #isolate(waiting: readonly Waiting[], error: unknown): void {
    const damaged = error instanceof DiskDbError && error.code === 'STORE_CORRUPT';
    for (const { keys, resolve, reject } of waiting) {
      if (damaged && waiting.length > 1) this.#load(keys).then(resolve, reject);
      else reject(error);
    }
  }
}
