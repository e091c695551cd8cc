/** The nested object behind `config.values`, and how single values get in and out of it. */

import { type Entry, entries } from './catalog.js';
import type { ConfigValues } from './options.js';

/** The same object as ConfigValues, for those who may write to it: the loader and Config. */
export type ValueStore = Record<string, unknown>;

export function defaultValues(): ValueStore {
  const store: ValueStore = {};
  for (const entry of entries) {
    if (entry.section !== undefined) store[entry.section] ??= {};
    writeValue(store, entry, entry.option.parse(entry.option.default));
  }
  return store;
}

export function readValue(store: ValueStore, { section, key }: Entry): unknown {
  return section === undefined ? store[key] : (store[section] as ValueStore)[key];
}

/** Changes the value in place: whoever holds the section sees it. */
export function writeValue(store: ValueStore, { section, key }: Entry, value: unknown): void {
  if (section === undefined) store[key] = value;
  else (store[section] as ValueStore)[key] = value;
}

/** The store was made from the table, and so has its shape. */
export function typedValues(store: ValueStore): ConfigValues {
  return store as unknown as ConfigValues;
}
