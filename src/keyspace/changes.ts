/**
 * The kinds of change a transaction is made of, beside those of collections' records (data-changes.ts): each knows its before-image and
 * its bytes in the log.
 */

import { patchLength, writePatch } from '../storage/log/patch.js';
import { ChangeFlag, ChangeKind, type Log } from '../storage/storage.js';
import {
  GARBAGE_KEY_BYTES,
  garbageValueLength,
  writeGarbageKey,
  writeGarbageValue,
} from '../storage/store/garbage.js';
import { areWorthPatching, type ChangedBytes } from './changed-bytes.js';
import type { Collection } from './collection.js';
import {
  ExpiryKind,
  expiryKeyLength,
  headerLength,
  keyRecordKeyLength,
  spaceRange,
  textOffset,
  versionRange,
  writeExpiryKey,
  writeHeader,
  writeKeyRecordKey,
} from './encoding.js';
import type { Entry } from './entry.js';
import { fieldExpiryOf } from './field-expiry.js';
import {
  collectionBytes,
  expireAtOf,
  Header,
  type KeyRecord,
  NEVER,
  ValueType,
  versionOf,
} from './header.js';
import type { Residents } from './residents.js';
import type { Space } from './space.js';

export interface Change {
  /** Puts the before-image back. Changes are undone newest first. */
  undo(residents: Residents): void;
  /** Writes the change, and what follows from it, to the log. */
  log(log: Log): void;
}

/** A key's header was put, replaced or removed. */
export class KeyChange implements Change {
  readonly entry: Entry;
  readonly before: KeyRecord | undefined;
  readonly after: KeyRecord | undefined;
  readonly dataBefore: Collection | undefined;
  /** The data of `before` lives on under another key: it is no garbage. */
  readonly moved: boolean;
  /**
   * Another header of the same collection, which expires when it did: of such changes in one group the first is written, and at its
   * end the last. A thousand elements pushed to a list in one turn are a thousand records and two headers.
   */
  readonly continues: boolean;
  /** The segment of the entry's last change before this one. */
  readonly #segmentBefore: number;
  /** Of a string that was changed in place: what the log need hold of it. */
  #patch: ChangedBytes | undefined;
  /** What the collection took when the transaction was committed. */
  #bytes: number | undefined;

  constructor(
    entry: Entry,
    before: KeyRecord | undefined,
    after: KeyRecord | undefined,
    moved: boolean,
  ) {
    this.entry = entry;
    this.before = before;
    this.after = after;
    this.dataBefore = entry.data;
    this.moved = moved;
    this.continues = isContinued(before, after);
    this.#segmentBefore = entry.segment;
  }

  /**
   * Only these bytes of the string are new. The log, which writes to `segment` now, is told no more than that if it has the rest in
   * there.
   */
  changesOnly(changed: ChangedBytes, segment: number): void {
    const { before, after } = this;
    if (this.#segmentBefore !== segment || !isSameButText(before, after)) return;
    if (areWorthPatching(changed, after.value)) this.#patch = changed;
  }

  /** It will be written later: by then the header may count what others have not committed. */
  committed(): void {
    this.#bytes = collectionBytes(this.after);
  }

  undo(residents: Residents): void {
    const { entry, before } = this;
    residents.changeRecord(entry, before);
    if (entry.data !== this.dataBefore) residents.setData(entry, this.dataBefore);
    residents.unmarkDirty(entry, this.#segmentBefore);
  }

  log(log: Log): void {
    if (this.#patch !== undefined) this.#logPatch(log, this.after as Header, this.#patch);
    else this.#logRecord(log);
  }

  #logPatch(log: Log, after: Header, { from, to }: ChangedBytes): void {
    const { entry } = this;
    const textAt = textOffset(after, entry.key, entry.name);
    log.change(ChangeKind.patch, keyRecordKeyLength(entry.name), patchLength(to - from));
    writeKeyRecordKey(log.writer, entry);
    writePatch(log.writer, textAt + from, after.value.slice(from, to));
  }

  #logRecord(log: Log): void {
    const { entry, before, after } = this;
    const keyLength = keyRecordKeyLength(entry.name);
    if (after !== undefined) {
      const created = before === undefined ? ChangeFlag.created : 0;
      const length = headerLength(after, entry.key, entry.name);
      log.change(ChangeKind.put | created, keyLength, length);
      writeKeyRecordKey(log.writer, entry);
      writeHeader(log.writer, after, entry.key, entry.name, this.#bytes);
    } else {
      log.change(ChangeKind.delete | ChangeFlag.deleted, keyLength, 0);
      writeKeyRecordKey(log.writer, entry);
    }
    if (before instanceof Header || after instanceof Header) this.#logConsequences(log);
  }

  #logConsequences(log: Log): void {
    const { entry, before, after } = this;
    this.#logExpiry(log, ExpiryKind.key, expireAtOf);
    this.#logExpiry(log, ExpiryKind.field, fieldExpiryOf);
    const version = before === undefined ? 0 : versionOf(before);
    const replaced = version !== 0 && (after === undefined || versionOf(after) !== version);
    if (replaced && !this.moved) {
      const { dataSlot } = before as Header;
      const { from, to } = versionRange(entry.space, dataSlot, version);
      logGarbage(log, from, to);
    }
  }

  /** The index follows the time that the header has of the kind. */
  #logExpiry(log: Log, kind: number, timeOf: (record: KeyRecord) => number): void {
    const { entry } = this;
    const before = this.before === undefined ? NEVER : timeOf(this.before);
    const after = this.after === undefined ? NEVER : timeOf(this.after);
    if (before === after) return;
    if (before !== NEVER) logExpiry(log, ChangeKind.delete, before, kind, entry);
    if (after !== NEVER) logExpiry(log, ChangeKind.put | ChangeFlag.created, after, kind, entry);
  }
}

