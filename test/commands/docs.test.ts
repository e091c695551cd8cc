/** docs/commands is what the command table says; `npx vitest run test/commands/docs.test.ts -u` writes it anew. */

import { expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandTable } from '../../src/commands/registry.js';
import { docsPage } from '../support/command-docs.js';

const commands = [...new CommandTable(commandGroups).commands()];
const groups = [...new Set(commands.map(({ command }) => command.group))];

test.each(groups)('docs/commands/%s.md', async (group) => {
  const page = docsPage(
    group,
    commands.filter(({ command }) => command.group === group),
  );
  await expect(page).toMatchFileSnapshot(`../../docs/commands/${group}.md`);
});

test.each(commands)('$fullName tells what it is', ({ command, subcommands }) => {
  const all = [command, ...[...(subcommands?.values() ?? [])].map((each) => each.command)];
  for (const { name, summary, since, complexity } of all) {
    expect(name).toBe(name.toLowerCase());
    expect(summary).toMatch(/^[A-Z].*\.$/);
    expect(since).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+$/);
    expect(complexity).not.toBe('');
  }
});
