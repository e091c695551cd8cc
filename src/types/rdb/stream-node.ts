/** One node of a stream in Redis's dumps: a listpack of entries, their ids told from that of the node. */

import type { ByteReader } from '../../base/byte-reader.js';
import { read32, text32, text64 } from '../../base/byte-text.js';
import { append, type StreamEntry } from '../stream/entries.js';
import { ID_BYTES, type StreamId } from '../stream/id.js';
import type { Stream } from '../stream/stream.js';
import { readListpack } from './listpack.js';
import { ListpackWriter } from './listpack-writer.js';
import { expectSame, integerOf, nextOf, type PackedElement } from './packed.js';
import { readText } from './string.js';
import { readPacked, type Target } from './target.js';

const HALF = 8;
const DELETED = 0x01;
const SAME_FIELDS = 0x02;
/** Elements of an entry beside fields and values: flags, two distances, and their number if it has fields. */
const OWN_ELEMENTS = 3;
/** Numbers whose high half is below are exact. */
const SAFE_HIGH = 0x20_0000;
/** The node takes whatever it is given. */
const NO_LIMITS = { entries: 0, bytes: 0 };

type Elements = Iterator<PackedElement>;

/** Adds the entries of the node that the reader is at, which begins a node of the stream. */
export function restoreNode(reader: ByteReader, target: Target, stream: Stream): void {
  const master = readText(reader, ID_BYTES);
  expectSame(master.length, ID_BYTES);
  const bytes = readPacked(reader, target);
  const elements = readListpack(bytes);
  const [live, deleted] = [numberIn(elements), numberIn(elements)];
  const fields = textsIn(elements, numberIn(elements));
  expectSame(numberIn(elements), 0);
  const before = stream.length;
  stream.tail.live = 0; // The next entry begins a node.
  for (let i = 0; i < live + deleted; i++) restoreEntry(elements, master, fields, target, stream);
  expectSame(stream.length - before, live);
  if (elements.next().done !== true) throw new RangeError('more than the entries');
  stream.tail.joined = live + deleted;
  stream.tail.bytes = bytes.length;
}

function restoreEntry(
  elements: Elements,
  master: StreamId,
  sharedFields: readonly string[],
  { db }: Target,
  stream: Stream,
): void {
  const flags = numberIn(elements);
  const id = idAt(master, integerIn(elements), integerIn(elements));
  const isShort = (flags & SAME_FIELDS) !== 0;
  const count = isShort ? sharedFields.length : numberIn(elements);
  const texts = textsIn(elements, isShort ? count : count * 2);
  expectSame(numberIn(elements), texts.length + OWN_ELEMENTS + (isShort ? 0 : 1));
  if (flags & DELETED) return;
  if (id <= stream.lastId || count === 0) throw new RangeError('no entry that can follow');
  const fields = isShort ? sharedFields.flatMap((field, i) => [field, texts[i] as string]) : texts;
  append(db, stream, id, fields, NO_LIMITS);
}

function integerIn(elements: Elements): number | bigint {
  const element = nextOf(elements);
  if (typeof element === 'string') throw new RangeError('a text for a number');
  return element;
}

function numberIn(elements: Elements): number {
  const element = integerIn(elements);
  if (typeof element === 'bigint') throw new RangeError('a number beyond all');
  return element;
}

function textsIn(elements: Elements, count: number): string[] {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) texts.push(String(nextOf(elements)));
  return texts;
}

function idAt(master: StreamId, ms: number | bigint, seq: number | bigint): StreamId {
  return moved(master, 0, ms) + moved(master, HALF, seq);
}

/** The eight bytes at the place, as a number, and the distance. It wraps: distances have a sign, the numbers none. */
function moved(id: StreamId, at: number, distance: number | bigint): string {
  const high = read32(id, at);
  const low = read32(id, at + 4);
  if (high < SAFE_HIGH && typeof distance === 'number') {
    const sum = high * 0x1_0000_0000 + low + distance;
    if (sum >= 0 && sum <= Number.MAX_SAFE_INTEGER) return text64(sum);
  }
  const sum = BigInt.asUintN(64, wordAt(id, at) + BigInt(distance));
  return text32(Number(sum >> 32n)) + text32(Number(sum & 0xffff_ffffn));
}

function wordAt(id: StreamId, at: number): bigint {
  return (BigInt(read32(id, at)) << 32n) | BigInt(read32(id, at + 4));
}

/** The listpack of a node with the entries, of which there are some; its id is that of the first. */
export function nodeListpack(entries: readonly StreamEntry[]): Buffer {
  const [first] = entries as readonly [StreamEntry];
  const fields = namesOf(first);
  const out = new ListpackWriter();
  for (const element of [entries.length, 0, fields.length, ...fields, 0]) out.add(element);
  for (const entry of entries) addEntry(out, entry, first.id, fields);
  return out.end();
}

function addEntry(
  out: ListpackWriter,
  entry: StreamEntry,
  master: StreamId,
  sharedFields: readonly string[],
): void {
  const names = namesOf(entry);
  const isShort =
    names.length === sharedFields.length && names.every((name, i) => name === sharedFields[i]);
  const texts = isShort ? entry.fields.filter((_, i) => i % 2 === 1) : entry.fields;
  out.add(isShort ? SAME_FIELDS : 0);
  out.add(distance(entry.id, master, 0));
  out.add(distance(entry.id, master, HALF));
  if (!isShort) out.add(names.length);
  for (const text of texts) out.add(text);
  out.add(texts.length + OWN_ELEMENTS + (isShort ? 0 : 1));
}

function namesOf({ fields }: StreamEntry): string[] {
  return fields.filter((_, i) => i % 2 === 0);
}

function distance(id: StreamId, master: StreamId, at: number): number | bigint {
  return integerOf(BigInt.asIntN(64, wordAt(id, at) - wordAt(master, at)));
}
