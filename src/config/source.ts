/** What reading one source of configuration gives, whatever its syntax. */

import { entries, entryByRedisName, sections } from './catalog.js';
import type { Setting } from './setting.js';
import { suggest } from './suggest.js';

export interface SourceResult {
  readonly settings: readonly Setting[];
  /** What must be mended before the server can start. */
  readonly problems: readonly string[];
  /** What it cannot use but can do without. */
  readonly unused: readonly string[];
}

/** `, did you mean x?` for a name that is none of `names`, or nothing. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const guess = suggest(name, names);
  return guess === undefined ? '' : `, did you mean ${guess}?`;
}

/** The same for an option's path, which may also be misplaced or be the name that Redis has for it. */
export function didYouMeanOption(path: string): string {
  const known = entryByRedisName.get(path.toLowerCase().replaceAll('_', '-'));
  if (known !== undefined) return `, here it is ${known.path}`;
  const name = path.slice(path.lastIndexOf('.') + 1);
  const sameName = entries.find((entry) => entry.path.endsWith(`.${name}`) || entry.path === name);
  if (sameName !== undefined) return `, did you mean ${sameName.path}?`;
  return didYouMean(path.toLowerCase(), [...sections, ...entries.map((entry) => entry.path)]);
}
