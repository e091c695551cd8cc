/** Streams in Redis's dumps, read: nodes of entries, then groups with what they have pending (docs/formats/dump.md). */

import type { ByteReader } from '../../base/byte-reader.js';
import {
  createConsumer,
  createGroup,
  findConsumer,
  findGroup,
  saveConsumer,
} from '../stream/group.js';
import { ID_BYTES, type StreamId } from '../stream/id.js';
import { entriesUpTo } from '../stream/lag.js';
import { PendingEntries } from '../stream/pending.js';
import { createStream, type Stream, saveStream } from '../stream/stream.js';
import { expectSame } from './packed.js';
import { restoreNode } from './stream-node.js';
import { readLength, readText, readWord } from './string.js';
import type { Readers, Target } from './target.js';

const TIME_BYTES = 8;
const NUMBER_UNKNOWN = '\xff'.repeat(8);

/** What a stream of one of Redis's numbers tells. */
interface Form {
  /** What was added and deleted, and how far groups have read. */
  readonly hasCounters: boolean;
  /** When consumers last got an entry. */
  readonly hasActivity: boolean;
}

const FORMS: readonly (readonly [number, Form])[] = [
  [15, { hasCounters: false, hasActivity: false }],
  [19, { hasCounters: true, hasActivity: false }],
  [21, { hasCounters: true, hasActivity: true }],
];

export const streamReaders: Readers = FORMS.map(
  ([number, form]) => [number, (reader, target) => restore(reader, target, form)] as const,
);

function restore(reader: ByteReader, target: Target, form: Form): void {
  const { db, key } = target;
  const stream = createStream(db, key);
  const nodes = readLength(reader);
  for (let i = 0; i < nodes; i++) restoreNode(reader, target, stream);
  expectSame(stream.length, readLength(reader));
  restoreCounters(reader, stream, form);
  saveStream(db, stream);
  const groups = readLength(reader);
  for (let i = 0; i < groups; i++) restoreGroup(reader, target, stream, form);
}

function restoreCounters(reader: ByteReader, stream: Stream, { hasCounters }: Form): void {
  const lastId = readId(reader);
  if (lastId < stream.lastId) throw new RangeError('an entry beyond the last');
  stream.lastId = lastId;
  if (!hasCounters) return;
  readId(reader); // The first entry's: known from the entries.
  stream.maxDeletedId = readId(reader);
  stream.entriesAdded = Math.min(readLength(reader), Number.MAX_SAFE_INTEGER);
  if (stream.maxDeletedId > lastId || stream.entriesAdded < stream.length) {
    throw new RangeError('deleted or added what there cannot be');
  }
}

function readId(reader: ByteReader): StreamId {
  return readWord(reader) + readWord(reader);
}

function restoreGroup(reader: ByteReader, target: Target, stream: Stream, form: Form): void {
  const { db, options } = target;
  const name = readText(reader, options.longest);
  const lastId = readId(reader);
  const read = form.hasCounters ? readNumber(reader) : entriesUpTo(stream, lastId);
  if (findGroup(db, stream, name) !== undefined) throw new RangeError('a group that is there');
  const group = createGroup(db, stream, name, lastId, read);
  const pending = new PendingEntries(db, stream, group);
  const unclaimed = readPending(reader);
  const consumers = readLength(reader);
  for (let i = 0; i < consumers; i++) {
    const consumer = readText(reader, options.longest);
    if (findConsumer(db, stream, group, consumer) !== undefined) {
      throw new RangeError('a consumer that is there');
    }
    const created = createConsumer(db, stream, group, consumer);
    created.seenAt = readTime(reader);
    created.activeAt = form.hasActivity ? readTime(reader) : created.seenAt;
    const claimed = readLength(reader);
    for (let j = 0; j < claimed; j++) {
      const id = reader.latin1(ID_BYTES);
      const delivery = unclaimed.get(id);
      if (delivery === undefined) throw new RangeError('an entry that is not pending');
      unclaimed.delete(id);
      pending.assign(id, created, delivery.deliveredAt, delivery.deliveries);
    }
    saveConsumer(db, stream, group, created);
  }
  expectSame(unclaimed.size, 0);
  pending.save();
}

/** undefined if it is not known. */
function readNumber(reader: ByteReader): number | undefined {
  const word = readWord(reader);
  if (word === NUMBER_UNKNOWN) return undefined;
  const number = Number(Buffer.from(word, 'latin1').readBigUInt64BE());
  if (!Number.isSafeInteger(number)) throw new RangeError('more entries than there can be');
  return number;
}

interface Delivery {
  readonly deliveredAt: number;
  readonly deliveries: number;
}

function readPending(reader: ByteReader): Map<StreamId, Delivery> {
  const count = readLength(reader);
  const pending = new Map<StreamId, Delivery>();
  for (let i = 0; i < count; i++) {
    const id = reader.latin1(ID_BYTES);
    const deliveredAt = readTime(reader);
    const deliveries = Math.min(readLength(reader), Number.MAX_SAFE_INTEGER);
    if (pending.has(id)) throw new RangeError('an entry that is pending twice');
    pending.set(id, { deliveredAt, deliveries });
  }
  return pending;
}

/** Milliseconds since 1970; 0 for what is before, as never is. */
function readTime(reader: ByteReader): number {
  const time = Number(reader.bytes(TIME_BYTES).readBigInt64LE());
  return Math.min(Math.max(time, 0), Number.MAX_SAFE_INTEGER);
}
