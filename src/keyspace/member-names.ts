/**
 * What the records of members are called: fields of a hash, members of a set or sorted set (docs/formats/records.md). The name
 * of a member that is looked ahead at is kept until its request runs.
 */

import { hashOf, nameOf } from './key-name.js';
import type { KeyNames } from './key-names.js';

/** A member as a request names it. */
export interface Member {
  /** The number of the table that its record is in. */
  readonly table: number;
  readonly member: string;
}

interface NamedMember extends Member {
  readonly name: string;
}

/** Of the members that were expected next, so many are looked at: a request may name others, too. */
const SKIPPED_MAX = 4;

export class MemberNames {
  readonly #keys: KeyNames;
  /** Of requests that will run after each other. */
  #expected: NamedMember[] = [];
  /** The one that was asked for last. */
  #last = 0;

  /** @param keys have the seed of the hash that orders the members, as it orders the keys */
  constructor(keys: KeyNames) {
    this.#keys = keys;
  }

  of(table: number, member: string): string {
    const end = Math.min(this.#last + 1 + SKIPPED_MAX, this.#expected.length);
    for (let i = this.#last; i < end; i++) {
      const expected = this.#expected[i] as NamedMember;
      if (expected.member !== member || expected.table !== table) continue;
      this.#last = i;
      return expected.name;
    }
    return this.#nameOf(table, member);
  }

  expectNone(): void {
    this.#last = 0;
    this.#expected = [];
  }

  /** It will be asked for after those that are expected already. Returns its name. */
  expect({ table, member }: Member): string {
    const name = this.#nameOf(table, member);
    this.#expected.push({ table, member, name });
    return name;
  }

  #nameOf(table: number, member: string): string {
    const name = nameOf(member);
    return memberPrefix(table, hashOf(name, this.#keys.seed)) + name;
  }
}

/** How long what stands before the member is in a name. */
export const PREFIX_BYTES = 5;

/** The table, and the 32 bits that order its members. By one call: as a text of parts it would have to be joined again. */
export function memberPrefix(table: number, hash: number): string {
  return String.fromCharCode(
    table,
    (hash >>> 24) & 0xff,
    (hash >>> 16) & 0xff,
    (hash >>> 8) & 0xff,
    hash & 0xff,
  );
}
