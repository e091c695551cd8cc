/** The patterns of SORT: keys, or fields of hashes, whose names have the element in the place of a star. */

import type { Database } from '../../keyspace/database.js';
import { typeOf, ValueType } from '../../keyspace/header.js';
import type { CollectionEntry } from '../collection.js';
import { fieldName, readField } from '../hash/field.js';
import * as string from '../string/string.js';
import { textOf } from '../string/value.js';

interface Place {
  readonly prefix: string;
  readonly suffix: string;
  /** Of the hash at the key; without it the key's own value is meant. */
  readonly field: string | undefined;
}

/** Whether the pattern names another key for each element. */
export function hasStar(pattern: string): boolean {
  return pattern.includes('*');
}

/** What the pattern names for each element: `#` the element itself, undefined where there is nothing. */
export function valuesOf(
  db: Database,
  pattern: string,
  elements: readonly string[],
): readonly (string | undefined)[] {
  if (pattern === '#') return elements;
  if (!hasStar(pattern)) return elements.map(() => undefined);
  const { prefix, suffix, field } = parsePattern(pattern);
  const keys = elements.map((element) => prefix + element + suffix);
  db.needKeys(keys);
  return field === undefined ? keys.map((key) => stringAt(db, key)) : fieldsAt(db, keys, field);
}

function parsePattern(pattern: string): Place {
  const star = pattern.indexOf('*');
  const prefix = pattern.slice(0, star);
  const arrow = pattern.indexOf('->', star);
  // An arrow at the end is a part of the key's name.
  if (arrow < 0 || arrow + 2 === pattern.length) {
    return { prefix, suffix: pattern.slice(star + 1), field: undefined };
  }
  return { prefix, suffix: pattern.slice(star + 1, arrow), field: pattern.slice(arrow + 2) };
}

/** A key of another type counts as absent. */
function stringAt(db: Database, key: string): string | undefined {
  const record = db.get(key);
  if (record === undefined || typeof record === 'string') return record;
  if (!string.isString(record)) return undefined;
  const value = string.get(db, key);
  return value === undefined ? undefined : textOf(value);
}

function fieldsAt(db: Database, keys: readonly string[], field: string): (string | undefined)[] {
  const name = fieldName(db, field);
  const hashes = keys.map((key) => hashAt(db, key));
  const found = hashes.filter((entry) => entry !== undefined);
  db.needEach(found.map((entry) => [entry, name] as const));
  return hashes.map((entry) =>
    entry === undefined ? undefined : readField(db, entry, name)?.value,
  );
}

function hashAt(db: Database, key: string): CollectionEntry | undefined {
  const entry = db.entry(key);
  if (entry?.record === undefined || typeOf(entry.record) !== ValueType.hash) return undefined;
  return entry as CollectionEntry;
}
