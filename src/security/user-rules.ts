/** Rules that make up a user: switches and passwords here, what a selector allows in selector-rules.ts. */

import { createHash } from 'node:crypto';
import { splitInline } from '../protocol/inline.js';
import type { CommandNames } from './command-names.js';
import { RuleError } from './rule-error.js';
import { Selector } from './selector.js';
import { applySelectorRule } from './selector-rules.js';
import type { UserRights } from './user-rights.js';

export interface RuleContext {
  readonly commands: CommandNames;
  /** Rights that a user or a selector begins with may use all channels (acl-pubsub-default). */
  readonly allChannels: boolean;
}

type Apply = (rights: UserRights, context: RuleContext) => void;

/** Rules of one word, in lower case. */
const words = new Map<string, Apply>([
  ['on', (rights) => setSwitch(rights, true)],
  ['off', (rights) => setSwitch(rights, false)],
  ['nopass', (rights) => setPasswords(rights, [], true)],
  ['resetpass', (rights) => setPasswords(rights, [], false)],
  ['sanitize-payload', (rights) => sanitize(rights, true)],
  ['skip-sanitize-payload', (rights) => sanitize(rights, false)],
  ['clearselectors', (rights) => clearSelectors(rights)],
  ['reset', reset],
]);

const prefixes = new Map<string, (rights: UserRights, text: string) => void>([
  ['>', (rights, password) => addPassword(rights, hashOf(password))],
  ['#', (rights, hash) => addPassword(rights, checked(hash))],
  ['<', (rights, password) => removePassword(rights, hashOf(password))],
  ['!', (rights, hash) => removePassword(rights, checked(hash))],
]);

/** SHA-256 of the bytes, in hexadecimal digits: what is kept of a password. */
export function hashOf(password: string): string {
  return createHash('sha256').update(password, 'latin1').digest('hex');
}

export function newSelector({ allChannels }: RuleContext): Selector {
  const selector = new Selector();
  if (allChannels) selector.channels.allowAll();
  return selector;
}

/** @throws RuleError, and the rights may be changed in part */
export function applyRule(rights: UserRights, rule: string, context: RuleContext): void {
  const apply = words.get(rule.toLowerCase());
  const change = prefixes.get(rule[0] ?? '');
  if (rule === '') return;
  if (apply !== undefined) apply(rights, context);
  else if (change !== undefined) change(rights, rule.slice(1));
  else if (rule.startsWith('(') && rule.endsWith(')')) addSelector(rights, rule, context);
  else applySelectorRule(rights.root, rule, context.commands);
}

/**
 * Puts the rules of a selector that stand in several words into one. The index of the word that opens a parenthesis
 * which nothing closes, if there is one.
 */
export function joinSelectors(rules: readonly string[]): readonly string[] | number {
  const joined: string[] = [];
  let open = -1;
  for (const [i, rule] of rules.entries()) {
    if (open >= 0) joined.push(`${joined.pop()} ${rule}`);
    else joined.push(rule);
    if (open < 0 && rule.startsWith('(')) open = i;
    if (rule.endsWith(')')) open = -1;
  }
  return open < 0 ? joined : open;
}

function setSwitch(rights: UserRights, on: boolean): void {
  rights.isOn = on;
}

function setPasswords(rights: UserRights, hashes: readonly string[], needsNone: boolean): void {
  rights.passwords = hashes;
  rights.needsNoPassword = needsNone;
}

function sanitize(rights: UserRights, on: boolean): void {
  rights.skipsSanitizing = !on;
}

function clearSelectors(rights: UserRights): void {
  rights.further = [];
}

function addSelector(rights: UserRights, rule: string, context: RuleContext): void {
  const selector = newSelector(context);
  const bytes = Buffer.from(rule.slice(1, -1), 'latin1');
  for (const word of splitInline(bytes, 0, bytes.length) ?? []) {
    applySelectorRule(selector, String(word), context.commands);
  }
  rights.further = [...rights.further, selector];
}

function reset(rights: UserRights, { commands, allChannels }: RuleContext): void {
  setPasswords(rights, [], false);
  setSwitch(rights, false);
  sanitize(rights, true);
  clearSelectors(rights);
  rights.root.keys.clear();
  rights.root.channels.clear();
  if (allChannels) rights.root.channels.allowAll();
  rights.root.commands.setAll(commands.all, false);
}

function addPassword(rights: UserRights, hash: string): void {
  const { passwords } = rights;
  setPasswords(rights, passwords.includes(hash) ? passwords : [...passwords, hash], false);
}

function removePassword(rights: UserRights, hash: string): void {
  if (!rights.passwords.includes(hash)) throw new RuleError('noSuchPassword');
  rights.passwords = rights.passwords.filter((each) => each !== hash);
}

function checked(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new RuleError('badHash');
  return hash;
}
