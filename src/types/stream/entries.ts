/**
 * Entries of streams, table 7, in the order of their ids: how they are added, found and deleted.
 *
 * Redis keeps entries in nodes, and approximate trimming removes whole nodes only. Here each entry says which
 * node it would be in, so that the approximate forms trim what they trim there; but the bytes of a node are an estimate, which has
 * the names of fields with each entry.
 */

import { TextReader, varintText } from '../../base/byte-text.js';
import { type NameRange, tableRange } from '../../keyspace/collection.js';
import type { Database } from '../../keyspace/database.js';
import { keepOnly } from '../collection.js';
import type { RecordPart } from '../record-stream.js';
import { FIRST_ID, ID_BYTES, idAfter, idBefore, LAST_ID, type StreamId } from './id.js';
import type { Stream, TailNode } from './stream.js';

/** The number of the entries' table: never renumber. */
export const ENTRIES_TABLE = 7;

const { from: TABLE, to: TABLE_END } = tableRange(ENTRIES_TABLE);
/** Groups, their consumers, and what these have pending. */
const GROUP_TABLES = [8, 9, 10] as const;
/** Ids that `rankOf` reads at first from either end, and how many times more whenever these were too few. */
const RANK_IDS = 1024;
const RANK_GROWTH = 4;

/** When a node is full. 0: never. */
export interface NodeLimits {
  readonly entries: number;
  readonly bytes: number;
}

export interface StreamEntry {
  readonly id: StreamId;
  /** Fields and values in turn. */
  readonly fields: readonly string[];
}

/** In one call, as ids are made: the name is looked up at once, and a rope of table and id would first be flattened. */
function nameOf(id: StreamId): string {
  return String.fromCharCode(
    ENTRIES_TABLE,
    id.charCodeAt(0),
    id.charCodeAt(1),
    id.charCodeAt(2),
    id.charCodeAt(3),
    id.charCodeAt(4),
    id.charCodeAt(5),
    id.charCodeAt(6),
    id.charCodeAt(7),
    id.charCodeAt(8),
    id.charCodeAt(9),
    id.charCodeAt(10),
    id.charCodeAt(11),
    id.charCodeAt(12),
    id.charCodeAt(13),
    id.charCodeAt(14),
    id.charCodeAt(15),
  );
}

/** The entry in a record with that name. */
export function entryIn(name: string, value: string): StreamEntry {
  const reader = new TextReader(value);
  reader.varint();
  const fields: string[] = [];
  while (!reader.atEnd) fields.push(reader.bytes(reader.varint()));
  return { id: name.slice(TABLE.length), fields };
}

/** The number of the node that Redis would keep the entry of the record in. */
export function nodeIn(value: string): number {
  return new TextReader(value).varint();
}

/** Adds an entry at the end: the id must be above the last one. */
export function append(
  db: Database,
  stream: Stream,
  id: StreamId,
  fields: readonly string[],
  limits: NodeLimits,
): void {
  let size = 0;
  let packed = '';
  for (const field of fields) {
    size += field.length;
    packed += varintText(field.length) + field;
  }
  joinNode(stream.tail, size, limits);
  db.writeData(stream.entry, nameOf(id), varintText(stream.tail.number) + packed);
  if (stream.length === 0) stream.firstId = id;
  stream.length++;
  stream.lastId = id;
  stream.entriesAdded = Math.min(stream.entriesAdded + 1, Number.MAX_SAFE_INTEGER);
}

function joinNode(tail: TailNode, size: number, limits: NodeLimits): void {
  const isFull =
    (limits.bytes > 0 && tail.bytes + size >= limits.bytes) ||
    (limits.entries > 0 && tail.joined >= limits.entries);
  if (tail.live === 0 || isFull) {
    tail.number++;
    tail.joined = 0;
    tail.live = 0;
    tail.bytes = 0;
  }
  tail.joined++;
  tail.live++;
  tail.bytes += size + ID_BYTES;
}

/** Ids from `start` to `end`, both included, at most `limit`; with `reverse` the last ones downwards. */
export function idsBetween(
  db: Database,
  stream: Stream,
  start: StreamId,
  end: StreamId,
  limit = Number.POSITIVE_INFINITY,
  reverse = false,
): StreamId[] {
  const range = rangeBetween(stream, start, end);
  if (range === undefined) return [];
  // One by one: to spread the range and then add to it costs a microsecond (measured, Node 20).
  const { from, to } = range;
  return db.scanData(stream.entry, { from, to, limit, reverse }).map((name) => name.slice(1));
}

/** Whether there are entries above the id. */
export function hasEntriesAfter(db: Database, stream: Stream, id: StreamId): boolean {
  const start = idAfter(id);
  return start !== undefined && idsBetween(db, stream, start, LAST_ID, 1).length > 0;
}

/** Where entries from `start` to `end` stand; undefined if there are none. */
function rangeBetween(stream: Stream, start: StreamId, end: StreamId): NameRange | undefined {
  const { length, firstId, lastId } = stream;
  if (length === 0 || start > end || start > lastId || end < firstId) return undefined;
  const from = nameOf(start < firstId ? firstId : start);
  // No other name begins with that of the last entry: its end is just above it.
  return { from, to: end >= lastId ? TABLE_END : `${nameOf(end)}\0` };
}

