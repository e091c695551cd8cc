/** What reading one source of configuration gives, whatever its syntax. */

import { entries, entryByRedisName, sections } from './catalog.js';
import type { Declarations } from './declarations.js';
import type { Setting } from './setting.js';
import { suggest } from './suggest.js';

export interface SourceResult {
  readonly settings: readonly Setting[];
  /** What must be mended before the server can start. */
  readonly problems: readonly string[];
  /** What it cannot use but can do without. */
  readonly unused: readonly string[];
  /** Only files have some. */
  readonly declarations?: Declarations;
}

/**
 * `, did you mean x?` for a name that is none of `names`, or nothing. All begin with the prefix: only what comes after
 * it says whether two are alike.
 */
export function didYouMean(name: string, names: Iterable<string>, prefix = ''): string {
  const endings = Array.from(names, (each) => each.slice(prefix.length));
  const guess = suggest(name.slice(prefix.length), endings);
  return guess === undefined ? '' : `, did you mean ${prefix}${guess}?`;
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
