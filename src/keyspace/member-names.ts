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

/** Names of longer members are joined by V8. */
const SHORT_BYTES = 32;

/**
 * The name of a member for each length up to SHORT_BYTES, in one flat string: what V8 joins is a tree, which the first look at
 * its bytes copies, and each look at one of them finds by a detour (in all 170 ns in place of 210, and half the memory). Generated as
 * the readers of protocol/latin1-text.ts are.
 */
const shortNames: readonly ((table: number, hash: number, member: string) => string)[] = Array.from(
  { length: SHORT_BYTES + 1 },
  (_, length) => {
    const bytes = Array.from({ length }, (_, i) => `, member.charCodeAt(${i})`);
    return new Function(
      ...['table', 'hash', 'member'],
      'return String.fromCharCode(table, (hash >>> 24) & 255, (hash >>> 16) & 255, (hash >>> 8) & 255, ' +
        `hash & 255${bytes.join('')});`,
    ) as (typeof shortNames)[number];
  },
);

/** Of the members that were expected next, so many are looked at: a request may name others, too. */
const SKIPPED_MAX = 4;

export class MemberNames {
  readonly #keys: KeyNames;
  /** Of requests that will run after each other, with the names of their records. */
  #expected: Member[] = [];
  #names: string[] = [];
  /** The one that was asked for last. */
  #last = 0;

  /** @param keys have the seed of the hash that orders the members, as it orders the keys */
  constructor(keys: KeyNames) {
    this.#keys = keys;
  }

  of(table: number, member: string): string {
    const end = Math.min(this.#last + 1 + SKIPPED_MAX, this.#expected.length);
    for (let i = this.#last; i < end; i++) {
      const expected = this.#expected[i] as Member;
      if (expected.member !== member || expected.table !== table) continue;
      this.#last = i;
      return this.#names[i] as string;
    }
    return this.#nameOf(table, member);
  }

  expectNone(): void {
    this.#last = 0;
    this.#expected = [];
    this.#names = [];
  }

  /** It will be asked for after those that are expected already. Returns its name. */
  expect(member: Member): string {
    const name = this.#nameOf(member.table, member.member);
    this.#expected.push(member);
    this.#names.push(name);
    return name;
  }

  #nameOf(table: number, member: string): string {
    return this.ofName(table, nameOf(member));
  }

  /** The same of a member whose `nameOf` is known. */
  ofName(table: number, name: string): string {
    const hash = hashOf(name, this.#keys.seed);
    const joined = shortNames[name.length];
    return joined === undefined ? memberPrefix(table, hash) + name : joined(table, hash, name);
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
