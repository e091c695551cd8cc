/** Requests made from the command table's own syntax: what each argument may be, and one that is of the wrong size. */

import type { ResolvedCommand } from '../../src/commands/resolved-command.js';
import type { ArgumentSpec } from '../../src/commands/spec.js';

/** One word of a request. */
export interface Slot {
  readonly text: string;
  /** What the syntax has there; `token` for a fixed word. */
  readonly type: ArgumentSpec['type'] | 'token';
}

export interface Form {
  readonly command: ResolvedCommand;
  /** Without the command's name. */
  readonly slots: readonly Slot[];
}

/** What is right for an argument, by its name in the syntax. */
const BY_NAME: Readonly<Record<string, string>> = {
  path: '$',
  json: '1',
  id: '0-1',
  group: 'g',
  consumer: 'c',
  script: 'return 1',
  sha1: '0'.repeat(40),
  numkeys: '1',
  numfields: '1',
  min: '0',
  max: '9',
  longitude: '1',
  latitude: '1',
  encoding: 'u8',
};

const BY_TYPE: Readonly<Record<string, string>> = {
  integer: '1',
  double: '1',
  'unix-time': '4000000000',
  pattern: '*',
};

/** `name` stands for keys, members, fields and every other text that is free. */
export function formsOf(command: ResolvedCommand, name: string): Form[] {
  const specs = command.command.arguments ?? [];
  const required = specs.filter(({ flags }) => flags?.includes('optional') !== true);
  const minimal = required.flatMap((spec) => wordsOf(spec, 0, name));
  const forms: Form[] = [{ command, slots: minimal }];
  const wanted = Math.abs(command.command.arity) - nameOf(command).length;
  for (const spec of specs) {
    for (let choice = 0; choice < choicesOf(spec); choice++) {
      const present = specs.filter((each) => each === spec || required.includes(each));
      const slots = present.flatMap((each) => wordsOf(each, each === spec ? choice : 0, name));
      if (slots.length >= wanted) forms.push({ command, slots });
    }
  }
  return forms;
}

/** As the client sends it. */
export function requestOf({ command, slots }: Form): string[] {
  return [...nameOf(command), ...slots.map(({ text }) => text)];
}

function nameOf({ fullName }: ResolvedCommand): string[] {
  return fullName.split('|');
}

/** That it does something itself, and not only by its subcommands. */
export function canRun({ command: { run, runLarge } }: ResolvedCommand): boolean {
  return run !== undefined || runLarge !== undefined;
}

function choicesOf({ type, arguments: parts = [] }: ArgumentSpec): number {
  if (type === 'oneof') return parts.reduce((sum, part) => sum + choicesOf(part), 0);
  if (type === 'block') return Math.max(1, ...parts.map(choicesOf));
  return 1;
}

function wordsOf(spec: ArgumentSpec, choice: number, name: string): Slot[] {
  const token: Slot[] = spec.token === undefined ? [] : [{ text: spec.token, type: 'token' }];
  if (spec.type === 'pure-token') return token;
  if (spec.type === 'oneof') return [...token, ...chosen(spec, choice, name)];
  if (spec.type === 'block') {
    const parts = spec.arguments ?? [];
    return [...token, ...parts.flatMap((part) => wordsOf(part, choice % choicesOf(part), name))];
  }
  const text = BY_NAME[spec.name] ?? BY_TYPE[spec.type] ?? name;
  return [...token, { text, type: spec.type }];
}

function chosen({ arguments: parts = [] }: ArgumentSpec, choice: number, name: string): Slot[] {
  let left = choice;
  for (const part of parts) {
    const choices = choicesOf(part);
    if (left < choices) return wordsOf(part, left, name);
    left -= choices;
  }
  return [];
}
