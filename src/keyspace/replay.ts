/** Recovery on the command thread: applies what the log holds above the checkpoint to the residents. */

import { DiskDbError } from '../base/errors.js';
import { patched } from '../storage/log/patch.js';
import { ChangeKind, type LoggedChange, type ReplaySink } from '../storage/storage.js';
import { Collection, dataBytes } from './collection.js';
import {
  ExpiryKind,
  isDataRecord,
  isExpiryRecord,
  isKeyRecord,
  type ParsedHeader,
  parseDataKey,
  parseExpiryKey,
  parseHeader,
  parseKeyRecordKey,
  textOffset,
} from './encoding.js';
import { type Entry, keyBytes } from './entry.js';
import { dueAt } from './field-expiry.js';
import type { FilterFiles } from './filter-files.js';
import { Header, inlineString, type KeyRecord, NEVER, versionOf } from './header.js';
import { keyNameOf } from './key-name.js';
import type { Keyspace } from './keyspace.js';
import { isOwnRecord } from './own-records.js';
import { Space } from './space.js';
import { parseState } from './state.js';

/** What a key is taken to be where an early build did not count the bytes of the dataset. */
const KEY_BYTES = 320;

export class Replay implements ReplaySink {
  readonly #keyspace: Keyspace;
  readonly #filters: FilterFiles;
  readonly #spaces = new Map<number, Space>();
  /** Spaces that no database points to: for good, unless a SWAPDB is half applied. */
  readonly #unreferenced = new Set<Space>();
  /** Entries with a collection, so that its records find them. */
  readonly #byVersion = new Map<string, Entry>();

  constructor(keyspace: Keyspace, filters: FilterFiles) {
    this.#keyspace = keyspace;
    this.#filters = filters;
  }

  restore(text: string | undefined, checkpoint: number): void {
    if (text === undefined) return;
    const state = parseState(text);
    const { spaces } = this.#keyspace.databases;
    if (state.databases.length > spaces.length) {
      this.#checkDatabases(state.databases, spaces.length);
    }
    this.#keyspace.names.seed = state.seed;
    this.#keyspace.nextSpace = state.nextSpace;
    for (const [id, count] of Object.entries(state.counts)) {
      const space = this.#makeSpace(Number(id), checkpoint);
      space.count = count;
      this.#keyspace.residents.resizeDataset(space, state.bytes?.[id] ?? count * KEY_BYTES);
      const totals = state.expiries?.[id];
      if (totals !== undefined) space.expiries.restore(totals);
    }
    for (let index = 0; index < spaces.length; index++) {
      const id = state.databases[index];
      if (id !== null && id !== undefined) spaces[index] = this.#spaces.get(id);
    }
    this.#keyspace.cut(checkpoint + 1);
    this.#keyspace.advance(checkpoint);
  }

  apply(change: LoggedChange): void {
    const { residents, expiry } = this.#keyspace;
    if (change.segment !== residents.segment) {
      residents.cut(change.segment);
      expiry.cut(change.segment);
    }
    if (change.kind === ChangeKind.state) this.#applyState(change);
    else if (isKeyRecord(change.key)) this.#applyKey(change);
    else if (isDataRecord(change.key)) this.#applyData(change);
    else if (isExpiryRecord(change.key)) this.#countExpiry(change);
    else if (isOwnRecord(change.key)) this.#applyOwn(change);
  }

