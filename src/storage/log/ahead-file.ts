/**
 * A file that keeps room written ahead of its end: the log's segment when every group is synced. An fdatasync
 * of bytes that replace zeros in place needs no new length of the file, so the file system commits no journal
 * for it: 0.14 ms in place of 0.23 on ext4 (measured).
 */

import type { FileHandle } from '../../base/files.js';

const ROOM = Buffer.alloc(1024 * 1024);

export class AheadFile implements FileHandle {
  readonly #file: FileHandle;
  readonly #wanted: () => boolean;
  /** Where the written bytes end, and where the zeros behind them do. */
  #length: number;
  #roomEnd: number;
  /** The disk had no room for room: this file goes on without. */
  #full = false;

  /** `wanted` says whether room is to be written from now on; what there is, is used in any case. */
  constructor(file: FileHandle, wanted: () => boolean) {
    this.#file = file;
    this.#wanted = wanted;
    this.#length = file.sizeSync();
    this.#roomEnd = this.#length;
  }

  get path(): string {
    return this.#file.path;
  }

  writeSync(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#roomEnd) this.#makeRoom(end);
    this.#file.writeSync(bytes, position);
    this.#length = Math.max(this.#length, end);
    this.#roomEnd = Math.max(this.#roomEnd, end);
  }

  /** Gives back the room that was not used. */
  trimSync(): void {
    if (this.#roomEnd > this.#length) this.truncateSync(this.#length);
  }

  readSync(into: Uint8Array, position: number): number {
    const within = Math.max(0, Math.min(into.length, this.#length - position));
    return this.#file.readSync(into.subarray(0, within), position);
  }

  truncateSync(length: number): void {
    this.#file.truncateSync(length);
    this.#length = length;
    this.#roomEnd = length;
  }

  sizeSync(): number {
    return this.#length;
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

  #makeRoom(end: number): void {
    if (this.#full || !this.#wanted()) return;
    try {
      this.#file.writeSync(ROOM, end);
      this.#roomEnd = end + ROOM.length;
    } catch {
      // Room is a convenience. If the frame itself does not fit either, its own write says so.
      this.#full = true;
      this.#file.truncateSync(this.#length);
    }
  }
}
