/** A digest of what stands at a key, the same wherever and however it is kept: for comparing datasets. */

import { createHash } from 'node:crypto';
import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { expireAtOf, type KeyRecord, typeOf } from '../keyspace/header.js';
import { isString, read } from './string.js';
import { chunksOf } from './string-value.js';

export const DIGEST_BYTES = 20;

/** SHA-1 of the type, the expiry and the value. Types to come add how they feed theirs. */
export function digestOf(db: Database, entry: Entry): Buffer {
  const record = entry.record as KeyRecord;
  const hash = createHash('sha1').update(`${typeOf(record)} ${expireAtOf(record)} `);
  if (!isString(record)) throw new Error(`bug: type ${typeOf(record)} has no digest`);
  const value = read(db, entry);
  for (const chunk of chunksOf(value)) hash.update(chunk, 'latin1');
  return hash.digest();
}
