/** Commands as rules name them. */

import type { ResolvedCommand } from '../commands/resolved-command.js';

export interface CommandNames {
  /** Every command, and after each container its subcommands. */
  readonly all: readonly ResolvedCommand[];
  /** By its own name, whatever `rename-command` makes of it: `get`, `config|get`. */
  find(name: string): ResolvedCommand | undefined;
  /** Told of a rule such as `+select|0`, which does what it says and is deprecated. */
  onFirstArgument(rule: string): void;
}
