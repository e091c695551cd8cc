/** Changes of the records of collections. */

import { patchLength, writePatch } from '../storage/log/patch.js';
import { ChangeFlag, ChangeKind, type Log } from '../storage/storage.js';
import { areWorthPatching, type ChangedBytes } from './changed-bytes.js';
import type { Change } from './changes.js';
import { valueBytes } from './collection.js';
import { dataKeyLength, writeDataKey } from './encoding.js';
import type { Entry } from './entry.js';
import { type Header, meanBytes } from './header.js';
import type { Residents } from './residents.js';

/** In place of a segment: nothing is known of the record, whether or not its range is known. */
const UNKNOWN = -1;

/** A record of a collection is about to be put, or with undefined removed. */
export class DataChange implements Change {
  readonly entry: Entry;
  readonly header: Header;
  readonly sub: string;
  readonly after: string | undefined;
  readonly #valueBefore: string | undefined;
  readonly #segmentBefore: number;
  /** By how many bytes the collection grows. */
  readonly growth: number;
  /** Nothing was known of the record before. */
  readonly #isBlind: boolean;
  /** What the log need hold of it. */
  #patch: ChangedBytes | undefined;

  constructor(entry: Entry, sub: string, after: string | undefined) {
    this.entry = entry;
    this.header = entry.record as Header;
    this.sub = sub;
    this.after = after;
    const before = entry.data?.get(sub);
    this.#valueBefore = before?.value;
    this.#segmentBefore = before?.segment ?? UNKNOWN;
    this.#isBlind = before === undefined && !entry.data?.coversAbsence(sub);
    const isRemoved = this.#isBlind && after === undefined;
    const old = isRemoved ? meanBytes(this.header) : valueBytes(sub, before?.value);
    this.growth = valueBytes(sub, after) - old;
  }

  /** Only these bytes are new: as KeyChange.changesOnly. */
  changesOnly(changed: ChangedBytes, segment: number): void {
    if (this.#segmentBefore !== segment) return;
    if (this.#valueBefore === undefined || this.after === undefined) return;
    if (areWorthPatching(changed, this.after)) this.#patch = changed;
  }

  undo(residents: Residents): void {
    const { entry, sub } = this;
    if (this.#segmentBefore === UNKNOWN) residents.forgetDataRecord(entry, sub);
    else residents.setDataRecord(entry, sub, this.#valueBefore, this.#segmentBefore);
    shrink(residents, this);
    // A range that was loaded around it meanwhile did not take in what the store has of it.
    if (this.#isBlind && entry.data?.coversAbsence(sub)) entry.data.forgetAbsences();
  }

  log(log: Log): void {
    const creates = this.#valueBefore === undefined && !this.#isBlind;
    if (this.#patch !== undefined) this.#logPatch(log, this.after as string, this.#patch);
    else logRecord(log, this, creates);
  }

  #logPatch(log: Log, after: string, { from, to }: ChangedBytes): void {
    const { entry, header, sub } = this;
    log.change(ChangeKind.patch, dataKeyLength(sub), patchLength(to - from));
    writeDataKey(log.writer, entry.space, header.dataSlot, header.version, sub);
    writePatch(log.writer, from, after.slice(from, to));
  }
}

/** A record that is not kept in memory, because it follows from another one, is put, or with undefined removed. */
export class ImpliedChange implements Change {
  readonly entry: Entry;
  readonly header: Header;
  readonly sub: string;
  readonly after: string | undefined;
  readonly #creates: boolean;
  /** By how many bytes the collection grows. */
  readonly growth: number;

  constructor(entry: Entry, sub: string, before: string | undefined, after: string | undefined) {
    this.entry = entry;
    this.header = entry.record as Header;
    this.sub = sub;
    this.after = after;
    this.#creates = before === undefined;
    this.growth = valueBytes(sub, after) - valueBytes(sub, before);
  }

  /** It comes and goes with what it follows from: nothing but its size is left to undo. */
  undo(residents: Residents): void {
    shrink(residents, this);
  }

  log(log: Log): void {
    logRecord(log, this, this.#creates);
  }
}

interface Growth {
  readonly entry: Entry;
  readonly header: Header;
  readonly growth: number;
}

/** The collection is as large as it was before. */
function shrink(residents: Residents, { entry, header, growth }: Growth): void {
  header.bytes -= growth;
  residents.resizeDataset(entry.home, -growth);
}

interface RecordChange {
  readonly entry: Entry;
  readonly header: Header;
  readonly sub: string;
  readonly after: string | undefined;
}

/** `creates`: there was no such record before. */
function logRecord(log: Log, { entry, header, sub, after }: RecordChange, creates: boolean): void {
  const put = creates ? ChangeKind.put | ChangeFlag.created : ChangeKind.put;
  log.change(after === undefined ? ChangeKind.delete : put, dataKeyLength(sub), after?.length ?? 0);
  writeDataKey(log.writer, entry.space, header.dataSlot, header.version, sub);
  if (after !== undefined) log.writer.latin1(after);
}
