/**
 * The records of one field of a hash: its value with the time it expires at, and if it does, one that has it in the
 * order of these times (docs/formats/records.md). Most payloads are the bare value, so that neither a write nor a
 * read copies it.
 */

import type { Database } from '../../keyspace/database.js';
import {
  decodeTime,
  encodeTime,
  fieldExpiryName,
  HASH_FIELDS,
} from '../../keyspace/field-expiry.js';
import { NEVER } from '../../keyspace/header.js';
import type { CollectionEntry } from '../collection.js';
import { memberOf, memberValue, payloadOf } from '../member-table.js';

/** Begins a payload in the long form; a value that begins with it has that form too. */
const LONG_FORM = '\xff';
const TIME_AT = LONG_FORM.length;
const VALUE_AT = TIME_AT + 8;

export interface Field {
  readonly value: string;
  /** Milliseconds since 1970, or NEVER. */
  readonly expireAt: number;
}

/** What the record of the field is called. */
export function fieldName(db: Database, field: string): string {
  return db.memberName(HASH_FIELDS, field);
}

/** The field whose record has the name; undefined if there is none, or its time has come. */
export function readField(db: Database, entry: CollectionEntry, name: string): Field | undefined {
  const record = db.readData(entry, name);
  if (record === undefined) return undefined;
  const field = parseField(name, record);
  if (field.expireAt === NEVER || field.expireAt > db.now) return field;
  db.noteExpired(entry);
  return undefined;
}

/** The field in a record with that name as it is at the time `now`; undefined if it has expired. */
export function fieldIn(
  name: string,
  record: string,
  now: number,
): readonly [string, string] | undefined {
  const { value, expireAt } = parseField(name, record);
  if (expireAt !== NEVER && expireAt <= now) return undefined;
  return [memberOf(name, record), value];
}

/** What the record of that name says of its field, which may have expired. */
export function parseField(name: string, record: string): Field {
  const payload = payloadOf(name, record);
  return { value: valueIn(payload), expireAt: expiryIn(payload) };
}

/** What the field is called whose record, which must exist, has the name. */
export function fieldOf(db: Database, entry: CollectionEntry, name: string): string {
  return memberOf(name, db.readData(entry, name) as string);
}

/** Puts the field's records; true if the hash has a record more. */
export function putField(
  db: Database,
  entry: CollectionEntry,
  name: string,
  field: string,
  { value, expireAt }: Field,
): boolean {
  const before = db.readData(entry, name);
  const old = before === undefined ? NEVER : expiryIn(payloadOf(name, before));
  db.writeData(entry, name, memberValue(field, encode(value, expireAt)));
  if (old !== expireAt) {
    if (old !== NEVER) db.writeData(entry, fieldExpiryName(old, name), undefined);
    if (expireAt !== NEVER) db.writeData(entry, fieldExpiryName(expireAt, name), '');
  }
  return before === undefined;
}

/** Removes the field's records; true if there were any, be the field expired or not. */
export function removeField(db: Database, entry: CollectionEntry, name: string): boolean {
  const record = db.readData(entry, name);
  if (record === undefined) return false;
  const expireAt = expiryIn(payloadOf(name, record));
  db.writeData(entry, name, undefined);
  if (expireAt !== NEVER) db.writeData(entry, fieldExpiryName(expireAt, name), undefined);
  return true;
}

function encode(value: string, expireAt: number): string {
  if (expireAt === NEVER && !value.startsWith(LONG_FORM)) return value;
  return LONG_FORM + encodeTime(expireAt) + value;
}

function valueIn(payload: string): string {
  return payload.startsWith(LONG_FORM) ? payload.slice(VALUE_AT) : payload;
}

function expiryIn(payload: string): number {
  return payload.startsWith(LONG_FORM) ? decodeTime(payload, TIME_AT) : NEVER;
}
