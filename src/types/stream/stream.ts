/**
 * Streams as a whole: what Redis knows of a stream beside its entries and groups stands in the header. A stream
 * without entries is a key all the same.
 */

import { TextReader, text64, varintText } from '../../base/byte-text.js';
import type { Database } from '../../keyspace/database.js';
import { ValueType } from '../../keyspace/header.js';
import {
  type CollectionEntry,
  createCollection,
  findCollection,
  updateHeader,
} from '../collection.js';
import { FIRST_ID, ID_BYTES, idAfter, idOfTime, type StreamId, timeOf } from './id.js';

/** The node that the next entry may join: the one of the last entry. */
export interface TailNode {
  number: number;
  /** Entries that joined it, deleted ones included. */
  joined: number;
  /** Those that are left: without any the node is gone. */
  live: number;
  /** About the size of the node in Redis. */
  bytes: number;
}

/**
 * A stream as one attempt of a command sees it. What the functions below change of it is in the keyspace only
 * after `saveStream`.
 */
export interface Stream {
  readonly entry: CollectionEntry;
  length: number;
  /** FIRST_ID if it is empty. No entry stands before it: reads begin there, not where deleted ones were. */
  firstId: StreamId;
  /** The greatest id there ever was, or what XSETID made of it. */
  lastId: StreamId;
  /** The greatest id that XDEL removed. */
  maxDeletedId: StreamId;
  /** Entries ever added; beyond 2^53 - 1 it is that. */
  entriesAdded: number;
  /** The next number of a group or consumer. */
  nextNumber: number;
  readonly tail: TailNode;
}

/** @throws ValueError WRONG_TYPE */
export function findStream(db: Database, key: string): Stream | undefined {
  const entry = findCollection(db, key, ValueType.stream);
  return entry === undefined ? undefined : decodeStream(entry);
}

/** Puts an empty stream at the key. */
export function createStream(db: Database, key: string): Stream {
  const blank = encodeStream({
    firstId: FIRST_ID,
    lastId: FIRST_ID,
    maxDeletedId: FIRST_ID,
    entriesAdded: 0,
    nextNumber: 1,
    tail: { number: 0, joined: 0, live: 0, bytes: 0 },
  });
  return decodeStream(createCollection(db, key, ValueType.stream, blank));
}

export function saveStream(db: Database, stream: Stream): void {
  updateHeader(db, stream.entry, stream.length, encodeStream(stream));
}

/** The id that an entry added now would get; undefined if there is none left. */
export function nextId(stream: Stream, now: number): StreamId | undefined {
  return now > timeOf(stream.lastId) ? idOfTime(now) : idAfter(stream.lastId);
}

function encodeStream(stream: Omit<Stream, 'entry' | 'length'>): string {
  const { firstId, lastId, maxDeletedId, entriesAdded, nextNumber, tail } = stream;
  const node = varintText(tail.number) + varintText(tail.joined);
  const size = varintText(tail.live) + varintText(tail.bytes);
  const counters = text64(entriesAdded) + varintText(nextNumber) + node + size;
  return firstId + lastId + maxDeletedId + counters;
}

/** The stream whose header the entry has. */
export function decodeStream(entry: CollectionEntry): Stream {
  const reader = new TextReader(entry.record.value);
  return {
    entry,
    length: entry.record.count,
    firstId: reader.bytes(ID_BYTES),
    lastId: reader.bytes(ID_BYTES),
    maxDeletedId: reader.bytes(ID_BYTES),
    entriesAdded: reader.u64(),
    nextNumber: reader.varint(),
    tail: {
      number: reader.varint(),
      joined: reader.varint(),
      live: reader.varint(),
      bytes: reader.varint(),
    },
  };
}
