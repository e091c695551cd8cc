/** Rules that change what a selector allows: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/ */

import { ACL_CATEGORIES } from '../commands/spec.js';
import { type CommandNames, isAbsent } from './command-names.js';
import type { KeyUse } from './key-patterns.js';
import { hasBlanks, RuleError } from './rule-error.js';
import type { Selector } from './selector.js';

type Apply = (selector: Selector, commands: CommandNames) => void;

/** Rules of one word, in lower case. */
const words = new Map<string, Apply>([
  ['allkeys', ({ keys }) => keys.allowAll()],
  ['~*', ({ keys }) => keys.allowAll()],
  ['resetkeys', ({ keys }) => keys.clear()],
  ['allchannels', ({ channels }) => channels.allowAll()],
  ['&*', ({ channels }) => channels.allowAll()],
  ['resetchannels', ({ channels }) => channels.clear()],
  ['allcommands', (selector, { all }) => selector.commands.setAll(all, true)],
  ['+@all', (selector, { all }) => selector.commands.setAll(all, true)],
  ['nocommands', (selector, { all }) => selector.commands.setAll(all, false)],
  ['-@all', (selector, { all }) => selector.commands.setAll(all, false)],
]);

type Parse = (selector: Selector, text: string, commands: CommandNames) => void;

/** Rules by their first character; they get what follows it. */
const prefixes = new Map<string, Parse>([
  ['~', (selector, text) => addKeys(selector, text, { reads: true, writes: true })],
  ['%', addKeysForUse],
  ['&', addChannels],
  ['+', (selector, text, commands) => changeCommands(selector, text, commands, true)],
  ['-', (selector, text, commands) => changeCommands(selector, text, commands, false)],
]);

/** @throws RuleError, and the selector may be changed in part */
export function applySelectorRule(selector: Selector, rule: string, commands: CommandNames): void {
  const apply = words.get(rule.toLowerCase());
  if (apply !== undefined) {
    apply(selector, commands);
    return;
  }
  const parse = prefixes.get(rule[0] ?? '');
  if (parse === undefined) throw new RuleError('syntax');
  parse(selector, rule.slice(1), commands);
}

/** `%R~`, `%W~`, `%RW~`. Without the tilde it is the empty pattern, as in Redis. */
function addKeysForUse(selector: Selector, text: string): void {
  if (selector.keys.allowsAll) throw new RuleError('keysAfterAll');
  const [, letters = '', tilde = '', glob = ''] = /^([rw]*)(~?)(.*)$/is.exec(text) ?? [];
  const unique = new Set(letters.toLowerCase());
  const isRight = unique.size > 0 && unique.size === letters.length;
  if (!isRight || (tilde === '' && glob !== '')) throw new RuleError('syntax');
  addKeys(selector, glob, { reads: unique.has('r'), writes: unique.has('w') });
}

function addKeys({ keys }: Selector, glob: string, use: KeyUse): void {
  if (keys.allowsAll) throw new RuleError('keysAfterAll');
  if (hasBlanks(glob)) throw new RuleError('syntax');
  keys.add(glob, use);
}

function addChannels({ channels }: Selector, glob: string): void {
  if (channels.allowsAll) throw new RuleError('channelsAfterAll');
  if (hasBlanks(glob)) throw new RuleError('syntax');
  channels.add(glob);
}

function changeCommands(
  selector: Selector,
  text: string,
  commands: CommandNames,
  allow: boolean,
): void {
  if (text.startsWith('@')) {
    changeCategory(selector, text.slice(1), commands, allow);
  } else if (allow && text.includes('|')) {
    allowPart(selector, text, commands);
  } else {
    const command = commands.find(text);
    if (isAbsent(text, command)) selector.commands.note(text.toLowerCase(), allow);
    else selector.commands.set(command ?? unknown(), allow);
  }
}

function changeCategory(
  selector: Selector,
  name: string,
  { all }: CommandNames,
  allow: boolean,
): void {
  const lower = name.toLowerCase();
  const category = ACL_CATEGORIES.find((each) => each === lower) ?? unknown();
  selector.commands.setCategory(category, all, allow);
}

/** `+config|get` is a subcommand, `+select|0` a first argument. */
function allowPart(selector: Selector, text: string, commands: CommandNames): void {
  const bar = text.lastIndexOf('|');
  const argument = text.slice(bar + 1);
  const command = commands.find(text.slice(0, bar)) ?? unknown();
  if (command.container !== undefined) throw new RuleError('subcommandArgument');
  if (argument === '') throw new RuleError('syntax');
  if (command.subcommands !== undefined) {
    selector.commands.set(commands.find(text) ?? unknown(), true);
    return;
  }
  selector.commands.allowFirstArgument(command, argument);
  commands.onFirstArgument(`+${text}`);
}

function unknown(): never {
  throw new RuleError('unknown');
}
