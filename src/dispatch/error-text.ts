/** The text of the error reply for what a request threw. */

import { DiskDbError, type ErrorCode } from '../base/errors.js';
import type { Logger } from '../base/log.js';
import { errorReplyOf } from '../commands/command-error.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import { CannotWait, CommandTooLarge } from '../keyspace/limits.js';
import { failureReply } from './guard.js';
import { Refusal, type Request } from './request.js';

/** What keeps the log from being written, or from being folded to make room for more of it. */
const LOG_ERRORS: ReadonlySet<ErrorCode> = new Set(['DISK_FULL', 'LOG_FAILED', 'LOG_CORRUPT']);

export function errorText(error: unknown, { command, args }: Request, logger: Logger): string {
  const reply = errorReplyOf(error);
  if (reply !== undefined) return isAborted(error, command) ? abortText(reply) : reply;
  if (error instanceof CannotWait) return 'ERR This Redis command is not allowed from script';
  if (error instanceof CommandTooLarge) return `ERR ${error.message}`;
  if (error instanceof DiskDbError) return storageErrorText(error, command);
  const fields = { err: error, command: command.fullName, arguments: args.length };
  logger.error(fields, 'a command failed in a way it must not');
  return `ERR internal error: ${error instanceof Error ? error.message : String(error)}`;
}

/** EXEC that may not run ends its transaction. */
function isAborted(error: unknown, { fullName }: ResolvedCommand): boolean {
  return error instanceof Refusal && fullName === 'exec';
}

export function abortText(reason: string): string {
  return `EXECABORT Transaction discarded because of: ${reason.replace(/^ERR /, '')}`;
}

function storageErrorText(error: DiskDbError, command: ResolvedCommand): string {
  const { code, message } = error;
  if (code === 'STORE_CORRUPT' || code === 'CLOSED') return `ERR ${message}`;
  if (LOG_ERRORS.has(code)) return failureReply(error);
  if (command.isReadonly) return `ERR DiskDB cannot read its store: ${message}`;
  // Of a write it may be what it had to read, or the fold that was to make room for it: the message says which.
  return `MISCONF DiskDB's store has failed: ${message}`;
}
