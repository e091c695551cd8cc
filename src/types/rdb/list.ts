/** Lists in Redis's dumps: plain, as one ziplist, or as a list of packed nodes (docs/formats/dump.md). */

import type { ByteReader } from '../../base/byte-reader.js';
import { LIST_TABLE } from '../list/layout.js';
import { List } from '../list/list.js';
import { readListpack } from './listpack.js';
import { textsOf } from './packed.js';
import { readLength, readText, writeString } from './string.js';
import {
  endHere,
  expectElements,
  type MakeWriter,
  type Readers,
  readPacked,
  readTexts,
  type Target,
} from './target.js';
import { readZiplist } from './ziplist.js';

const PLAIN = 1;

/** What a node is in a quicklist of the newer kind. */
const NODE_OF_ONE = 1;
const NODE_OF_MANY = 2;

/** Elements that are written at once. */
const BATCH = 1024;

export const listReaders: Readers = [
  [PLAIN, (reader, target) => restore(target, readTexts(reader, target))],
  [10, (reader, target) => restore(target, textsOf(readZiplist(readPacked(reader, target))))],
  [14, (reader, target) => restore(target, readZiplists(reader, target))],
  [18, (reader, target) => restore(target, readNodes(reader, target))],
];

function* readZiplists(reader: ByteReader, target: Target): Generator<string> {
  const nodes = readLength(reader);
  for (let i = 0; i < nodes; i++) yield* textsOf(readZiplist(readPacked(reader, target)));
}

function* readNodes(reader: ByteReader, target: Target): Generator<string> {
  const nodes = readLength(reader);
  for (let i = 0; i < nodes; i++) {
    const kind = readLength(reader);
    if (kind === NODE_OF_ONE) {
      const element = readText(reader, target.options.longest);
      expectElements(element.length);
      yield element;
    } else if (kind === NODE_OF_MANY) {
      yield* textsOf(readListpack(readPacked(reader, target)));
    } else {
      throw new RangeError(`no node is of kind ${kind}`);
    }
  }
}

function restore({ db, key }: Target, elements: Iterable<string>): void {
  const list = List.create(db, key);
  let batch: string[] = [];
  for (const element of elements) {
    batch.push(element);
    if (batch.length < BATCH) continue;
    list.push('tail', batch);
    batch = [];
  }
  if (batch.length > 0) list.push('tail', batch);
  expectElements(list.length);
}

export const listWriter: MakeWriter = (_db, _entry, compresses) => ({
  table: LIST_TABLE,
  begin: (out) => out.u8(PLAIN),
  element: (out, _name, value) => {
    writeString(out, value, compresses);
    return 1;
  },
  end: endHere,
});
