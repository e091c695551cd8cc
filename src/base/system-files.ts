/** The operating system's files behind the `Files` interface. */

import fs from 'node:fs';
import { dirname } from 'node:path';
import type { FileHandle, Files, OpenMode } from './files.js';

const FLAGS: Record<OpenMode, string> = { read: 'r', 'read-write': 'r+', create: 'wx+' };

class SystemFile implements FileHandle {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  writeSync(bytes: Uint8Array, position: number): void {
    const { length } = bytes;
    let done = fs.writeSync(this.#descriptor, bytes, 0, length, position);
    while (done < length) {
      // A short write is legal (a signal, or the last free block); the next one tells the reason.
      done += fs.writeSync(this.#descriptor, bytes, done, length - done, position + done);
    }
  }

  readSync(into: Uint8Array, position: number): number {
    let done = 0;
    while (done < into.length) {
      const count = fs.readSync(this.#descriptor, into, done, into.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  truncateSync(length: number): void {
    fs.ftruncateSync(this.#descriptor, length);
  }

  sizeSync(): number {
    return fs.fstatSync(this.#descriptor).size;
  }

  dataSync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }

  dataSyncSync(): void {
    fs.fdatasyncSync(this.#descriptor);
  }

  closeSync(): void {
    fs.closeSync(this.#descriptor);
  }
}

function syncDirectorySync(path: string): void {
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await fs.promises.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A new directory, its missing parents too, each on stable storage. Not by mkdir's own `recursive`: where a file system
 * takes no directories and says ENOENT (/proc), Node 20 tries for ever.
 */
function makeDirectorySync(path: string): void {
  if (fs.existsSync(path)) return;
  const parent = dirname(path);
  makeDirectorySync(parent);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    // Another process may have been quicker.
    if (!fs.existsSync(path)) throw error;
  }
  syncDirectorySync(parent);
}

function listSync(path: string): string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = fs.statfsSync(path);
  return bavail * bsize;
}

export const systemFiles: Files = {
  openSync: (path, mode) => new SystemFile(path, fs.openSync(path, FLAGS[mode])),
  existsSync: fs.existsSync,
  listSync,
  makeDirectorySync,
  removeSync: fs.unlinkSync,
  renameSync: fs.renameSync,
  syncDirectory,
  syncDirectorySync,
  freeBytes,
};
