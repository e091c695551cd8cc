/**
 * How Redis would hold a set: intset, listpack or hashtable, as its members come. Nothing in DiskDB depends on it;
 * it is what OBJECT ENCODING says, and as in Redis a set that has outgrown a form does not return to it.
 */

import { integer64 } from '../../base/integer.js';

export type SetEncoding = 'intset' | 'listpack' | 'hashtable';

/** Up to where the compact forms go: set-max-intset-entries, set-max-listpack-entries and -value. */
export interface SetLimits {
  readonly intsetEntries: number;
  readonly listpackEntries: number;
  /** Bytes of the longest member. */
  readonly listpackValue: number;
}

/** What stands in the header: never renumber (docs/formats/records.md). */
const MARKS: Readonly<Record<SetEncoding, string>> = {
  intset: '\x00',
  listpack: '\x01',
  hashtable: '\x02',
};
const BY_MARK: readonly SetEncoding[] = ['intset', 'listpack', 'hashtable'];

export function encodingOfMark(mark: string): SetEncoding {
  return BY_MARK[mark.charCodeAt(0)] ?? 'hashtable';
}

/** Follows the form of a set while members come. */
export class EncodingTracker {
  readonly #limits: SetLimits;
  #encoding: SetEncoding;
  #count: number;
  /** Bytes of the longest member, while it is an intset. */
  #longest: number;

  /** A set of `count` members; those of an intset have at most `longest` digits. */
  constructor(limits: SetLimits, encoding: SetEncoding = 'intset', count = 0, longest = 0) {
    this.#limits = limits;
    this.#encoding = encoding;
    this.#count = count;
    this.#longest = longest;
  }

  /** A new set to which SADD brings so many members, `first` before the others. */
  static begin(limits: SetLimits, first: string, size: number): EncodingTracker {
    const { intsetEntries, listpackEntries } = limits;
    if (size <= intsetEntries && isInteger(first)) return new EncodingTracker(limits);
    return new EncodingTracker(limits, size <= listpackEntries ? 'listpack' : 'hashtable');
  }

  get encoding(): SetEncoding {
    return this.#encoding;
  }

  get mark(): string {
    return MARKS[this.#encoding];
  }

  /** SADD brings so many members: Redis goes by their number, whether or not they are new. */
  expect(size: number): void {
    const { intsetEntries, listpackEntries } = this.#limits;
    const most = this.#encoding === 'intset' ? intsetEntries : listpackEntries;
    if (size > most) this.#encoding = 'hashtable';
  }

  /** A member that was not there. */
  add(member: string): void {
    if (this.#encoding === 'intset') this.#addToIntset(member);
    else if (this.#encoding === 'listpack' && !this.#fitsListpack(member.length)) {
      this.#encoding = 'hashtable';
    }
    this.#count++;
  }

  #addToIntset(member: string): void {
    if (isInteger(member)) {
      this.#longest = Math.max(this.#longest, member.length);
      if (this.#count >= this.#limits.intsetEntries) this.#encoding = 'hashtable';
    } else {
      const fits = this.#fitsListpack(Math.max(this.#longest, member.length));
      this.#encoding = fits ? 'listpack' : 'hashtable';
    }
  }

  #fitsListpack(length: number): boolean {
    const { listpackEntries, listpackValue } = this.#limits;
    return this.#count < listpackEntries && length <= listpackValue;
  }
}

function isInteger(member: string): boolean {
  return integer64(member) !== undefined;
}
