/** What the process's exit code says. Scripts depend on it: never renumber (docs/configuration.md). */

import { DiskDbError, type ErrorCode } from '../base/errors.js';

export const ExitCode = {
  ok: 0,
  failed: 1,
  /** A flag, an environment variable or the config file is wrong. */
  badConfiguration: 2,
  /** Another process owns the data directory. */
  locked: 3,
  /** The log or the store is damaged. */
  damaged: 4,
} as const;

const CODES: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: ExitCode.badConfiguration,
  DIRECTORY_LOCKED: ExitCode.locked,
  LOG_CORRUPT: ExitCode.damaged,
  STORE_CORRUPT: ExitCode.damaged,
};

export function exitCodeOf(error: unknown): number {
  return (error instanceof DiskDbError ? CODES[error.code] : undefined) ?? ExitCode.failed;
}
