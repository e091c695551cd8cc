/** Sets in Redis's dumps: plain, as an intset, or as a listpack (docs/formats/dump.md). */

import { ValueType } from '../../keyspace/header.js';
import { createCollection, setCount } from '../collection.js';
import { memberOf, memberValue } from '../member-table.js';
import { EncodingTracker, type SetEncoding } from '../set/encoding.js';
import { MEMBERS_TABLE } from '../set/set.js';
import { readIntset } from './intset.js';
import { readListpack } from './listpack.js';
import { textsOf } from './packed.js';
import { writeString } from './string.js';
import {
  endHere,
  expectElements,
  type MakeWriter,
  type Readers,
  readPacked,
  readTexts,
  type Target,
} from './target.js';

const PLAIN = 2;

export const setReaders: Readers = [
  [PLAIN, (reader, target) => restore(target, readTexts(reader, target), 'intset')],
  [11, (reader, target) => restore(target, readIntset(readPacked(reader, target)), 'intset')],
  [
    20,
    (reader, target) =>
      restore(target, textsOf(readListpack(readPacked(reader, target))), 'listpack'),
  ],
];

/** `encoding` is the form that the set has at first. */
function restore(
  { db, key, options }: Target,
  members: Iterable<string>,
  encoding: SetEncoding,
): void {
  const entry = createCollection(db, key, ValueType.set);
  const tracker = new EncodingTracker(options.set, encoding);
  let count = 0;
  for (const member of members) {
    const name = db.memberName(MEMBERS_TABLE, member);
    if (db.readData(entry, name) !== undefined) throw new RangeError('a member that is there');
    db.writeData(entry, name, memberValue(member, ''));
    tracker.add(member);
    count++;
  }
  expectElements(count);
  setCount(db, entry, count, tracker.mark);
}

export const setWriter: MakeWriter = (_db, _entry, compresses) => ({
  table: MEMBERS_TABLE,
  begin: (out) => out.u8(PLAIN),
  element: (out, name, value) => {
    writeString(out, memberOf(name, value), compresses);
    return 1;
  },
  end: endHere,
});