  #applyOwn({ key, kind, value }: LoggedChange): void {
    this.#keyspace.ownRecords.replay(key, kind === ChangeKind.put ? value : undefined);
  }

  wantsFold(): boolean {
    const { residents, options } = this.#keyspace;
    return residents.dirtyBytes * 2 >= options.cacheBytes;
  }

  folded(segment: number): void {
    const { residents } = this.#keyspace;
    this.#keyspace.advance(segment);
    residents.evictNow(this.#keyspace.options.cacheBytes / 2);
    for (const [id, entry] of this.#byVersion) {
      if (entry.home.resident(entry) !== entry) this.#byVersion.delete(id);
    }
  }

  #checkDatabases(databases: readonly (number | null)[], configured: number): void {
    const last = databases.findLastIndex((id) => id !== null);
    if (last < configured) return;
    throw new DiskDbError(
      'CONFIG_INVALID',
      `database ${last} is in use, but 'databases' is ${configured}: set it to ${last + 1} or more`,
    );
  }

  #makeSpace(id: number, checkpoint: number): Space {
    const space = new Space(id, this.#filters.load(id, checkpoint));
    this.#spaces.set(id, space);
    return space;
  }

  /** A database points to another space. A space never seen is a new one: its filter starts empty. */
  #applyState(change: LoggedChange): void {
    const index = Number(change.key.slice('database/'.length));
    const id = Number(change.value);
    const { databases } = this.#keyspace;
    const before = databases.spaces[index];
    let after = this.#spaces.get(id);
    if (after === undefined) {
      after = this.#keyspace.newSpace(id);
      this.#spaces.set(id, after);
    }
    databases.spaces[index] = after;
    if (before !== undefined && !databases.spaces.includes(before)) this.#unreferenced.add(before);
    this.#unreferenced.delete(after);
  }

  /** To be called after the last change. */
  finish(): void {
    const { residents } = this.#keyspace;
    for (const space of this.#unreferenced) {
      residents.drop(space);
      residents.letGo(space);
    }
    this.#unreferenced.clear();
  }

  #applyKey(change: LoggedChange): void {
    const place = parseKeyRecordKey(change.key);
    const space = this.#spaces.get(place.space);
    if (space === undefined) return;
    if (change.created) {
      space.count++;
      space.remember(place.slot, place.hash);
    } else if (change.deleted) {
      space.count--;
    }
    const { residents } = this.#keyspace;
    const known = space.resident(place);
    const parsed = parsedAfter(change, known);
    const entry = known ?? residents.add(keyNameOf(place, parsed?.key), space);
    if (parsed?.key !== undefined) residents.setKey(entry, parsed.key);
    residents.resizeDataset(space, growthOf(change, known, entry, parsed?.record));
    this.#setRecord(entry, parsed?.record);
  }

  /** The index is exact: each time that a key, or the first field of a hash, gets or loses is a record put or deleted. */
  #countExpiry({ key, kind: change }: LoggedChange): void {
    const { at, kind, place } = parseExpiryKey(key);
    const expiries = this.#spaces.get(place.space)?.expiries;
    if (expiries === undefined) return;
    const isPut = change === ChangeKind.put;
    if (kind === ExpiryKind.field) expiries.hashes += isPut ? 1 : -1;
    else if (isPut) expiries.add(at);
    else expiries.remove(at);
  }

  #setRecord(entry: Entry, record: KeyRecord | undefined): void {
    const { residents, expiry } = this.#keyspace;
    const versionBefore = entry.record === undefined ? 0 : versionOf(entry.record);
    const version = record === undefined ? 0 : versionOf(record);
    residents.setRecord(entry, record);
    if (version !== versionBefore) this.#setCollection(entry, version);
    residents.markDirty(entry);
    const due = record === undefined ? NEVER : dueAt(record);
    if (due !== NEVER) expiry.schedule(entry, due);
  }

  /** The entry holds another collection: one it makes, or one that a RENAME brings from its old key. */
  #setCollection(entry: Entry, version: number): void {
    const { residents, orphans } = this.#keyspace;
    if (version === 0) {
      residents.setData(entry, undefined);
      return;
    }
    const id = `${entry.space}/${version}`;
    residents.setData(entry, this.#byVersion.get(id)?.data ?? new Collection(false));
    orphans.adopt(entry);
    this.#byVersion.set(id, entry);
  }

  #applyData(change: LoggedChange): void {
    const place = parseDataKey(change.key);
    const { space, version, sub } = place;
    if (!this.#spaces.has(space)) return;
    const entry = this.#byVersion.get(`${space}/${version}`);
    const { residents, orphans } = this.#keyspace;
    if (entry?.record !== undefined && versionOf(entry.record) === version) {
      const value = valueAfter(change, entry.data?.get(sub)?.value);
      residents.setDataRecord(entry, sub, value, change.segment);
      residents.markDirty(entry);
    } else {
      const value = valueAfter(change, orphans.find(place)?.value);
      orphans.add(place, value, change.segment);
      residents.dirtyBytes += dataBytes(sub, value);
    }
  }
}

/** What the change makes of a collection's record; undefined if it deletes it. `before` is what a patch goes over. */
function valueAfter(
  { kind, key, value }: LoggedChange,
  before: string | undefined,
): string | undefined {
  if (kind === ChangeKind.delete) return undefined;
  return kind === ChangeKind.patch ? patched(key, before, 0, value) : value;
}

/** The header that the change makes; undefined if it deletes it. */
function parsedAfter(change: LoggedChange, known: Entry | undefined): ParsedHeader | undefined {
  if (change.kind === ChangeKind.delete) return undefined;
  if (change.kind !== ChangeKind.patch) return parseHeader(change.value);
  return { record: patchedString(change, known), key: undefined };
}

/** Only strings that stand in their headers are patched, and of these only the text. */
function patchedString({ key, value }: LoggedChange, known: Entry | undefined): KeyRecord {
  const header = known?.record instanceof Header ? known.record : undefined;
  const textAt = known && header ? textOffset(header, known.key, known.name) : 0;
  const text = patched(key, header?.value, textAt, value);
  return inlineString(text, header?.expireAt ?? NEVER, header?.isRaw);
}

/**
 * By how many bytes the change makes the dataset grow. Of a key that it does not create and of which nothing is known the
 * size before is not known either: what is put is taken to be as large, what is deleted to be a key as most are.
 */
function growthOf(
  { created, deleted }: LoggedChange,
  known: Entry | undefined,
  entry: Entry,
  after: KeyRecord | undefined,
): number {
  const { count, datasetBytes } = entry.home;
  if (known !== undefined || created) {
    return keyBytes(entry, after) - keyBytes(entry, known?.record);
  }
  return deleted ? -Math.round(datasetBytes / (count + 1)) : 0;
}
