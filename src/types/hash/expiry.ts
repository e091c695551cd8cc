/** When fields of a hash expire: setting it, asking for it, taking it back. */

import type { Database } from '../../keyspace/database.js';
import { NEVER } from '../../keyspace/header.js';
import { type Field, putField, readField, removeField } from './field.js';
import { find, needFields, noteChange } from './hash.js';

/** When each of the fields expires, NEVER if it does not; undefined without the field. @throws ValueError WRONG_TYPE */
export function expiries(
  db: Database,
  key: string,
  fields: readonly string[],
): (number | undefined)[] {
  const entry = find(db, key);
  if (entry === undefined) return fields.map(() => undefined);
  return needFields(db, entry, fields).map((name) => readField(db, entry, name)?.expireAt);
}

/** What became of a field: its time was set, it was left as it was, it was deleted, or there was none. */
export type Outcome = 'changed' | 'kept' | 'deleted' | 'absent';

/**
 * Has the fields expire at the time where that is allowed, given when they did before; a time that has passed deletes
 * them at once. @throws ValueError WRONG_TYPE
 */
export function setExpiry(
  db: Database,
  key: string,
  fields: readonly string[],
  expireAt: number,
  isAllowed: (current: number) => boolean,
): Outcome[] {
  return changeFields(db, key, fields, (current) => {
    if (!isAllowed(current)) return 'kept';
    return expireAt <= db.now ? 'deleted' : expireAt;
  });
}

/** Has the fields expire no more. @throws ValueError WRONG_TYPE */
export function persist(db: Database, key: string, fields: readonly string[]): Outcome[] {
  return changeFields(db, key, fields, (current) => (current === NEVER ? 'kept' : NEVER));
}

/** `change` has when a field expires, and says when it shall from now on, or what else becomes of it. */
function changeFields(
  db: Database,
  key: string,
  fields: readonly string[],
  change: (current: number) => number | 'kept' | 'deleted',
): Outcome[] {
  const entry = find(db, key);
  if (entry === undefined) return fields.map(() => 'absent');
  const names = needFields(db, entry, fields);
  let deleted = 0;
  let expireAt = NEVER;
  const apply = (field: string, name: string, before: Field): Outcome => {
    const after = change(before.expireAt);
    if (after === 'kept') return after;
    if (after === 'deleted') {
      removeField(db, entry, name);
      deleted++;
      return after;
    }
    putField(db, entry, name, field, { value: before.value, expireAt: after });
    expireAt = after;
    return 'changed';
  };
  const outcomes = fields.map((field, i) => {
    const name = names[i] as string;
    const before = readField(db, entry, name);
    return before === undefined ? 'absent' : apply(field, name, before);
  });
  noteChange(db, entry, entry.record.count - deleted, 0, expireAt);
  return outcomes;
}
