/**
 * What the records of members are called: fields of a hash, members of a set or sorted set (docs/formats/records.md). Each
 * name is worked out once: many a request is looked ahead at before it runs, and one that runs may ask for it several times.
 */

import { hashOf, nameOf } from './key-name.js';

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
  /** Of requests that will run after each other. */
  #expected: NamedMember[] = [];
  /** The one that was asked for last. */
  #next = 0;

  /** `seed` is of the hash that orders the members (see KeyNames). */
  of(table: number, member: string, seed: number): string {
    const end = Math.min(this.#next + SKIPPED_MAX, this.#expected.length);
    for (let i = this.#next; i < end; i++) {
      const expected = this.#expected[i] as NamedMember;
      if (expected.member !== member || expected.table !== table) continue;
      this.#next = i;
      return expected.name;
    }
    return memberNameOf(table, member, seed);
  }

  expectNone(): void {
    this.#next = 0;
    this.#expected = [];
  }

  /** It will be asked for after those that are expected already. Returns its name. */
  expect({ table, member }: Member, seed: number): string {
    const name = memberNameOf(table, member, seed);
    this.#expected.push({ table, member, name });
    return name;
  }
}

/** The table, 32 bits that order the members of a table, and the member, or what stands for a long one. */
function memberNameOf(table: number, member: string, seed: number): string {
  const name = nameOf(member);
  const hash = hashOf(name, seed);
  const prefix = String.fromCharCode(
    table,
    (hash >>> 24) & 0xff,
    (hash >>> 16) & 0xff,
    (hash >>> 8) & 0xff,
    hash & 0xff,
  );
  return prefix + name;
}
