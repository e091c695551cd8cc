/** What can be wrong with a value that a command works on. The command layer turns it into Redis's error reply. */

export type ValueErrorCode =
  | 'WRONG_TYPE'
  | 'WRONG_TYPE_FOR_JSON'
  | 'NOT_INTEGER'
  | 'NOT_FLOAT'
  | 'NOT_SORTABLE'
  | 'FIELD_NOT_INTEGER'
  | 'FIELD_NOT_FLOAT'
  | 'OVERFLOW'
  | 'NOT_FINITE'
  | 'TOO_LONG'
  | 'NOT_HYPERLOGLOG'
  | 'CORRUPT_HYPERLOGLOG'
  | 'BAD_CHECKSUM'
  | 'BAD_FORMAT'
  | 'DUMP_TOO_LONG';

export class ValueError extends Error {
  readonly code: ValueErrorCode;

  constructor(code: ValueErrorCode) {
    super(code);
    this.name = 'ValueError';
    this.code = code;
  }
}

/** Throws without the cost of a stack trace, which nobody reads. */
export function failValue(code: ValueErrorCode): never {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    throw new ValueError(code);
  } finally {
    Error.stackTraceLimit = limit;
  }
}
