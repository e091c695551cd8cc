/**
 * A digest of what stands at a key, for comparing datasets: what DEBUG DIGEST-VALUE makes of it in Redis, so that it can be
 * compared with that of a redis-server. As there it tells whether a key or field expires, not when, and nothing of
 * consumer groups.
 */

import { createHash, hash } from 'node:crypto';
import { text32 } from '../base/byte-text.js';
import { format17Digits } from '../base/double.js';
import { tableRange } from '../keyspace/collection.js';
import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { HASH_FIELDS } from '../keyspace/field-expiry.js';
import {
  expireAtOf,
  type KeyRecord,
  NEVER,
  type TypeNumber,
  typeOf,
  ValueType,
} from '../keyspace/header.js';
import { parseField } from './hash/field.js';
import { textOf } from './json/json.js';
import { LIST_TABLE } from './list/layout.js';
import { memberOf, payloadOf } from './member-table.js';
import { MEMBERS_TABLE as SET_MEMBERS } from './set/set.js';
import { decodeScore } from './sorted-set/score.js';
import { MEMBERS_TABLE as SCORED_MEMBERS } from './sorted-set/sorted-set.js';
import { ENTRIES_TABLE, entryIn } from './stream/entries.js';
import { formatId } from './stream/id.js';
import { isString, read } from './string/string.js';
import { chunksOf } from './string/value.js';

const DIGEST_BYTES = 20;

function sha1(bytes: Buffer): Buffer {
  return hash('sha1', bytes, 'buffer');
}

/** Of many pieces without joining them: they may be those of a value of 512 MB. */
function sha1OfText(pieces: readonly string[]): Buffer {
  const [first = ''] = pieces;
  if (pieces.length === 1) return sha1(Buffer.from(first, 'latin1'));
  const hashing = createHash('sha1');
  for (const piece of pieces) hashing.update(piece, 'latin1');
  return hashing.digest();
}

export class Digest {
  #bytes: Buffer = Buffer.alloc(DIGEST_BYTES);

  get hex(): string {
    return this.#bytes.toString('hex');
  }

  /** Adds what has no order among what is added: the pieces are one. */
  add(...pieces: readonly string[]): void {
    this.#xor(sha1OfText(pieces));
  }

  /** Adds what follows on what was added before. */
  mix(...pieces: readonly string[]): void {
    this.add(...pieces);
    this.#bytes = sha1(this.#bytes);
  }

  /** Adds a digest in no order. */
  addDigest(other: Digest): void {
    this.#xor(sha1(other.#bytes));
  }

  #xor(other: Buffer): void {
    for (let i = 0; i < DIGEST_BYTES; i++) this.#bytes[i] = (this.#bytes[i] ?? 0) ^ (other[i] ?? 0);
  }
}

/** Adds an element of a collection to its digest. */
type AddElement = (digest: Digest, name: string, value: string, now: number) => void;

interface Elements {
  /** The table that has a record for each (docs/formats/records.md). */
  readonly table: number;
  readonly add: AddElement;
}

const elements: Partial<Record<TypeNumber, Elements>> = {
  [ValueType.list]: { table: LIST_TABLE, add: (digest, _, value) => digest.mix(value) },
  [ValueType.set]: {
    table: SET_MEMBERS,
    add: (digest, name, value) => digest.add(memberOf(name, value)),
  },
  [ValueType.zset]: { table: SCORED_MEMBERS, add: addScored },
  [ValueType.hash]: { table: HASH_FIELDS, add: addField },
  [ValueType.stream]: { table: ENTRIES_TABLE, add: addEntry },
};

/** Redis counts a stream after modules. */
const STREAM_NUMBER = 6;

/** Adds what stands at the entry, behind what identifies its key. */
export function addValue(digest: Digest, db: Database, entry: Entry): void {
  const record = entry.record as KeyRecord;
  const type = typeOf(record);
  digest.mix(text32(type === ValueType.stream ? STREAM_NUMBER : type));
  const kind = elements[type];
  if (isString(record)) digest.mix(...chunksOf(read(db, entry)));
  else if (kind !== undefined) addElements(digest, db, entry, kind);
  else digest.mix(textOf(db, entry)); // JSON
  if (expireAtOf(record) !== NEVER) digest.add('!!expire!!');
}

function addElements(digest: Digest, db: Database, entry: Entry, { table, add }: Elements): void {
  for (const name of db.scanData(entry, tableRange(table))) {
    add(digest, name, db.readData(entry, name) as string, db.now);
  }
}

function addScored(digest: Digest, name: string, value: string): void {
  const member = new Digest();
  member.mix(memberOf(name, value));
  member.mix(format17Digits(decodeScore(payloadOf(name, value))));
  digest.addDigest(member);
}

function addField(digest: Digest, name: string, record: string, now: number): void {
  const { value, expireAt } = parseField(name, record);
  if (expireAt !== NEVER && expireAt <= now) return;
  const field = new Digest();
  field.mix(memberOf(name, record));
  field.mix(value);
  if (expireAt !== NEVER) field.add('!!hexpire!!');
  digest.addDigest(field);
}

function addEntry(digest: Digest, name: string, value: string): void {
  const { id, fields } = entryIn(name, value);
  digest.mix(formatId(id).replace('-', '.'));
  for (const text of fields) digest.mix(text);
}