/** The records of entries from `start` to `end`, for a stream of them; see idsBetween. Undefined if there are none. */
export function partBetween(
  stream: Stream,
  start: StreamId,
  end: StreamId,
  limit: number,
  reverse: boolean,
): RecordPart | undefined {
  const range = rangeBetween(stream, start, end);
  if (range === undefined) return undefined;
  const isWhole = start <= stream.firstId && end >= stream.lastId;
  const count = Math.min(limit, stream.length);
  return isWhole ? { range, reverse, limit, count } : { range, reverse, limit };
}

/** The id of the entry that has so many before it. */
export function idAt(db: Database, stream: Stream, rank: number): StreamId {
  const behind = stream.length - rank;
  const reverse = behind <= rank;
  const ids = idsBetween(db, stream, FIRST_ID, LAST_ID, reverse ? behind : rank + 1, reverse);
  return ids.at(-1) as StreamId;
}

/**
 * How many entries stand before the id, or `most` if there are at least so many. Reads from both ends in turn, until
 * it has read one side of the id.
 */
export function rankOf(db: Database, stream: Stream, id: StreamId, most: number): number {
  const end = idBefore(id);
  if (end === undefined) return 0;
  for (let limit = RANK_IDS; ; limit *= RANK_GROWTH) {
    const before = idsBetween(db, stream, FIRST_ID, end, limit).length;
    if (before < limit || before >= most) return Math.min(before, most);
    const after = idsBetween(db, stream, id, LAST_ID, limit, true).length;
    if (after < limit) return stream.length - after;
  }
}

/** The entry with its fields; undefined if there is none. */
function readEntry(db: Database, stream: Stream, id: StreamId): StreamEntry | undefined {
  const value = hasRoomFor(stream, id) ? db.readData(stream.entry, nameOf(id)) : undefined;
  return value === undefined ? undefined : entryIn(nameOf(id), value);
}

/** The entries with the ids, undefined where there is none. */
export function readEntries(
  db: Database,
  stream: Stream,
  ids: readonly StreamId[],
): (StreamEntry | undefined)[] {
  needEntries(db, stream, ids);
  return ids.map((id) => readEntry(db, stream, id));
}

/** Makes sure that the entries are resident, if there are such. */
export function needEntries(db: Database, stream: Stream, ids: readonly StreamId[]): void {
  const names = ids.filter((id) => hasRoomFor(stream, id)).map(nameOf);
  db.needData(stream.entry, names);
}

export function hasEntry(db: Database, stream: Stream, id: StreamId): boolean {
  return hasRoomFor(stream, id) && db.readData(stream.entry, nameOf(id)) !== undefined;
}

/** Entries from `start` to `end`; see idsBetween. */
export function entriesBetween(
  db: Database,
  stream: Stream,
  ...range: [start: StreamId, end: StreamId, limit?: number, reverse?: boolean]
): StreamEntry[] {
  return idsBetween(db, stream, ...range).map((id) => readEntry(db, stream, id) as StreamEntry);
}

/** The first entry, or the last one. */
export function edgeEntry(db: Database, stream: Stream, last: boolean): StreamEntry | undefined {
  return entriesBetween(db, stream, FIRST_ID, LAST_ID, 1, last)[0];
}

/** Deletes entries by their ids, and says how many there were. */
export function deleteEntries(db: Database, stream: Stream, ids: readonly StreamId[]): number {
  const before = stream.length;
  needEntries(db, stream, ids);
  for (const id of ids) {
    if (!hasEntry(db, stream, id)) continue;
    if (nodeOf(db, stream, id) === stream.tail.number) stream.tail.live--;
    db.writeData(stream.entry, nameOf(id), undefined);
    stream.length--;
    if (id > stream.maxDeletedId) stream.maxDeletedId = id;
  }
  if (!hasEntry(db, stream, stream.firstId)) findFirst(db, stream);
  return before - stream.length;
}

/** Deletes the first `count` entries, one by one. It does not count as XDEL. */
export function deleteFirst(db: Database, stream: Stream, count: number): void {
  const ids = idsBetween(db, stream, FIRST_ID, LAST_ID, count);
  for (const id of ids) db.writeData(stream.entry, nameOf(id), undefined);
  shorten(db, stream, stream.length - ids.length);
}

/** The same, all at once: only the last `count` entries are read, and what belongs to groups. */
export function keepLast(db: Database, stream: Stream, count: number): void {
  const ids = idsBetween(db, stream, FIRST_ID, LAST_ID, count, true);
  const others = GROUP_TABLES.flatMap((table) => db.scanData(stream.entry, tableRange(table)));
  keepOnly(db, stream.entry, [...ids.map(nameOf), ...others]);
  shorten(db, stream, count);
}

function shorten(db: Database, stream: Stream, length: number): void {
  if (length === stream.length) return;
  stream.length = length;
  // The entries of the tail node are the last ones.
  stream.tail.live = Math.min(stream.tail.live, length);
  findFirst(db, stream);
}

/** The number of the node that Redis would keep the entry in. */
export function nodeOf(db: Database, stream: Stream, id: StreamId): number {
  return nodeIn(db.readData(stream.entry, nameOf(id)) as string);
}

/** How many nodes Redis would have, or more if XDEL has emptied some between the first and the last. */
export function nodeCount(db: Database, stream: Stream): number {
  if (stream.length === 0) return 0;
  return stream.tail.number - nodeOf(db, stream, stream.firstId) + 1;
}

function findFirst(db: Database, stream: Stream): void {
  stream.firstId = idsBetween(db, stream, stream.firstId, LAST_ID, 1)[0] ?? FIRST_ID;
}

function hasRoomFor({ length, firstId, lastId }: Stream, id: StreamId): boolean {
  return length > 0 && id >= firstId && id <= lastId;
}
