/** Streams in Redis's dumps, written as Redis 7.0 has them (docs/formats/dump.md). */

import { ByteWriter } from '../../base/byte-writer.js';
import type { Database } from '../../keyspace/database.js';
import { ENTRIES_TABLE, entryIn, nodeIn, type StreamEntry } from '../stream/entries.js';
import { type Consumer, consumersOf, type Group, groupsOf } from '../stream/group.js';
import { FIRST_ID, LAST_ID, type StreamId } from '../stream/id.js';
import { PendingEntries, type PendingEntry } from '../stream/pending.js';
import { decodeStream, type Stream } from '../stream/stream.js';
import { nodeListpack } from './stream-node.js';
import { writeLength, writeString, writeWord } from './string.js';
import type { MakeWriter } from './target.js';

const NUMBER = 19;
const HALF = 8;
const NUMBER_UNKNOWN = '\xff'.repeat(HALF);
const TIME_BYTES = 8;

/** Entries are written node by node. */
export const streamWriter: MakeWriter = (db, entry, compresses) => {
  const rest = writeRest(db, decodeStream(entry), compresses);
  let current = 0;
  let entries: StreamEntry[] = [];
  const writeNode = (out: ByteWriter): number => {
    const [first] = entries;
    if (first === undefined) return 0;
    const bytes = nodeListpack(entries);
    writeString(out, first.id, false);
    writeString(out, bytes.latin1Slice(0, bytes.length), compresses);
    entries = [];
    return 1;
  };
  return {
    table: ENTRIES_TABLE,
    begin: (out) => out.u8(NUMBER),
    element: (out, name, value) => {
      const node = nodeIn(value);
      const written = node === current ? 0 : writeNode(out);
      current = node;
      entries.push(entryIn(name, value));
      return written;
    },
    end: (out) => {
      const written = writeNode(out);
      out.bytes(rest.view());
      return written;
    },
  };
};

/** What follows the entries. */
function writeRest(db: Database, stream: Stream, compresses: boolean): ByteWriter {
  const out = new ByteWriter();
  writeLength(out, stream.length);
  for (const id of [stream.lastId, stream.firstId, stream.maxDeletedId]) writeId(out, id);
  writeLength(out, stream.entriesAdded);
  const groups = groupsOf(db, stream);
  writeLength(out, groups.length);
  for (const group of groups) writeGroup(out, db, stream, group, compresses);
  return out;
}

function writeId(out: ByteWriter, id: StreamId): void {
  writeWord(out, id.slice(0, HALF));
  writeWord(out, id.slice(HALF));
}

function writeGroup(
  out: ByteWriter,
  db: Database,
  stream: Stream,
  group: Group,
  compresses: boolean,
): void {
  const { name, lastId, entriesRead } = group;
  writeString(out, name, compresses);
  writeId(out, lastId);
  if (entriesRead === undefined) writeWord(out, NUMBER_UNKNOWN);
  else writeLength(out, entriesRead);
  const pending = new PendingEntries(db, stream, group);
  writePending(out, pending);
  const consumers = consumersOf(db, stream, group);
  writeLength(out, consumers.length);
  for (const consumer of consumers) writeConsumer(out, pending, consumer, compresses);
}

function writePending(out: ByteWriter, pending: PendingEntries): void {
  const ids = pending.between(FIRST_ID, LAST_ID, Number.POSITIVE_INFINITY);
  pending.need(ids);
  writeLength(out, ids.length);
  for (const id of ids) {
    const { deliveredAt, deliveries } = pending.get(id) as PendingEntry;
    out.latin1(id);
    writeTime(out, deliveredAt);
    writeLength(out, deliveries);
  }
}

function writeConsumer(
  out: ByteWriter,
  pending: PendingEntries,
  consumer: Consumer,
  compresses: boolean,
): void {
  const ids = pending.betweenOf(consumer, FIRST_ID, LAST_ID, Number.POSITIVE_INFINITY);
  writeString(out, consumer.name, compresses);
  writeTime(out, consumer.seenAt);
  writeLength(out, ids.length);
  for (const id of ids) out.latin1(id);
}

function writeTime(out: ByteWriter, time: number): void {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigInt64LE(BigInt(time));
  out.bytes(bytes);
}
