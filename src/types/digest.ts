/** A digest of what stands at a key, the same before and after folds and restarts: for comparing datasets. */

import { createHash } from 'node:crypto';
import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { expireAtOf, type Header, type KeyRecord, typeOf } from '../keyspace/header.js';
import { isJson, textOf } from './json.js';
import { isString, read } from './string.js';
import { chunksOf } from './string-value.js';

export const DIGEST_BYTES = 20;

/** SHA-1 of the type, the expiry and the value: of a collection, what its header says and its records in order. */
export function digestOf(db: Database, entry: Entry): Buffer {
  const record = entry.record as KeyRecord;
  const hash = createHash('sha1').update(`${typeOf(record)} ${expireAtOf(record)} `);
  if (isString(record)) {
    for (const chunk of chunksOf(read(db, entry))) hash.update(chunk, 'latin1');
    return hash.digest();
  }
  if (isJson(record)) return hash.update(textOf(db, entry), 'latin1').digest();
  const { count, value: about } = record as Header;
  hash.update(`${count} ${about.length} ${about}`, 'latin1');
  for (const name of db.allData(entry)) {
    const value = db.readData(entry, name) as string;
    hash.update(`${name.length} ${value.length} ${name}${value}`, 'latin1');
  }
  return hash.digest();
}
