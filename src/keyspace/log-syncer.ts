/** `sync: interval`: brings the log to stable storage again and again. */

import type { Logger } from '../base/log.js';
import type { Log } from '../storage/storage.js';

/** Read anew for each run: they may change. */
export interface SyncSettings {
  readonly sync: string;
  /** In milliseconds. */
  readonly syncInterval: number;
}

export class LogSyncer {
  readonly #log: Log;
  readonly #logger: Logger;
  readonly #settings: SyncSettings;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, logger: Logger, settings: SyncSettings) {
    this.#log = log;
    this.#logger = logger;
    this.#settings = settings;
  }

  open(): void {
    const run = (): void => {
      if (this.#settings.sync === 'interval') void this.#sync();
      this.open();
    };
    this.#timer = setTimeout(run, this.#settings.syncInterval).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #sync(): Promise<void> {
    const log = this.#log;
    if (log.writtenLsn <= log.syncedLsn || log.failure !== undefined) return;
    try {
      await log.sync();
    } catch (error) {
      const message = 'the log could not be synced: writes are refused from now on';
      this.#logger.error({ err: error }, message);
    }
  }
}
