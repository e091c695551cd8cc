/** One fsync in flight: who comes meanwhile shares the next. */

export class SharedSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves after a sync that began with this call or later. */
  request(): Promise<void> {
    if (!this.#running) return this.#start();
    const again = () => {
      this.#next = undefined;
      return this.request();
    };
    this.#next ??= this.#running.then(again, again);
    return this.#next;
  }

  /** Resolves when none is in flight, whether it succeeded or not. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running.catch(() => undefined);
  }

  #start(): Promise<void> {
    this.#running = this.#once();
    return this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.#sync();
    } finally {
      this.#running = undefined;
    }
  }
}
