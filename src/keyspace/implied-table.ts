/**
 * A table of a collection that says nothing of its own: each of its records follows from one of another table, as the order of a
 * sorted set does from the scores of its members. The log and the store have it. The memory has not, as long as all of the
 * collection is resident: a change costs less than half (measured with ZADD), and its names in order are made when they are asked for.
 */

import type { MemberNames } from './member-names.js';

/** How the records of one table follow from those of another. */
export interface ImpliedForm {
  /** The number of the table. */
  readonly table: number;
  /** The number of the table that has what it follows from. */
  readonly source: number;
  /** The name of the record that follows from this one. */
  nameOf(sub: string, value: string): string;
  /** Its value. */
  valueOf(sub: string, value: string): string;
  /** The name of the record, of the source, from which one with this name would follow. */
  sourceOf(name: string, names: MemberNames): string;
}

/** What V8 takes for a name beside its bytes, with its place in an order. */
const NAME_BYTES = 32;

/** About the memory of what follows from a record with that name, once the names are in order. */
export function impliedBytes(sub: string): number {
  return NAME_BYTES + sub.length;
}

export class ImpliedTable {
  readonly form: ImpliedForm;
  /** Estimated memory. */
  bytes = 0;
  /** The segment that has its last change of which no record is kept: before that is in the store nothing may leave the memory. */
  segment = 0;
  /** Records of its changes are kept from now on: so that the time comes when something may leave. */
  isClosing = false;

  constructor(form: ImpliedForm) {
    this.form = form;
  }

  /** Whether a record of that name is one of the table. */
  has(sub: string): boolean {
    return sub.charCodeAt(0) === this.form.table;
  }

  /** Whether a record of the table follows from one of that name. */
  isSource(sub: string): boolean {
    return sub.charCodeAt(0) === this.form.source;
  }
}
