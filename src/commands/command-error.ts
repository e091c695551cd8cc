/** An error reply: a command throws it, the dispatcher undoes the command and sends it. */

import { JsonError } from '../types/json/parse.js';
import { PathError, PathLimitError } from '../types/json/path-text.js';
import { ValueError, type ValueErrorCode } from '../types/value-error.js';

export class CommandError extends Error {
  /** @param reply the text after `-`, its code first: `ERR value is not an integer or out of range` */
  constructor(reply: string) {
    super(reply);
    this.name = 'CommandError';
  }
}

/** Error texts that many commands share, exactly as Redis has them. */
export const errors = {
  wrongType: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  syntax: 'ERR syntax error',
  notInteger: 'ERR value is not an integer or out of range',
  notFloat: 'ERR value is not a valid float',
  noSuchKey: 'ERR no such key',
  outOfRange: 'ERR index out of range',
} as const;

// A stack trace costs more than the whole command, and nobody reads it: the reply says it all.
export function fail(reply: string): never {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    throw new CommandError(reply);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

const valueErrors: Record<ValueErrorCode, string> = {
  WRONG_TYPE: errors.wrongType,
  WRONG_TYPE_FOR_JSON: 'Existing key has wrong Redis type',
  NOT_INTEGER: errors.notInteger,
  NOT_FLOAT: errors.notFloat,
  NOT_SORTABLE: "ERR One or more scores can't be converted into double",
  FIELD_NOT_INTEGER: 'ERR hash value is not an integer',
  FIELD_NOT_FLOAT: 'ERR hash value is not a float',
  OVERFLOW: 'ERR increment or decrement would overflow',
  NOT_FINITE: 'ERR increment would produce NaN or Infinity',
  TOO_LONG: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
  NOT_HYPERLOGLOG: 'WRONGTYPE Key is not a valid HyperLogLog string value.',
  CORRUPT_HYPERLOGLOG: 'INVALIDOBJ Corrupted HLL object detected',
  BAD_CHECKSUM: 'ERR DUMP payload version or checksum are wrong',
  BAD_FORMAT: 'ERR Bad data format',
  DUMP_TOO_LONG:
    'ERR DUMP payload exceeds maximum allowed size (proto-max-bulk-len, or what cache_size leaves room for)',
};

/** The text of the error reply for what a command threw; undefined if it is a bug or the storage's error. */
export function errorReplyOf(error: unknown): string | undefined {
  if (error instanceof CommandError) return error.message;
  if (error instanceof JsonError || error instanceof PathError) return error.message;
  if (error instanceof PathLimitError) return `ERR ${error.message}`;
  return error instanceof ValueError ? valueErrors[error.code] : undefined;
}
