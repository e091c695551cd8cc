/** Gives a command every option of the table as a flag. */

import { type Command, Option } from 'commander';
import { type Entry, entries, entryByFlag, entryByRedisName } from '../config/catalog.js';
import { declarationNames } from '../config/declarations.js';
import type { Flag } from '../config/flags.js';

const GROUPS: Readonly<Record<string, string>> = {
  general: 'General:',
  persistence: 'Durability and disk:',
  network: 'Network:',
  tls: 'TLS:',
  limits: 'Limits of clients:',
  eviction: 'Limit of the dataset:',
  security: 'Security:',
  scripting: 'Scripts:',
  log: 'Log:',
  slowlog: 'Reporting:',
  commandlog: 'Reporting:',
  latency: 'Reporting:',
  notifications: 'Reporting:',
};

/** @returns the flags that were given, in order; filled when the command line is parsed */
export function addConfigFlags(command: Command): readonly Flag[] {
  const given: Flag[] = [];
  const add = (name: string, option: Option): void => {
    command.addOption(option);
    command.on(`option:${option.name()}`, (text: string) => given.push([name, text]));
  };
  for (const entry of entries) add(entry.flag, optionOf(entry));
  for (const name of entryByRedisName.keys()) {
    if (!entryByFlag.has(name)) add(name, new Option(`--${name} <value>`).hideHelp());
  }
  for (const name of declarationNames) add(name, new Option(`--${name} <words>`).hideHelp());
  return given;
}

function optionOf(entry: Entry): Option {
  const { about, default: initial, effect } = entry.option;
  const notYet = effect === 'later' ? ' No effect in this version.' : '';
  const description = `${about}${notYet} (default: ${initial || 'none'})`;
  const option = new Option(`--${entry.flag} <value>`, description);
  const group = GROUPS[entry.section ?? 'general'];
  return group === undefined ? option.hideHelp() : option.helpGroup(group);
}
