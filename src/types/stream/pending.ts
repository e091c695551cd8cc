/**
 * Pending entries of consumer groups, table 10: delivered, not acknowledged. They stand in two orders: of a group
 * by id, with all that is known of them, and of each consumer by id, with nothing.
 */

import { TextReader, text32, text64, varintText } from '../../base/byte-text.js';
import type { Database } from '../../keyspace/database.js';
import {
  type Consumer,
  consumersOf,
  createConsumer,
  findConsumer,
  type Group,
  removeConsumer,
  saveConsumer,
  saveGroup,
} from './group.js';
import { FIRST_ID, ID_BYTES, idAfter, LAST_ID, type StreamId } from './id.js';
import type { Stream } from './stream.js';

const TABLE = '\x0a';
const BY_ID = '\0';
const BY_CONSUMER = '\x01';
/** Most entries of the first chunk, and how much larger each is than the one before. */
const FIRST_CHUNK_MAX = 1024;
const CHUNK_GROWTH = 8;

export interface PendingEntry {
  readonly id: StreamId;
  /** The number of the consumer that has it. */
  readonly consumer: number;
  /** Milliseconds since 1970. */
  readonly deliveredAt: number;
  /** How often it was delivered. */
  readonly deliveries: number;
}

/** The group's pending entries as one attempt of a command reads and changes them, until `save`. */
export class PendingEntries {
  readonly #db: Database;
  readonly #stream: Stream;
  readonly #group: Group;
  /** The consumers by number; undefined until all are needed. */
  #consumers: Map<number, Consumer> | undefined;
  /** Those that have changed. */
  readonly #changed = new Map<number, Consumer>();
  #isGroupChanged = false;

  constructor(db: Database, stream: Stream, group: Group) {
    this.#db = db;
    this.#stream = stream;
    this.#group = group;
  }

  /** The consumer of that name, made if there is none: it has been seen now. */
  enter(name: string): Consumer {
    const found =
      findConsumer(this.#db, this.#stream, this.#group, name) ??
      createConsumer(this.#db, this.#stream, this.#group, name);
    found.seenAt = this.#db.now;
    this.#change(found);
    return found;
  }

  /** The consumer that has the entry. */
  ownerOf({ consumer }: PendingEntry): Consumer {
    return (this.#changed.get(consumer) ?? this.#allConsumers().get(consumer)) as Consumer;
  }

  get(id: StreamId): PendingEntry | undefined {
    const value = this.#db.readData(this.#stream.entry, this.#nameOf(id));
    if (value === undefined) return undefined;
    const reader = new TextReader(value);
    const [consumer, deliveredAt] = [reader.u32(), reader.u64()];
    return { id, consumer, deliveredAt, deliveries: reader.varint() };
  }

  /** Makes sure that what is known of the ids is resident. */
  need(ids: readonly StreamId[]): void {
    this.#db.needData(
      this.#stream.entry,
      ids.map((id) => this.#nameOf(id)),
    );
  }

  /** Ids from `start` to `end`, both included, at most `limit`, or with `reverse` the last ones downwards. */
  between(start: StreamId, end: StreamId, limit: number, reverse = false): StreamId[] {
    return this.#scan(this.#nameOf(''), start, end, limit, reverse);
  }

  /** The same of one consumer. */
  betweenOf(consumer: Consumer, start: StreamId, end: StreamId, limit: number): StreamId[] {
    return this.#scan(this.#nameOf('', consumer.number), start, end, limit, false);
  }

  /**
   * Entries from `start` to `end`, both included, of the consumer or of all, in chunks; `wanted` may be enough. The
   * chunks grow: who stops early has read little, and who reads on meets few faults.
   */
  *chunks(
    start: StreamId,
    end: StreamId,
    wanted: number,
    consumer?: Consumer,
  ): Generator<readonly PendingEntry[]> {
    let from: StreamId | undefined = start;
    for (let size = Math.min(wanted, FIRST_CHUNK_MAX); from !== undefined; size *= CHUNK_GROWTH) {
      const ids: StreamId[] =
        consumer === undefined
          ? this.between(from, end, size)
          : this.betweenOf(consumer, from, end, size);
      this.need(ids);
      yield ids.map((id) => this.get(id) as PendingEntry);
      from = ids.length < size ? undefined : idAfter(ids[size - 1] as StreamId);
    }
  }

  /** The consumer has the entry from now on, whoever had it, or nobody. */
  assign(id: StreamId, consumer: Consumer, deliveredAt: number, deliveries: number): void {
    const before = this.get(id);
    if (before?.consumer !== consumer.number) {
      if (before !== undefined) this.release(before);
      consumer.pending++;
      this.#group.pending++;
      this.#isGroupChanged = true;
      this.#change(consumer);
      this.#db.writeData(this.#stream.entry, this.#nameOf(id, consumer.number), '');
    }
    const value = text32(consumer.number) + text64(deliveredAt) + varintText(deliveries);
    this.#db.writeData(this.#stream.entry, this.#nameOf(id), value);
  }

  /** The entry is pending no more. */
  release(pending: PendingEntry): void {
    const owner = this.ownerOf(pending);
    owner.pending--;
    this.#change(owner);
    this.#group.pending--;
    this.#isGroupChanged = true;
    const { id, consumer } = pending;
    this.#db.writeData(this.#stream.entry, this.#nameOf(id), undefined);
    this.#db.writeData(this.#stream.entry, this.#nameOf(id, consumer), undefined);
  }

  /** Writes the counters of the group and its consumers. */
  save(): void {
    for (const consumer of this.#changed.values()) {
      saveConsumer(this.#db, this.#stream, this.#group, consumer);
    }
    if (this.#isGroupChanged) saveGroup(this.#db, this.#stream, this.#group);
  }

  #change(consumer: Consumer): void {
    this.#changed.set(consumer.number, consumer);
  }

  #allConsumers(): ReadonlyMap<number, Consumer> {
    if (this.#consumers === undefined) {
      const all = consumersOf(this.#db, this.#stream, this.#group);
      this.#consumers = new Map(all.map((consumer) => [consumer.number, consumer]));
    }
    return this.#consumers;
  }

  #scan(
    prefix: string,
    start: StreamId,
    end: StreamId,
    limit: number,
    reverse: boolean,
  ): StreamId[] {
    if (start > end || limit === 0) return [];
    const range = { from: prefix + start, to: `${prefix}${end}\0`, limit, reverse };
    return this.#db
      .scanData(this.#stream.entry, range)
      .map((name) => name.slice(name.length - ID_BYTES));
  }

  #nameOf(id: StreamId, consumer?: number): string {
    const order = consumer === undefined ? BY_ID : BY_CONSUMER + text32(consumer);
    return TABLE + text32(this.#group.number) + order + id;
  }
}

/** Removes the consumer with what it has pending, and says how many entries that were. */
export function deleteConsumer(
  db: Database,
  stream: Stream,
  group: Group,
  consumer: Consumer,
): number {
  const pending = new PendingEntries(db, stream, group);
  const ids = pending.betweenOf(consumer, FIRST_ID, LAST_ID, Number.POSITIVE_INFINITY);
  pending.need(ids);
  for (const id of ids) pending.release(pending.get(id) as PendingEntry);
  pending.save();
  removeConsumer(db, stream, group, consumer);
  return ids.length;
}
