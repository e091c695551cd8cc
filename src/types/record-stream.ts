/** Replies with the elements of a large collection, read page by page while they are sent. */

import type { NameRange } from '../keyspace/collection.js';
import { CollectionSnapshot, type SnapshotPage } from '../keyspace/collection-snapshot.js';
import type { DataRange } from '../keyspace/collection-view.js';
import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { CollectionEntry } from './collection.js';

/** More elements than this are not made resident to be read. */
export const LARGE_COUNT = 10_000;
/** More than this are not put into one reply at once, though they be resident. */
const LARGE_RESIDENT_COUNT = 100_000;
/** A request that has loaded so much for one reply streams it in place of loading the rest. */
const LARGE_BYTES = 8 * 1024 * 1024;

/** Some of the records of a collection. */
export interface RecordPart {
  readonly range: NameRange;
  /** From the end of the range downwards. */
  readonly reverse?: boolean;
  /** So many of the range are passed over. */
  readonly skip?: number;
  /** Of those that follow, so many are sent at most. */
  readonly limit?: number;
  /** How many that makes, if it is known; */
  readonly count?: number;
  /** and how many of the range come after them. */
  readonly behind?: number;
}

/** How they are sent. */
export interface RecordForm {
  /** What stands before so many records. */
  readonly head: (count: number) => string;
  /** '' for what is not sent, and was not counted. */
  readonly encode: (name: string, value: string) => string;
}

/** Whether the part is to be streamed: its elements are many or far from both ends, or have turned out to be large. */
export function shouldStream(db: Database, entry: CollectionEntry, part: RecordPart): boolean {
  // Whoever cannot wait cannot read later either.
  if (db.mustFinish) return false;
  const { range, skip = 0, behind = skip, limit = Number.POSITIVE_INFINITY, count } = part;
  const isResident = db.knowsRange(entry, range.from, range.to);
  if (!isResident && db.loadedBytes > LARGE_BYTES) return true;
  const most = isResident ? LARGE_RESIDENT_COUNT : LARGE_COUNT;
  if (count !== undefined) return count > most || (!isResident && Math.min(skip, behind) > most);
  return skip + limit > most && db.scanData(entry, wanted(part, most + 1)).length > most;
}

function wanted({ range, reverse = false }: RecordPart, limit: number): DataRange {
  return { ...range, reverse, limit };
}

/** What is selected of the collection as it is now, in pieces of about a MiB. Faults until there is a snapshot. */
export function streamRecords(
  keyspace: Keyspace,
  entry: CollectionEntry,
  part: RecordPart,
  form: RecordForm,
): AsyncIterator<string, undefined> {
  return new RecordStream(new CollectionSnapshot(keyspace, entry, part.range), part, form);
}

/**
 * A reply that is worked out of the range of the collection as it is now, while others are served. Faults until
 * there is a snapshot.
 */
export function streamAnswer(
  keyspace: Keyspace,
  entry: CollectionEntry,
  range: NameRange,
  work: (snapshot: CollectionSnapshot) => Promise<string>,
): AsyncIterator<string, undefined> {
  return new AnswerStream(new CollectionSnapshot(keyspace, entry, range), work);
}

class AnswerStream implements AsyncIterator<string, undefined> {
  readonly #snapshot: CollectionSnapshot;
  #work: ((snapshot: CollectionSnapshot) => Promise<string>) | undefined;

  constructor(
    snapshot: CollectionSnapshot,
    work: (snapshot: CollectionSnapshot) => Promise<string>,
  ) {
    this.#snapshot = snapshot;
    this.#work = work;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    const work = this.#work;
    this.#work = undefined;
    if (work === undefined) return this.return();
    try {
      return { done: false, value: await work(this.#snapshot) };
    } finally {
      this.#snapshot.close();
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#work = undefined;
    this.#snapshot.close();
    return { done: true, value: undefined };
  }
}

class RecordStream implements AsyncIterator<string, undefined> {
  readonly #snapshot: CollectionSnapshot;
  readonly #part: RecordPart;
  readonly #form: RecordForm;
  /** What is left to be read; undefined at the end. */
  #rest: NameRange | undefined;
  /** How many are left to be sent; undefined before the head is. */
  #left: number | undefined;
  #closed = false;

  constructor(snapshot: CollectionSnapshot, part: RecordPart, form: RecordForm) {
    this.#snapshot = snapshot;
    this.#part = part;
    this.#form = form;
    this.#rest = part.range;
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    try {
      while (!this.#closed) {
        const piece = this.#left === undefined ? await this.#begin() : await this.#read();
        if (piece === undefined) break;
        if (piece !== '' && !this.#closed) return { done: false, value: piece };
      }
      return await this.return();
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#closed = true;
    this.#snapshot.close();
    return { done: true, value: undefined };
  }

  async #begin(): Promise<string> {
    const { reverse = false, skip = 0, behind = skip, limit, count } = this.#part;
    const start = skip <= behind ? await this.#passOver(skip) : await this.#cutOff(behind);
    this.#rest = start;
    this.#left = count ?? (await this.#snapshot.skip(start, reverse, limit)).count;
    return this.#form.head(this.#left);
  }

  async #passOver(skip: number): Promise<NameRange> {
    const { range, reverse = false } = this.#part;
    return skip === 0 ? range : (await this.#snapshot.skip(range, reverse, skip)).rest;
  }

  /** The part itself: what comes after it is nearer than what stands before. */
  async #cutOff(behind: number): Promise<NameRange> {
    const { range, reverse = false, count } = this.#part;
    const { rest } = await this.#snapshot.skip(range, !reverse, behind);
    const before = (await this.#snapshot.skip(rest, !reverse, count)).rest;
    return reverse ? { from: rest.from, to: before.from } : { from: before.to, to: rest.to };
  }

  /** The next page; undefined at the end. */
  async #read(): Promise<string | undefined> {
    if (this.#rest === undefined || this.#left === 0) return undefined;
    const { reverse = false } = this.#part;
    const page = await this.#snapshot.page(this.#rest, reverse);
    this.#rest = page.rest;
    return this.#encode(page);
  }

  #encode({ names, values }: SnapshotPage): string {
    const { encode } = this.#form;
    let piece = '';
    for (let i = 0; i < names.length && this.#left !== 0; i++) {
      const text = encode(names[i] as string, values[i] as string);
      // What is not sent (a field that has expired) was not counted.
      if (text !== '') this.#left = (this.#left as number) - 1;
      piece += text;
    }
    return piece;
  }
}
