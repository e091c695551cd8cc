/**
 * Who holds the data directory. LevelDB's lock, which ends with its process however that dies, is what
 * excludes; this file only lets the refusal name the holder.
 */

import { hostname } from 'node:os';
import { DiskDbError } from '../base/errors.js';
import type { Files } from '../base/files.js';

const NAME = 'holder';

/** Called with the lock held. */
export function writeHolder(files: Files, directory: string, nowMs: number): void {
  removeHolder(files, directory);
  const text = `process ${process.pid} on ${hostname()} since ${new Date(nowMs).toISOString()}`;
  const handle = files.openSync(`${directory}/${NAME}`, 'create');
  try {
    handle.writeSync(Buffer.from(text), 0);
  } finally {
    handle.closeSync();
  }
}

export function removeHolder(files: Files, directory: string): void {
  const path = `${directory}/${NAME}`;
  if (files.existsSync(path)) files.removeSync(path);
}

/** Opens what the lock protects; a refusal names the holder. @throws DIRECTORY_LOCKED, and what `open` throws */
export async function openLocked<T>(
  files: Files,
  directory: string,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const isLocked = error instanceof DiskDbError && error.code === 'DIRECTORY_LOCKED';
    throw isLocked ? lockedError(files, directory, error) : error;
  }
}

function lockedError(files: Files, directory: string, cause: unknown): DiskDbError {
  const message = `data directory ${directory} is in use by ${readHolder(files, directory)}`;
  return new DiskDbError('DIRECTORY_LOCKED', message, cause);
}

function readHolder(files: Files, directory: string): string {
  const path = `${directory}/${NAME}`;
  if (!files.existsSync(path)) return 'another process';
  const handle = files.openSync(path, 'read');
  try {
    const text = Buffer.alloc(256);
    return text.toString('utf8', 0, handle.readSync(text, 0)) || 'another process';
  } finally {
    handle.closeSync();
  }
}
