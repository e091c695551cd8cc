/** The dump of a collection, made record by record: at once, or of a large one page by page while others are served. */

import { ByteWriter } from '../../base/byte-writer.js';
import { yieldTurn } from '../../base/yield-turn.js';
import { type NameRange, tableRange } from '../../keyspace/collection.js';
import type { CollectionSnapshot } from '../../keyspace/collection-snapshot.js';
import type { Database } from '../../keyspace/database.js';
import { type TypeNumber, typeOf, ValueType } from '../../keyspace/header.js';
import type { CollectionEntry } from '../collection.js';
import { failValue } from '../value-error.js';
import { seal, sealNow } from './frame.js';
import { hashWriter } from './hash.js';
import { listWriter } from './list.js';
import { setWriter } from './set.js';
import { sortedSetWriter } from './sorted-set.js';
import { streamWriter } from './stream-writer.js';
import { reserveLength } from './string.js';
import type { CollectionWriter, DumpOptions, MakeWriter } from './target.js';

type CollectionType = Exclude<TypeNumber, typeof ValueType.string | typeof ValueType.json>;

const writers: Record<CollectionType, MakeWriter> = {
  [ValueType.list]: listWriter,
  [ValueType.set]: setWriter,
  [ValueType.zset]: sortedSetWriter,
  [ValueType.hash]: hashWriter,
  [ValueType.stream]: streamWriter,
};

/** Undefined in place of a payload: all of the collection has expired. */
type Payload = Buffer | undefined;

export class CollectionDump {
  /** Bounds of the records that are to be added, in order. */
  readonly range: NameRange;
  readonly #writer: CollectionWriter;
  readonly #out = new ByteWriter();
  /** Where the count is to stand. */
  readonly #place: number;
  readonly #longest: number;
  readonly #isEmpty: boolean;
  #count = 0;

  /** Reads at once what it needs beside the records of the range. */
  constructor(db: Database, entry: CollectionEntry, { compresses, longest }: DumpOptions) {
    const makeWriter = writers[typeOf(entry.record) as CollectionType];
    this.#writer = makeWriter(db, entry, compresses);
    this.range = tableRange(this.#writer.table);
    this.#longest = longest;
    this.#isEmpty = entry.record.count === 0;
    this.#writer.begin(this.#out);
    this.#place = reserveLength(this.#out);
  }

  /** All of it, which becomes resident. @throws ValueError DUMP_TOO_LONG */
  now(db: Database, entry: CollectionEntry): Payload {
    for (const name of db.scanData(entry, this.range)) {
      this.#add(name, db.readData(entry, name) as string);
    }
    return this.#end() ? sealNow(this.#out) : undefined;
  }

  /** All of it as it was when the snapshot was made. @throws ValueError DUMP_TOO_LONG */
  async from(snapshot: CollectionSnapshot): Promise<Payload> {
    for (let rest: NameRange | undefined = this.range; rest !== undefined; ) {
      const page = await snapshot.page(rest, false);
      for (const [i, name] of page.names.entries()) this.#add(name, page.values[i] as string);
      rest = page.rest;
    }
    if (!this.#end()) return undefined;
    const sealing = seal(this.#out);
    for (;;) {
      const { done, value } = sealing.next();
      if (done === true) return value;
      await yieldTurn();
    }
  }

  #add(name: string, value: string): void {
    this.#count += this.#writer.element(this.#out, name, value);
    if (this.#out.length > this.#longest) failValue('DUMP_TOO_LONG');
  }

  /** False if nothing is left of what there was. */
  #end(): boolean {
    this.#count += this.#writer.end(this.#out);
    this.#out.setU32(this.#place, this.#count);
    if (this.#out.length > this.#longest) failValue('DUMP_TOO_LONG');
    return this.#count > 0 || this.#isEmpty;
  }
}
