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

/** Commands of Redis that DiskDB does not have. */
const ABSENT: ReadonlySet<string> = new Set([
  'failover',
  'migrate',
  'psync',
  'replconf',
  'restore-asking',
  'sync',
]);

/**
 * Whether the name is that of a command which only Redis has. Users' rules and renames that were written for Redis may
 * have it: they are taken, and change nothing. @param found what has the name here
 */
export function isAbsent(name: string, found: ResolvedCommand | undefined): boolean {
  return found === undefined && ABSENT.has(name.toLowerCase());
}
