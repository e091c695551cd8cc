/** Sorted sets in Redis's dumps: plain with scores as text or doubles, or packed (docs/formats/dump.md). */

import type { ByteReader } from '../../base/byte-reader.js';
import { readDouble } from '../../base/double.js';
import { memberOf, payloadOf } from '../member-table.js';
import { decodeScore } from '../sorted-set/score.js';
import { MEMBERS_TABLE, type ScoredMember, SortedSet } from '../sorted-set/sorted-set.js';
import { readListpack } from './listpack.js';
import { type PackedElement, pairsOf } from './packed.js';
import { readLength, readText, writeString } from './string.js';
import {
  endHere,
  expectElements,
  type MakeWriter,
  type Readers,
  readPacked,
  type Target,
} from './target.js';
import { readZiplist } from './ziplist.js';

const PLAIN = 5;
const DOUBLE_BYTES = 8;
/** In place of the length of a score's text. */
const NAN = 0xfd;
const INFINITE = 0xfe;
const MINUS_INFINITE = 0xff;

export const sortedSetReaders: Readers = [
  [3, (reader, target) => restore(target, readPlain(reader, target, readTextScore))],
  [PLAIN, (reader, target) => restore(target, readPlain(reader, target, readScore))],
  [12, (reader, target) => restorePacked(target, readZiplist(readPacked(reader, target)))],
  [17, (reader, target) => restorePacked(target, readListpack(readPacked(reader, target)))],
];

function* readPlain(
  reader: ByteReader,
  { options }: Target,
  readOne: (reader: ByteReader) => number,
): Generator<ScoredMember> {
  const count = readLength(reader);
  for (let i = 0; i < count; i++) {
    const member = readText(reader, options.longest);
    yield { member, score: readOne(reader) };
  }
}

function readScore(reader: ByteReader): number {
  return reader.bytes(DOUBLE_BYTES).readDoubleLE();
}

function readTextScore(reader: ByteReader): number {
  const length = reader.u8();
  if (length === NAN) return Number.NaN;
  if (length === INFINITE) return Infinity;
  return length === MINUS_INFINITE ? -Infinity : scoreOf(reader.latin1(length));
}

function* scored(elements: Iterable<PackedElement>): Generator<ScoredMember> {
  for (const [member, score] of pairsOf(elements)) {
    yield { member: String(member), score: scoreOf(score) };
  }
}

function scoreOf(element: PackedElement): number {
  return typeof element === 'string' ? (readDouble(element) ?? Number.NaN) : Number(element);
}

/** Of a sorted set that is packed already Redis looks at the number of members only. */
function restorePacked(target: Target, elements: Iterable<PackedElement>): void {
  const sortedSet = { ...target.options.sortedSet, memberBytes: Number.POSITIVE_INFINITY };
  restore({ ...target, options: { ...target.options, sortedSet } }, scored(elements));
}

/**
 * While it may be a listpack to Redis nothing is written: that is what a score of -0 depends on, and it shows with
 * the last member only.
 */
function restore({ db, key, options }: Target, members: Iterable<ScoredMember>): void {
  const { entries, memberBytes } = options.sortedSet;
  let set: SortedSet | undefined;
  let waiting: ScoredMember[] = [];
  for (const each of members) {
    waiting.push(each);
    if (waiting.length <= entries && each.member.length <= memberBytes && set === undefined) {
      continue;
    }
    set ??= SortedSet.create(db, key, true);
    addAll(set, waiting, options.sortedSet);
    waiting = [];
  }
  set ??= SortedSet.create(db, key, false);
  addAll(set, waiting, options.sortedSet);
  expectElements(set.size);
  set.save();
}

function addAll(
  set: SortedSet,
  members: readonly ScoredMember[],
  limits: Target['options']['sortedSet'],
): void {
  for (const { member, score } of members) {
    if (Number.isNaN(score)) throw new RangeError('no score');
    if (set.score(member) !== undefined) throw new RangeError('a member that is there');
    set.add(member, score, limits);
  }
}

export const sortedSetWriter: MakeWriter = (_db, _entry, compresses) => ({
  table: MEMBERS_TABLE,
  begin: (out) => out.u8(PLAIN),
  element: (out, name, value) => {
    const score = Buffer.alloc(DOUBLE_BYTES);
    score.writeDoubleLE(decodeScore(payloadOf(name, value)));
    writeString(out, memberOf(name, value), compresses);
    out.bytes(score);
    return 1;
  },
  end: endHere,
});
