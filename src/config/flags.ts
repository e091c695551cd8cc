/** Turns flags of the command line into settings: DiskDB's flags, and every name of Redis as one. */

import { utf8Text } from '../base/byte-text.js';
import { entryByFlag, entryByRedisName } from './catalog.js';
import { type Declaration, type DeclarationKind, declarationKind } from './declarations.js';
import { splitWords } from './redis-file.js';
import type { Setting } from './setting.js';
import { didYouMean, type SourceResult } from './source.js';

/** A flag without its dashes, and its value. */
export type Flag = readonly [name: string, text: string];

export function readFlags(flags: readonly Flag[]): SourceResult {
  const settings: Setting[] = [];
  const problems: string[] = [];
  const declarations: Record<DeclarationKind, Declaration[]> = { users: [], renames: [] };
  const isOption = ([name]: Flag): boolean => declarationKind(name) === undefined;
  for (const [name, text] of flags) {
    const kind = declarationKind(name);
    if (kind !== undefined) declarations[kind].push(declared(name, text));
  }
  for (const [name, text] of joinRepeated(flags.filter(isOption))) {
    const setting = settingOf(name, text);
    if (setting !== undefined) settings.push(setting);
    else problems.push(`--${name}: unknown option${didYouMean(name, entryByFlag.keys())}`);
  }
  return { settings, problems, unused: [], declarations };
}

function declared(name: string, text: string): Declaration {
  const bytes = utf8Text(text);
  return { words: splitWords(bytes) ?? [bytes], where: `--${name}` };
}

/** A flag that only Redis has is read as Redis reads it; others as DiskDB does; then the other way. */
function settingOf(name: string, text: string): Setting | undefined {
  const where = `--${name}`;
  const own = entryByFlag.get(name);
  if (own !== undefined && own.section !== 'redis') {
    return { entry: own, text, dialects: ['own', 'redis'], where };
  }
  const redis = entryByRedisName.get(name.toLowerCase());
  if (redis !== undefined) return { entry: redis, text, dialects: ['redis', 'own'], where };
  return undefined;
}

/** `--save "900 1" --save "300 10"` are one schedule; of other flags the last one counts. */
function joinRepeated(flags: readonly Flag[]): Flag[] {
  const joined = new Map<string, string>();
  for (const [name, text] of flags) {
    const before = joined.get(name);
    const joins = (entryByFlag.get(name) ?? entryByRedisName.get(name))?.option.joins === true;
    joined.set(name, joins && before !== undefined ? `${before} ${text}` : text);
  }
  return [...joined];
}
