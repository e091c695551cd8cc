/**
 * A file whose writes wait in memory until `settle`: the log's segment when `wal_enabled` is false. It is
 * then written and synced as one at each checkpoint.
 */

import { assert } from '../../base/assert.js';
import type { FileHandle } from '../../base/files.js';
import { yieldTurn } from '../../base/yield-turn.js';

export class DeferredFile implements FileHandle {
  readonly #file: FileHandle;
  /** Bytes that are in the file; the waiting ones follow. */
  #settled: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
    this.#settled = file.sizeSync();
  }

  get path(): string {
    return this.#file.path;
  }

  writeSync(bytes: Uint8Array, position: number): void {
    assert(position === this.sizeSync(), 'a deferred file only grows at its end');
    this.#waiting.push(Buffer.from(bytes));
    this.#waitingBytes += bytes.length;
  }

  /** Writes what waits, in pieces between which the event loop turns. The caller syncs afterwards. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#settleFirst(1024 * 1024);
      await yieldTurn();
    }
  }

  settleSync(): void {
    while (this.#waiting.length > 0) this.#settleFirst(Number.POSITIVE_INFINITY);
  }

  readSync(into: Uint8Array, position: number): number {
    this.settleSync();
    return this.#file.readSync(into, position);
  }

  truncateSync(length: number): void {
    while (this.#waiting.length > 0 && this.sizeSync() > length) {
      this.#waitingBytes -= this.#waiting.pop()?.length ?? 0;
    }
    if (length < this.#settled) {
      this.#file.truncateSync(length);
      this.#settled = length;
    }
    assert(this.sizeSync() === length, 'a deferred file is cut between two writes');
  }

  sizeSync(): number {
    return this.#settled + this.#waitingBytes;
  }

  dataSync(): Promise<void> {
    return this.#file.dataSync();
  }

  dataSyncSync(): void {
    this.#file.dataSyncSync();
  }

  closeSync(): void {
    this.#file.closeSync();
  }

  /** Writes the first waiting pieces, about `bytes` of them, with one call. They stay if it fails. */
  #settleFirst(bytes: number): void {
    let count = 0;
    let taken = 0;
    while (count < this.#waiting.length && taken < bytes) {
      taken += this.#waiting[count++]?.length ?? 0;
    }
    this.#file.writeSync(Buffer.concat(this.#waiting.slice(0, count)), this.#settled);
    this.#waiting.splice(0, count);
    this.#waitingBytes -= taken;
    this.#settled += taken;
  }
}
