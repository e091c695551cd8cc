/** docs/commands/*.md, made from the command table. */

import type { ResolvedCommand } from '../../src/commands/resolved-command.js';
import type { ArgumentSpec, Command, CommandGroup } from '../../src/commands/spec.js';

/** One page for a group of commands, containers' subcommands included. */
export function docsPage(group: CommandGroup, commands: readonly ResolvedCommand[]): string {
  const sorted = [...commands].sort((a, b) => (a.fullName < b.fullName ? -1 : 1));
  const sections = sorted.flatMap((command) => [
    ...(isContainer(command) ? [] : [section(command)]),
    ...[...(command.subcommands?.values() ?? [])].map(section),
  ]);
  const intro = 'Made from the command table (`npx vitest run test/commands/docs.test.ts -u`).';
  return `${[`# Commands: ${group}`, intro, ...sections].join('\n\n')}\n`;
}

/** It has nothing to say but through its subcommands. */
function isContainer({ run, runLarge }: ResolvedCommand): boolean {
  return run === undefined && runLarge === undefined;
}

function section(resolved: ResolvedCommand): string {
  const { command, fullName, categories } = resolved;
  const name = fullName.toUpperCase().replace('|', ' ');
  const syntax = [name, ...(command.arguments ?? []).map(argument)].join(' ');
  const lines = [`## ${name}`, `    ${syntax}`, command.summary];
  const facts = [
    `${sinceOf(command)}. ${sentence(command.complexity)}`,
    `Categories: ${categories.map((category) => `@${category}`).join(' ')}.`,
  ];
  const { deprecated } = command;
  if (deprecated !== undefined) {
    facts.push(`Deprecated since ${deprecated.since}: use ${deprecated.replacedBy}.`);
  }
  const history = (command.history ?? []).map(([version, change]) => `- ${version}: ${change}`);
  return [...lines, facts.join(' '), ...(history.length > 0 ? [history.join('\n')] : [])].join(
    '\n\n',
  );
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** One of several is not optional by itself, whatever its entry says. */
function alternative(spec: ArgumentSpec): string {
  return argument({ ...spec, flags: (spec.flags ?? []).filter((flag) => flag !== 'optional') });
}

function argument(spec: ArgumentSpec): string {
  const flags = new Set(spec.flags);
  const inner = value(spec);
  const isPlainToken = spec.type === 'pure-token';
  const token = isPlainToken || spec.token === undefined ? '' : `${spec.token} `;
  let text = `${token}${inner}`;
  if (flags.has('multiple')) text += ` [${flags.has('multiple_token') ? text : inner} ...]`;
  if (flags.has('optional')) return `[${text}]`;
  return spec.type === 'oneof' && token === '' ? `<${text}>` : text;
}

function value(spec: ArgumentSpec): string {
  const parts = (spec.arguments ?? []).map(spec.type === 'oneof' ? alternative : argument);
  if (spec.type === 'block') return parts.join(' ');
  if (spec.type === 'oneof')
    return spec.token === undefined ? parts.join(' | ') : `<${parts.join(' | ')}>`;
  return spec.type === 'pure-token' ? (spec.token ?? spec.name) : (spec.display ?? spec.name);
}

/** JSON is a module in Redis, with versions of its own. */
function sinceOf({ group, since }: Command): string {
  return `Since ${group === 'json' ? 'RedisJSON' : 'Redis'} ${since}`;
}
