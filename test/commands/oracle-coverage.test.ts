/** Each command of the data types, and each of its options, is sent to redis-server by some test that compares. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bitmapCommands } from '../../src/commands/bitmap/bitmap.js';
import { dumpCommands } from '../../src/commands/generic/dump.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { scanCommands } from '../../src/commands/generic/scan.js';
import { sortCommands } from '../../src/commands/generic/sort.js';
import { geoCommands } from '../../src/commands/geo/geo.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { hyperloglogCommands } from '../../src/commands/hyperloglog/hyperloglog.js';
import { listCommands } from '../../src/commands/list/list.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import type { Command } from '../../src/commands/spec.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';

const GROUPS: Readonly<Record<string, readonly Command[]>> = {
  bitmap: bitmapCommands,
  dump: dumpCommands,
  expire: expireCommands,
  geo: geoCommands,
  hash: hashCommands,
  hyperloglog: hyperloglogCommands,
  key: keyCommands,
  list: listCommands,
  object: objectCommands,
  scan: scanCommands,
  set: setCommands,
  sort: sortCommands,
  'sorted set': sortedSetCommands,
  stream: streamCommands,
  string: stringCommands,
};

/** What redis-server has that the scripts are sent to. */
const ORACLE_VERSION = [7, 0];
/** Subcommands whose replies are in words of our own. */
const OWN_TEXTS = new Set(['help']);
/** Words in the texts of the tests that send scripts to redis-server, test by test. */
const SCRIPTS: readonly ReadonlySet<string>[] = [
  ...sourcesIn('test/commands', /(oracle|^dump).*\.ts$/).map((source) => wordsIn([source])),
  wordsIn(sourcesIn('test/model', /^mixed-.*commands\.ts$/)),
  wordsIn(sourcesIn('test/compat', /^script\.ts$/)),
];

function sourcesIn(directory: string, name: RegExp): string[] {
  const files = readdirSync(directory).filter(
    (file) => name.test(file) && !file.includes('coverage'),
  );
  return files.map((file) => readFileSync(join(directory, file), 'utf8'));
}

function wordsIn(sources: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const source of sources) {
    for (const [, text = ''] of source.matchAll(/'([^'\n]*)'|`[^`\n]*`/g)) {
      for (const word of text.split(' ')) words.add(word.toUpperCase());
    }
  }
  return words;
}

function isKnown(since: string | undefined): boolean {
  const [major = 0, minor = 0] = (since ?? '0.0').split('.').map(Number);
  const [oracleMajor = 0, oracleMinor = 0] = ORACLE_VERSION;
  return major < oracleMajor || (major === oracleMajor && minor <= oracleMinor);
}

/** What no script has together with the command: the command itself, its subcommands, its options. */
function missingOf(command: Command, prefix: readonly string[] = []): string[] {
  if (!isKnown(command.since) || OWN_TEXTS.has(command.name)) return [];
  const names = [...prefix, command.name.toUpperCase()];
  const inScripts = SCRIPTS.filter((words) => names.every((name) => words.has(name)));
  if (inScripts.length === 0) return [names.join(' ')];
  const tokens = tokensOf(command.arguments ?? []).filter(
    (token) => !inScripts.some((words) => words.has(token)),
  );
  const subcommands = (command.subcommands ?? []).flatMap((each) => missingOf(each, names));
  return [...tokens.map((token) => `${names.join(' ')} … ${token}`), ...subcommands];
}

type Arguments = NonNullable<Command['arguments']>;

function tokensOf(list: Arguments): string[] {
  return list
    .filter(({ since }) => isKnown(since))
    .flatMap((argument) => [
      ...(argument.token === undefined || argument.token === '' ? [] : [argument.token]),
      ...tokensOf(argument.arguments ?? []),
    ]);
}

describe('every command and option of a group is compared with redis-server', () => {
  test.each(Object.entries(GROUPS))('%s', (_, commands) => {
    expect(commands.flatMap((command) => missingOf(command))).toEqual([]);
  });
});
