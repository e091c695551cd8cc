/** The arguments of a request as anybody may see them: what is secret in them is not shown. */

import type { Argument } from '../base/large-string.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';

const REDACTED = '(redacted)';

export function shownArguments(
  { command }: ResolvedCommand,
  args: readonly Argument[],
): readonly Argument[] {
  const secrets = command.secrets?.(args) ?? [];
  if (secrets.length === 0) return args;
  const hidden = new Set(secrets);
  return args.map((argument, place) => (hidden.has(place) ? REDACTED : argument));
}
