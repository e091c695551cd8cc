/**
 * Consumer groups of streams, table 8, and their consumers, table 9. Groups and consumers have numbers, unique in
 * their stream: the names of other records need not repeat their names.
 */

import { TextReader, text32, text64, varintText } from '../../base/byte-text.js';
import type { Database } from '../../keyspace/database.js';
import { nameOf } from '../../keyspace/key-name.js';
import { memberNames, memberOf, memberValue, payloadOf } from '../member-table.js';
import { ID_BYTES, type StreamId } from './id.js';
import { findStream, type Stream, saveStream } from './stream.js';

const GROUPS = 8;
const CONSUMERS = '\x09';
const PENDING = '\x0a';

/** As one attempt of a command sees it: what changes is kept by `saveGroup`. */
export interface Group {
  readonly name: string;
  readonly number: number;
  /** The last entry delivered. */
  lastId: StreamId;
  /** How many entries there were up to that one, since the stream began; undefined if it is not known. */
  entriesRead: number | undefined;
  /** Entries delivered and not acknowledged. */
  pending: number;
}

/** As one attempt of a command sees it: what changes is kept by `saveConsumer`. */
export interface Consumer {
  readonly name: string;
  readonly number: number;
  /** When it last tried to read or claim, in milliseconds since 1970. */
  seenAt: number;
  /** When it last got an entry; 0: never. */
  activeAt: number;
  /** Entries it has not acknowledged. */
  pending: number;
}

export function findGroup(db: Database, stream: Stream, name: string): Group | undefined {
  const value = db.readData(stream.entry, groupRecord(db, name));
  return value === undefined ? undefined : decodeGroup(groupRecord(db, name), value);
}

export interface GroupOfStream {
  readonly stream: Stream;
  readonly group: Group;
}

/** The group of the stream at the key, if both are there. @throws ValueError WRONG_TYPE */
export function findGroupAt(db: Database, key: string, name: string): GroupOfStream | undefined {
  const stream = findStream(db, key);
  const group = stream && findGroup(db, stream, name);
  return stream && group && { stream, group };
}

/** The groups in the order of their names. */
export function groupsOf(db: Database, stream: Stream): Group[] {
  const records = memberNames(db, stream.entry, GROUPS);
  const groups = records.map((record) =>
    decodeGroup(record, db.readData(stream.entry, record) as string),
  );
  return groups.sort(byName);
}

/** There must be none of that name. */
export function createGroup(
  db: Database,
  stream: Stream,
  name: string,
  lastId: StreamId,
  entriesRead: number | undefined,
): Group {
  const group = { name, number: stream.nextNumber++, lastId, entriesRead, pending: 0 };
  saveGroup(db, stream, group);
  saveStream(db, stream);
  return group;
}

export function saveGroup(db: Database, stream: Stream, group: Group): void {
  const { name, number, lastId, entriesRead, pending } = group;
  const read = text64(entriesRead === undefined ? 0 : entriesRead + 1);
  const payload = text32(number) + lastId + read + varintText(pending);
  db.writeData(stream.entry, groupRecord(db, name), memberValue(name, payload));
}

/** The group goes with its consumers and their pending entries. The key counts as changed: who waits for it learns. */
export function destroyGroup(db: Database, stream: Stream, group: Group): void {
  const [from, to] = [text32(group.number), text32(group.number + 1)];
  for (const table of [CONSUMERS, PENDING]) {
    const records = db.scanData(stream.entry, { from: table + from, to: table + to });
    for (const record of records) db.writeData(stream.entry, record, undefined);
  }
  db.writeData(stream.entry, groupRecord(db, group.name), undefined);
  db.replace(stream.entry, stream.entry.record);
}

export function findConsumer(
  db: Database,
  stream: Stream,
  group: Group,
  name: string,
): Consumer | undefined {
  const record = consumerRecord(group, name);
  const value = db.readData(stream.entry, record);
  return value === undefined ? undefined : decodeConsumer(record, value);
}

/** The group's consumers in the order of their names. */
export function consumersOf(db: Database, stream: Stream, group: Group): Consumer[] {
  const [from, to] = [group.number, group.number + 1].map((n) => CONSUMERS + text32(n)) as [
    string,
    string,
  ];
  const consumers = db
    .scanData(stream.entry, { from, to })
    .map((record) => decodeConsumer(record, db.readData(stream.entry, record) as string));
  return consumers.sort(byName);
}

/** There must be none of that name. */
export function createConsumer(db: Database, stream: Stream, group: Group, name: string): Consumer {
  const number = stream.nextNumber++;
  const consumer = { name, number, seenAt: db.now, activeAt: 0, pending: 0 };
  saveConsumer(db, stream, group, consumer);
  saveStream(db, stream);
  db.notify('stream', 'xgroup-createconsumer', stream.entry.key);
  return consumer;
}

export function saveConsumer(
  db: Database,
  stream: Stream,
  group: Group,
  { name, number, seenAt, activeAt, pending }: Consumer,
): void {
  const payload = text32(number) + text64(seenAt) + text64(activeAt) + varintText(pending);
  db.writeData(stream.entry, consumerRecord(group, name), memberValue(name, payload));
}

/** Removes the consumer alone: it must have no pending entries. */
export function removeConsumer(
  db: Database,
  stream: Stream,
  group: Group,
  { name }: Consumer,
): void {
  db.writeData(stream.entry, consumerRecord(group, name), undefined);
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function groupRecord(db: Database, name: string): string {
  return db.memberName(GROUPS, name);
}

/** As long before the name as in tables of members. */
function consumerRecord(group: Group, name: string): string {
  return CONSUMERS + text32(group.number) + nameOf(name);
}

function decodeGroup(record: string, value: string): Group {
  const reader = new TextReader(payloadOf(record, value));
  const name = memberOf(record, value);
  const number = reader.u32();
  const lastId = reader.bytes(ID_BYTES);
  const read = reader.u64();
  const entriesRead = read === 0 ? undefined : read - 1;
  return { name, number, lastId, entriesRead, pending: reader.varint() };
}

function decodeConsumer(record: string, value: string): Consumer {
  const reader = new TextReader(payloadOf(record, value));
  return {
    name: memberOf(record, value),
    number: reader.u32(),
    seenAt: reader.u64(),
    activeAt: reader.u64(),
    pending: reader.varint(),
  };
}
