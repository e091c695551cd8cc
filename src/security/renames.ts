/** `rename-command`: clients know commands by other names, or not at all. */

import { DiskDbError } from '../base/errors.js';
import type { CommandTable } from '../commands/registry.js';
import type { Declaration } from '../config/declarations.js';
import { isAbsent } from './command-names.js';

/** @throws DiskDbError CONFIG_INVALID with a line for each that cannot be */
export function renameCommands(commands: CommandTable, renames: readonly Declaration[]): void {
  const problems = renames.flatMap(({ words, where }) => {
    const [name = '', newName = '', ...rest] = words;
    if (rest.length > 0) return [`${where}: rename-command takes a name and its new name`];
    try {
      commands.rename(name, newName);
      return [];
    } catch (error) {
      if (isAbsent(name, commands.find(name))) return [];
      return [
        `${where}: rename-command ${name}: ${error instanceof Error ? error.message : error}`,
      ];
    }
  });
  if (problems.length > 0) throw new DiskDbError('CONFIG_INVALID', problems.join('\n'));
}
