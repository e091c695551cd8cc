/**
 * The reserve: a file of no content that keeps room for a fold. On a full disk it is freed, the fold then
 * empties the log, and it is made again when there is room.
 */

import { randomBytes } from 'node:crypto';
import type { Files } from '../base/files.js';
import { yieldTurn } from '../base/yield-turn.js';

const BLOCK_BYTES = 1024 * 1024;

export class Reserve {
  readonly #files: Files;
  readonly #directory: string;
  readonly #bytes: number;

  constructor(files: Files, directory: string, bytes: number) {
    this.#files = files;
    this.#directory = directory;
    this.#bytes = bytes;
  }

  get #path(): string {
    return `${this.#directory}/reserve`;
  }

  get held(): boolean {
    return this.#files.existsSync(this.#path);
  }

  /** Called when the disk is full. True if that made room. */
  free(): boolean {
    if (!this.held) return false;
    this.#files.removeSync(this.#path);
    return true;
  }

  /**
   * Makes the reserve, unless `mayGoOn` ends that, it exists, or it would take more than half of what is free. Written in blocks
   * between which the event loop turns; random bytes, because some file systems store no zeros.
   */
  async make(mayGoOn: () => boolean): Promise<void> {
    if (this.#bytes === 0 || this.held) return;
    if (this.#files.freeBytes(this.#directory) < 2 * this.#bytes) return;
    // Complete under its name or not at all: a short reserve would promise what it cannot keep.
    const path = `${this.#path}.new`;
    if (this.#files.existsSync(path)) this.#files.removeSync(path);
    try {
      if (await this.#fill(path, mayGoOn)) this.#files.renameSync(path, this.#path);
      else this.#files.removeSync(path);
    } catch (error) {
      this.#files.removeSync(path);
      throw error;
    }
  }

  async #fill(path: string, mayGoOn: () => boolean): Promise<boolean> {
    const block = randomBytes(Math.min(BLOCK_BYTES, this.#bytes));
    const handle = this.#files.openSync(path, 'create');
    try {
      for (let at = 0; at < this.#bytes; at += block.length) {
        handle.writeSync(block.subarray(0, this.#bytes - at), at);
        await yieldTurn();
        if (!mayGoOn()) return false;
      }
      await handle.dataSync();
      return true;
    } finally {
      handle.closeSync();
    }
  }
}
