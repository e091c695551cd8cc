/** What can be wrong with a rule, in Redis's words. */

const MESSAGES = {
  unknown: 'Unknown command or category name in ACL',
  syntax: 'Syntax error',
  keysAfterAll:
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any " +
    "effect. Try 'resetkeys' to start with an empty list of patterns",
  channelsAfterAll:
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any " +
    "effect. Try 'resetchannels' to start with an empty list of channels",
  noSuchPassword: 'The password you are trying to remove from the user does not exist',
  badHash:
    'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  subcommandArgument: 'Allowing first-arg of a subcommand is not supported',
} as const;

export type RuleErrorCode = keyof typeof MESSAGES;

export class RuleError extends Error {
  readonly code: RuleErrorCode;

  constructor(code: RuleErrorCode) {
    super(MESSAGES[code]);
    this.code = code;
  }
}

/** Redis keeps names and patterns free of what separates words in its files. `text` holds bytes: 0xa0 is a part of a letter. */
export function hasBlanks(text: string): boolean {
  return /[ \t\n\v\f\r\0]/.test(text);
}