function isContinued(before: KeyRecord | undefined, after: KeyRecord | undefined): boolean {
  if (!(before instanceof Header && after instanceof Header)) return false;
  if (before.version === 0 || before.version !== after.version) return false;
  return before.expireAt === after.expireAt && fieldExpiryOf(before) === fieldExpiryOf(after);
}

/** Both are strings in their headers, of which the log has the same bytes but for the text. */
function isSameButText(
  before: KeyRecord | undefined,
  after: KeyRecord | undefined,
): after is Header {
  if (!(before instanceof Header && after instanceof Header)) return false;
  if (before.type !== ValueType.string || after.type !== ValueType.string) return false;
  if (before.version !== 0 || after.version !== 0) return false;
  return before.isRaw === after.isRaw && before.expireAt === after.expireAt;
}

function logExpiry(log: Log, change: number, at: number, kind: number, entry: Entry): void {
  log.change(change, expiryKeyLength(entry.name), 0);
  writeExpiryKey(log.writer, at, kind, entry);
}

function logGarbage(log: Log, from: string, to: string): void {
  const sequence = log.nextLsn;
  log.change(ChangeKind.put, GARBAGE_KEY_BYTES, garbageValueLength(from, to));
  writeGarbageKey(log.writer, sequence);
  writeGarbageValue(log.writer, from, to);
}

/** Where the databases point, so that a change of it can be undone. */
export interface DatabaseTable {
  readonly spaces: (Space | undefined)[];
}

/** A database points to another space: FLUSHDB, SWAPDB, or its first use. */
export class SpaceChange implements Change {
  readonly #databases: DatabaseTable;
  readonly index: number;
  readonly #before: Space | undefined;
  readonly #after: Space;
  /** The space before is garbage from now on. */
  readonly drops: boolean;
  readonly #isNew: boolean;

  /**
   * `drops`: the space before is no other database's, so all it holds becomes garbage. `isNew`: the space
   * after was made for this change, and is nobody's if that is undone.
   */
  constructor(
    databases: DatabaseTable,
    index: number,
    after: Space,
    { drops, isNew }: { readonly drops: boolean; readonly isNew: boolean },
  ) {
    this.#databases = databases;
    this.index = index;
    this.#before = databases.spaces[index];
    this.#after = after;
    this.drops = drops;
    this.#isNew = isNew;
  }

  apply(residents: Residents): void {
    this.#databases.spaces[this.index] = this.#after;
    if (this.drops && this.#before !== undefined) residents.drop(this.#before);
  }

  undo(residents: Residents): void {
    this.#databases.spaces[this.index] = this.#before;
    if (this.#isNew) {
      residents.drop(this.#after);
      residents.letGo(this.#after);
    }
    if (this.drops && this.#before !== undefined) residents.restore(this.#before);
  }

  log(log: Log): void {
    const key = `database/${this.index}`;
    const value = String(this.#after.id);
    log.change(ChangeKind.state, key.length, value.length);
    log.writer.latin1(key);
    log.writer.latin1(value);
    if (!this.drops || this.#before === undefined) return;
    for (const family of ['m', 'd'] as const) {
      const { from, to } = spaceRange(family, this.#before.id);
      logGarbage(log, from, to);
    }
  }
}

/** A change of something that is no record (a session's database, an option): undone like any other, never logged. */
export class OutsideChange implements Change {
  readonly #undo: () => void;

  constructor(undo: () => void) {
    this.#undo = undo;
  }

  undo(): void {
    this.#undo();
  }

  log(): void {
    // Nothing of it is kept on disk.
  }
}
