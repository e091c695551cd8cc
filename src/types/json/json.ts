/**
 * JSON documents: up to CHUNK_BYTES of text they stand in the key's record, larger ones in pieces (docs/formats/records.md).
 * What was parsed of a large one is kept beside its records for as long as these do not change.
 */

import { CHUNK_BYTES } from '../../base/large-string.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import {
  expireAtOf,
  Header,
  type KeyRecord,
  NEVER,
  typeOf,
  ValueType,
  withCount,
} from '../../keyspace/header.js';
import { slotOf } from '../../keyspace/key-name.js';
import type { CollectionEntry } from '../collection.js';
import { failValue } from '../value-error.js';
import { Budget } from './budget.js';
import { JsonDocument } from './document.js';
import { parseStored } from './parse.js';
import { readPieces, writePieces } from './pieces.js';
import { COMPACT, jsonText } from './text.js';
import { bytesOf, type Json } from './value.js';

/** The key's entry, or undefined if there is no such key. @throws ValueError WRONG_TYPE_FOR_JSON */
export function find(db: Database, key: string): CollectionEntry | undefined {
  const entry = db.entry(key);
  if (entry?.record === undefined) return undefined;
  if (typeOf(entry.record) !== ValueType.json) failValue('WRONG_TYPE_FOR_JSON');
  return entry as CollectionEntry;
}

/** What the running request may still take. */
export function budgetOf(db: Database): Budget {
  return new Budget((bytes) => db.reserve(bytes));
}

/** The document's text, without blanks. */
export function textOf(db: Database, entry: Entry): string {
  const { version, value } = entry.record as Header;
  return version === 0 ? value : readPieces(db, entry);
}

/** The document, which the caller may not change. */
export function read(db: Database, entry: CollectionEntry): Json {
  const derived = db.derivedOf(entry);
  if (derived !== undefined) return derived as Json;
  const text = textOf(db, entry);
  const value = parseStored(text, budgetOf(db));
  keepParsed(db, entry, value);
  return value;
}

function keepParsed(db: Database, entry: CollectionEntry, value: Json): void {
  const { version, count } = entry.record;
  // Parts of the text that was parsed may live on in the value.
  if (version !== 0) db.keepDerived(entry, { value, bytes: bytesOf(value) + count });
}

/** Puts the document at the key; the expiry of a document that was there stays. @throws ValueError WRONG_TYPE_FOR_JSON */
export function set(db: Database, key: string, value: Json): void {
  const old = find(db, key)?.record;
  const text = jsonText(value, COMPACT, budgetOf(db));
  const header = newHeader(db, key, text, old === undefined ? NEVER : expireAtOf(old));
  const entry = db.put(key, header) as CollectionEntry;
  if (header.version === 0) return;
  writePieces(db, entry, text);
  keepParsed(db, entry, value);
}

function newHeader(db: Database, key: string, text: string, expireAt: number): Header {
  const type = ValueType.json;
  const isShort = text.length <= CHUNK_BYTES;
  if (isShort) return new Header({ type, expireAt, value: text });
  const version = db.newVersion();
  return new Header({ type, expireAt, version, count: text.length, dataSlot: slotOf(key) });
}

/**
 * Has the document changed by `update`, and writes it if it was: of a large one the pieces that differ. Without a root
 * the key goes.
 */
export function change<T>(
  db: Database,
  entry: CollectionEntry,
  update: (document: JsonDocument) => T,
): T {
  const root = read(db, entry);
  // It is changed where it stands: if this attempt ends here, nobody may find it half done.
  if (entry.record.version !== 0) db.keepDerived(entry, undefined);
  const document = new JsonDocument(root, budgetOf(db));
  const result = update(document);
  if (document.root === undefined) db.deleteEntry(entry);
  else if (document.isChanged) write(db, entry, document.root);
  else keepParsed(db, entry, root);
  return result;
}

function write(db: Database, entry: CollectionEntry, value: Json): void {
  const text = jsonText(value, COMPACT, budgetOf(db));
  const { expireAt, version } = entry.record;
  const staysLarge = version !== 0 && text.length > CHUNK_BYTES;
  const header = staysLarge
    ? withCount(entry.record, text.length)
    : newHeader(db, entry.key, text, expireAt);
  db.replace(entry, header);
  if (header.version === 0) return;
  writePieces(db, entry, text);
  keepParsed(db, entry, value);
}

/** True if the record holds a document. */
export function isJson(record: KeyRecord): boolean {
  return typeOf(record) === ValueType.json;
}
