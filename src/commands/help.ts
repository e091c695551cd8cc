/** The HELP subcommand that each container has. */

import type { Command, CommandGroup } from './spec.js';

/** How a subcommand is written, and what it does, line by line. */
export type HelpEntry = readonly [usage: string, ...description: readonly string[]];

/** HELP itself is added at the end. */
export function helpSubcommand(
  container: string,
  since: string,
  group: CommandGroup,
  entries: readonly HelpEntry[],
): Command {
  const lines = helpLines(container, entries);
  return {
    name: 'help',
    summary: 'Lists the subcommands and what they do.',
    since,
    group,
    complexity: 'O(1)',
    arity: 2,
    flags: ['loading', 'stale'],
    run: ({ reply }) => reply.array(lines.map((line) => reply.simple(line))),
  };
}

export function helpLines(container: string, entries: readonly HelpEntry[]): readonly string[] {
  const name = container.toUpperCase();
  const all: readonly HelpEntry[] = [...entries, ['HELP', 'Print this help.']];
  return [
    `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...all.flatMap(([usage, ...description]) => [
      usage,
      ...description.map((line) => `    ${line}`),
    ]),
  ];
}
