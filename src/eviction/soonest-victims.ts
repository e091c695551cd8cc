/** Chooses the keys that expire soonest: by the times in memory that are not in the store yet, and by the store's expiry index. */

import { ExpiryKind, expiryRange, type KeyPlace, parseExpiryKey } from '../keyspace/encoding.js';
import type { Entry } from '../keyspace/entry.js';
import { dueAt } from '../keyspace/field-expiry.js';
import { expireAtOf } from '../keyspace/header.js';
import type { Keyspace } from '../keyspace/keyspace.js';

const PAGE_RECORDS = 1000;
const PAGE_BYTES = 1024 * 1024;

interface TimedPlace {
  readonly place: KeyPlace;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A time in memory. */
interface Noted {
  readonly at: number;
  readonly entry: Entry;
}

export class SoonestVictims {
  readonly #keyspace: Keyspace;
  /** What stands next in the index, and where that goes on. */
  #stored: TimedPlace[] = [];
  #from = expiryRange(0, 1).from;
  #isDone = false;
  #checkpointSeen = -1;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** The entry of the key that expires soonest, if that is in memory and is known without a look at the store. */
  takeResident(): Entry | undefined {
    this.#noticeCheckpoint();
    this.#passStale();
    if (!this.#knowsStored) return undefined;
    const [first] = this.#stored;
    const noted = this.#soonestNoted();
    if (noted !== undefined && noted.at <= (first?.at ?? Number.POSITIVE_INFINITY)) {
      return noted.entry;
    }
    if (first === undefined) return undefined;
    const entry = this.#residentAt(first.place);
    if (entry !== undefined) this.#stored.shift();
    return entry;
  }

  /** So many keys, or fewer, that stand first in the index. */
  async take(count: number): Promise<KeyPlace[]> {
    this.#noticeCheckpoint();
    while (!this.#knowsStored) await this.#read();
    const end = this.#soonestNoted()?.at ?? Number.POSITIVE_INFINITY;
    const taken: KeyPlace[] = [];
    while (taken.length < count) {
      this.#passStale();
      const [first] = this.#stored;
      if (first === undefined || first.at >= end) break;
      this.#stored.shift();
      taken.push(first.place);
    }
    return taken;
  }

  get #knowsStored(): boolean {
    return this.#stored.length > 0 || this.#isDone;
  }

  /** What has changed since it was written is not so any more: it is noted in memory, or gone. */
  #passStale(): void {
    for (;;) {
      const [first] = this.#stored;
      const entry = first === undefined ? undefined : this.#residentAt(first.place);
      if (first === undefined || entry === undefined || isAt(entry, first.at)) return;
      this.#stored.shift();
    }
  }

  /** The first time in memory that is a key's, and the key's still. Those of fields of hashes stay noted. */
  #soonestNoted(): Noted | undefined {
    const { expiry } = this.#keyspace;
    const ofFields: Noted[] = [];
    let noted = expiry.soonest;
    for (; noted !== undefined && !isAt(noted.entry, noted.at); noted = expiry.soonest) {
      const { at, entry } = noted;
      expiry.takeSoonest();
      if (entry.record !== undefined && dueAt(entry.record) === at) ofFields.push({ at, entry });
    }
    for (const { at, entry } of ofFields) expiry.schedule(entry, at);
    return noted;
  }

  async #read(): Promise<void> {
    const { to } = expiryRange(0, Number.MAX_SAFE_INTEGER);
    const query = { from: this.#from, to, maxRecords: PAGE_RECORDS, maxBytes: PAGE_BYTES };
    const checkpoint = this.#checkpointSeen;
    const { keys, done } = await this.#keyspace.storage.range(query);
    this.#noticeCheckpoint();
    if (checkpoint !== this.#checkpointSeen) return;
    this.#stored = keys.map(parseExpiryKey).filter(({ kind }) => kind === ExpiryKind.key);
    this.#isDone = done;
    this.#from = `${keys[keys.length - 1] ?? to}\0`;
  }

  /** A checkpoint brings times into the index, also before where it was read to. */
  #noticeCheckpoint(): void {
    const { checkpoint } = this.#keyspace.storage;
    if (checkpoint === this.#checkpointSeen) return;
    this.#checkpointSeen = checkpoint;
    this.#stored = [];
    this.#from = expiryRange(0, 1).from;
    this.#isDone = false;
  }

  #residentAt(place: KeyPlace): Entry | undefined {
    const space = this.#keyspace.databases.spaces.find((each) => each?.id === place.space);
    return space?.resident(place);
  }
}

/** Whether the key still expires then: its time may have changed since it was noted. */
function isAt({ record, home }: Entry, at: number): boolean {
  return record !== undefined && !home.dropped && expireAtOf(record) === at;
}
