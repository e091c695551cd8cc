/** Storage's errors: what those of system calls mean to it, and how it reports damage. */

import { DiskDbError, type ErrorCode, systemCode } from '../base/errors.js';

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

/** LevelDB wraps the system's message, so its text is all there is to look at. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DiskDbError && at.code === 'DISK_FULL') return true;
    if (NO_ROOM.has(systemCode(at) ?? '')) return true;
    if (/No space left on device|quota exceeded/i.test(at.message)) return true;
  }
  return false;
}

/** LevelDB's own files are damaged, or one that they name (wrongly, if CURRENT is damaged) is not there. */
const LEVELDB_DAMAGE = /^Corruption: |^IO error: .*: (No such file or directory|Not a directory)$/s;

/** What LevelDB says of its own files, as opposed to a record of ours. */
export function isLeveldbCorruption(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (LEVELDB_DAMAGE.test(at.message)) return true;
  }
  return false;
}

/** DISK_FULL if there is no room, else an error of the given code; one of ours passes unchanged. */
export function storageError(code: ErrorCode, what: string, error: unknown): DiskDbError {
  if (error instanceof DiskDbError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new DiskDbError(isDiskFull(error) ? 'DISK_FULL' : code, `${what}: ${reason}`, error);
}

/** A place in the log that is neither whole nor a torn tail. */
export function logCorrupt(path: string, offset: number, what: string): DiskDbError {
  return new DiskDbError(
    'LOG_CORRUPT',
    `${path} is damaged at offset ${offset}: ${what}. ` +
      'Run `diskdb check` to see the extent and `diskdb repair` to go on without what is lost.',
  );
}
