/** One value that somebody gave to one option, still as text, and how it becomes a value. */

import { assert } from '../base/assert.js';
import { type Entry, entryByPath } from './catalog.js';
import { BadValue, type Codec } from './codec.js';
import { readValue, type ValueStore, writeValue } from './values.js';

/** DiskDB's notation, or Redis's. */
export type Dialect = 'own' | 'redis';

export interface Setting {
  readonly entry: Entry;
  readonly text: string;
  /** In what order to try to read the text. */
  readonly dialects: readonly Dialect[];
  /** Who says so, for messages: `diskdb.conf:12`, `--sync`, an environment variable. */
  readonly where: string;
}

/** A value ready to be written. */
export interface Assignment {
  readonly entry: Entry;
  readonly value: unknown;
}

/**
 * What a text in one dialect sets: its option and, for a few words of Redis, others.
 * @throws BadValue
 */
export function assignments(
  entry: Entry,
  text: string,
  dialect: Dialect,
  current: unknown,
): Assignment[] {
  const value = codecOf(entry, dialect).parse(text, current);
  const also = dialect === 'redis' ? entry.option.redis?.also[text.toLowerCase()] : undefined;
  const others = Object.entries(also ?? {}).map(([path, otherText]) => {
    const other = entryByPath.get(path);
    assert(other !== undefined, `the table has no option ${path}`);
    return { entry: other, value: other.option.parse(otherText) };
  });
  return [{ entry, value }, ...others];
}

/** Writes what the setting says into the store, or returns what is wrong with it. */
export function applySetting(store: ValueStore, setting: Setting): string | undefined {
  const { entry, text } = setting;
  const [preferred = 'own', ...rest] = setting.dialects;
  const first = attempt(setting, preferred, readValue(store, entry));
  for (const found of [first, ...rest.map((each) => attempt(setting, each, undefined))]) {
    if (found instanceof BadValue) continue;
    for (const assignment of found) writeValue(store, assignment.entry, assignment.value);
    return undefined;
  }
  assert(first instanceof BadValue, 'the first attempt failed');
  const what = `${setting.where}: ${nameIn(entry, preferred)}: ${JSON.stringify(text)}`;
  return `${what}: ${first.message}${expectation(first.message, codecOf(entry, preferred))}`;
}

function nameIn(entry: Entry, dialect: Dialect): string {
  return (dialect === 'redis' ? entry.option.redis?.names[0] : undefined) ?? entry.path;
}

/** Redis's messages do not always say what would have been right. */
function expectation(message: string, { accepts }: Codec<unknown>): string {
  return message.startsWith('must be ') ? '' : ` (expected ${accepts})`;
}

function attempt(
  { entry, text }: Setting,
  dialect: Dialect,
  current: unknown,
): Assignment[] | BadValue {
  try {
    return assignments(entry, text, dialect, current);
  } catch (error) {
    if (error instanceof BadValue) return error;
    throw error;
  }
}

function codecOf({ option }: Entry, dialect: Dialect): Codec<unknown> {
  return dialect === 'redis' ? (option.redis?.codec ?? option) : option;
}
