/** JSON in Redis's dumps: a value of the module RedisJSON, which is the document's text (docs/formats/dump.md). */

import type { ByteReader } from '../../base/byte-reader.js';
import type { ByteWriter } from '../../base/byte-writer.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';
import { set, textOf } from '../json/json.js';
import { JsonError, parseJson } from '../json/parse.js';
import { expectSame } from './packed.js';
import { readLength, readText, readWord, writeLength, writeString, writeWord } from './string.js';
import type { Readers, Target } from './target.js';

const OF_A_MODULE = 7;
/** What comes next of a module's value. */
const STRING = 5;
const END = 0;

const MODULE_ID = moduleId('ReJSON-RL', 3);

export const jsonReaders: Readers = [[OF_A_MODULE, restore]];

function restore(reader: ByteReader, { db, key, options }: Target): void {
  if (readWord(reader) !== MODULE_ID) throw new RangeError('a value of another module');
  expectSame(readLength(reader), STRING);
  const text = readText(reader, options.longest);
  expectSame(readLength(reader), END);
  db.delete(key);
  set(db, key, parsed(text));
}

function parsed(text: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof JsonError ? new RangeError('no JSON', { cause: error }) : error;
  }
}

export function writeJson(out: ByteWriter, db: Database, entry: Entry, compresses: boolean): void {
  out.u8(OF_A_MODULE);
  writeWord(out, MODULE_ID);
  writeLength(out, STRING);
  writeString(out, textOf(db, entry), compresses);
  writeLength(out, END);
}

/** Eight bytes: nine letters of six bits each, and ten of the version. */
function moduleId(name: string, version: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const bytes = Buffer.alloc(8);
  const letters = [...name].reduce(
    (id, letter) => (id << 6n) | BigInt(alphabet.indexOf(letter)),
    0n,
  );
  bytes.writeBigUInt64BE((letters << 10n) | BigInt(version));
  return bytes.toString('latin1');
}
