/** An error reply: a command throws it, the dispatcher undoes the command and sends it. */

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
