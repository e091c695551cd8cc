/** Every command that redis-server has too: the same arguments are keys, read or written, for both. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import type { ResolvedCommand } from '../../src/commands/resolved-command.js';
import { CommandHarness } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';
import { numbersBelow, seed } from '../support/seed.js';

const RULES = ['+@all', 'resetchannels', '&news', '%R~r*', '%W~w*', '%RW~b*'];
/** What stands in the place of arguments: keys of each kind, numbers, words that commands look for. */
const WORDS = [
  ...['r1', 'w1', 'b1', 'x1', '1', '2', '0', 'news', 'n*'],
  ...[
    'STORE',
    'GET',
    'SET',
    'KEYS',
    'STREAMS',
    'BY',
    'STOREDIST',
    'COUNT',
    'LEFT',
    'AUTH',
    'SETGET',
  ],
];
const REQUESTS_PER_COMMAND = 40;
const MOST_ARGUMENTS = 5;

/** 7.2 changed how many arguments they take, or what is a key of them. */
const CHANGED = new Set(['zrank', 'zrevrank', 'command|getkeys', 'command|getkeysandflags']);

/**
 * Wrong ones that redis-server, where its key spec finds nothing, looks at once more with other rules: XREADGROUP with
 * STREAMS before its place. Both refuse them when they run.
 */
function isOutOfPlace([name, ...words]: readonly string[]): boolean {
  return name === 'xreadgroup' && words.slice(0, 3).includes('STREAMS');
}

function requestOf(
  { fullName, command }: ResolvedCommand,
  below: (most: number) => number,
): string[] {
  const request = fullName.split('|');
  const wanted = Math.abs(command.arity) + (command.arity < 0 ? below(MOST_ARGUMENTS) : 0);
  while (request.length < wanted) request.push(WORDS[below(WORDS.length)] as string);
  return request;
}

/** Without its length, and with 7.2's words. */
function verdict(reply: string): string {
  return reply.replace(/^\$\d+\r\n/, '').replace(/^User \w+ has/, 'This user has');
}

describe.skipIf(RedisOracle.missing !== undefined)('ACL DRYRUN as redis-server', () => {
  let oracle: RedisOracle;
  let harness: CommandHarness;

  beforeAll(async () => {
    oracle = await RedisOracle.start();
    harness = await CommandHarness.open(commandGroups);
    for (const each of [oracle, harness]) await each.run('ACL', 'SETUSER', 'bob', ...RULES);
  });

  afterAll(async () => {
    await harness?.close();
    await oracle?.stop();
  });

  test('of any command', { timeout: 120_000 }, async () => {
    const below = numbersBelow();
    for (const command of harness.commands.all()) {
      if (CHANGED.has(command.fullName)) continue;
      for (let i = 0; i < REQUESTS_PER_COMMAND; i++) {
        const request = requestOf(command, below);
        if (isOutOfPlace(request)) continue;
        const words = ['ACL', 'DRYRUN', 'bob', ...request];
        const theirs = verdict(await oracle.run(...words));
        if (theirs.startsWith('-ERR Command ')) break;
        const ours = verdict(await harness.run(...words));
        expect(`${request.join(' ')} (seed ${seed}): ${ours}`).toBe(
          `${request.join(' ')} (seed ${seed}): ${theirs}`,
        );
      }
    }
  });
});
