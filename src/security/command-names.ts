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

/**
 * Commands of Redis that DiskDB does not have, nor any user of it the right to: rules may name them, so that those which were
 * written for Redis can be taken as they are.
 */
export const ABSENT: ReadonlySet<string> = new Set([
  'failover',
  'migrate',
  'psync',
  'replconf',
  'restore-asking',
  'sync',
]);
