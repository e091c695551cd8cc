/** Replaces a file so that a crash leaves either the old one or the new one, whole. */

import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Of a file that was not there: what DiskDB writes may hold secrets. */
const NEW_FILE_MODE = 0o600;

/**
 * The new content is on stable storage when it returns. A link stays a link, and permissions stay as they are.
 * @throws what the system says, or if there is something else than a file; what was there is there then
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before?.isFile() === false) throw new Error(`${path} is not a regular file`);
  const target = before === undefined ? path : realpathSync(path);
  const mode = before === undefined ? NEW_FILE_MODE : before.mode & 0o777;
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeSynced(temporary, content, mode);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(target));
}

function writeSynced(path: string, content: string | Uint8Array, mode: number): void {
  const descriptor = openSync(path, 'w', mode);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
