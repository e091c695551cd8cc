/** Every error that is the world's fault, by code. Commands turn them into replies, tools into exit codes. */

export type ErrorCode =
  | 'DISK_FULL' // no room for the log or the store; writing resumes when there is
  | 'LOG_FAILED' // a write or fsync of the log failed; nothing is acknowledged until restart
  | 'LOG_CORRUPT' // a frame that had been synced is damaged
  | 'STORE_CORRUPT' // a stored record fails its checksum, or a fold marker is missing
  | 'STORE_FAILED' // LevelDB refused a write; the log still holds everything
  | 'FORMAT_UNKNOWN' // written by a newer version
  | 'DIRECTORY_LOCKED' // another process owns the data directory
  | 'CONFIG_INVALID'
  | 'HEAP_FULL' // more memory was needed than V8 may have
  | 'CLOSED';

export class DiskDbError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DiskDbError';
    this.code = code;
  }
}

/** The code of an error that the system or a library reports (`ENOENT`); undefined if it has none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
