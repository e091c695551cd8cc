/**
 * Sorted sets: one table from members to scores, and one whose names are score and member, in the order in which
 * sorted sets are read, and which follows from the first. Both are always changed together.
 */

import type { Database } from '../../keyspace/database.js';
import { type Header, ValueType } from '../../keyspace/header.js';
import type { ImpliedForm } from '../../keyspace/implied-table.js';
import { NAME_BYTES, nameOf } from '../../keyspace/key-name.js';
import { PREFIX_BYTES } from '../../keyspace/member-names.js';
import { type CollectionEntry, createCollection, findCollection, setCount } from '../collection.js';
import { memberOf, memberValue, payloadOf } from '../member-table.js';
import { decodeScore, encodeScore, SCORE_BYTES } from './score.js';

/** Numbers of the tables: never renumber. */
export const MEMBERS_TABLE = 4;
export const SCORES_TABLE = 5;

const SCORES = String.fromCharCode(SCORES_TABLE);
/** What stands before the member in a name of MEMBERS_TABLE, where its score is in SCORES_TABLE. */
const HASH_BYTES = 4;
/** The payload in SCORES_TABLE of a score of -0: in the order it is equal to 0. */
const MINUS_ZERO = '-';
const ZERO_BYTES = encodeScore(0);
const MINUS_ZERO_BYTES = encodeScore(-0);
/** What the header keeps once Redis would have left the listpack: there is no way back. */
const SKIPLIST = 's';

export interface ScoredMember {
  readonly member: string;
  readonly score: number;
}

/** What a sorted set may hold and still be a listpack to Redis. */
export interface ListpackLimits {
  readonly entries: number;
  readonly memberBytes: number;
}

export class SortedSet {
  readonly db: Database;
  readonly entry: CollectionEntry;
  #size: number;
  #isSkiplist: boolean;
  /** The member that was last looked at, and the name of its record: most commands name one. */
  #member: string | undefined;
  #name = '';

  private constructor(db: Database, entry: CollectionEntry) {
    this.db = db;
    this.entry = entry;
    this.#size = entry.record.count;
    this.#isSkiplist = entry.record.value === SKIPLIST;
  }

  /** undefined if there is no such key. @throws ValueError WRONG_TYPE */
  static find(db: Database, key: string): SortedSet | undefined {
    const entry = findCollection(db, key, ValueType.zset);
    return entry === undefined ? undefined : new SortedSet(db, entry);
  }

  /** An empty one, whatever was at the key; members and `save` must follow. */
  static create(db: Database, key: string, isSkiplist: boolean): SortedSet {
    const set = new SortedSet(db, createCollection(db, key, ValueType.zset));
    db.implyTable(set.entry, ORDER_FROM_SCORES);
    set.#isSkiplist = isSkiplist;
    return set;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether it has outgrown what Redis keeps as a listpack. */
  get isSkiplist(): boolean {
    return this.#isSkiplist;
  }

  /** The member's score; undefined if it is none. */
  score(member: string): number | undefined {
    const name = this.#nameOf(member);
    const value = this.db.readData(this.entry, name);
    return value === undefined ? undefined : decodeScore(payloadOf(name, value));
  }

  /** Loads what `score` needs of many members with one fault. */
  need(members: readonly string[]): void {
    const names = members.map((member) => this.#nameOf(member));
    this.db.needData(this.entry, names);
  }

  /** Adds a member that is not there. */
  add(member: string, score: number, limits: ListpackLimits): void {
    this.#size++;
    this.#isSkiplist ||= this.#size > limits.entries || member.length > limits.memberBytes;
    this.#write(member, score);
  }

  /** Gives a member, which has the score `old`, another one. */
  move(member: string, old: number, score: number): void {
    this.#write(member, score, old);
  }

  /** Removes a member, which has that score. */
  remove(member: string, score: number): void {
    this.#size--;
    this.db.writeData(this.entry, this.#nameOf(member), undefined);
    this.#leaveOrder(member, score);
  }

  /** Must follow the last change: notes how many members there are. Without any the key goes. */
  save(): void {
    setCount(this.db, this.entry, this.#size, this.#isSkiplist ? SKIPLIST : '');
  }

  /** Members and scores that names of SCORES_TABLE stand for. */
  read(names: readonly string[]): ScoredMember[] {
    return names.map((name) =>
      // Nothing but the name is needed, or its value is.
      isPlain(name)
        ? scoredMember(name, '')
        : scoredMember(name, this.db.readData(this.entry, name) as string),
    );
  }

  /** The same for names of MEMBERS_TABLE. */
  readMembers(names: readonly string[]): ScoredMember[] {
    this.db.needData(this.entry, names);
    return names.map((name) => {
      const value = this.db.readData(this.entry, name) as string;
      return { member: memberOf(name, value), score: decodeScore(payloadOf(name, value)) };
    });
  }

  /** The member's own record comes first: it was looked up last. */
  #write(member: string, score: number, old?: number): void {
    // A listpack keeps -0 as the integer 0.
    const kept = this.#isSkiplist ? score : score + 0;
    const bytes = encodeScore(kept);
    this.db.writeData(this.entry, this.#nameOf(member), memberValue(member, bytes));
    if (old !== undefined) this.#leaveOrder(member, old);
    const value = memberValue(member, orderPayload(bytes));
    this.db.writeImplied(this.entry, orderName(bytes, nameOf(member)), undefined, value);
  }

  #leaveOrder(member: string, score: number): void {
    const bytes = encodeScore(score);
    const value = memberValue(member, orderPayload(bytes));
    this.db.writeImplied(this.entry, orderName(bytes, nameOf(member)), value, undefined);
  }

  #nameOf(member: string): string {
    if (member !== this.#member) {
      this.#member = member;
      this.#name = this.db.memberName(MEMBERS_TABLE, member);
    }
    return this.#name;
  }
}

/** Whether a name of SCORES_TABLE says all of its member, so that the value is not needed. */
function isPlain(name: string): boolean {
  return decodeScore(name, 1) !== 0 && name.length <= 1 + SCORE_BYTES + NAME_BYTES;
}

/** The member and score of a record of SCORES_TABLE. */
export function scoredMember(name: string, value: string): ScoredMember {
  const score = decodeScore(name, 1);
  const likeMembers = name.slice(SCORE_BYTES - HASH_BYTES);
  const isNegative = score === 0 && payloadOf(likeMembers, value) === MINUS_ZERO;
  return { member: memberOf(likeMembers, value), score: isNegative ? -0 : score };
}

/** The name in SCORES_TABLE of a member with that score. */
export function scoreName(score: number, member: string): string {
  return orderName(encodeScore(score), nameOf(member));
}

/** Where -0 stands: it is equal to 0. */
function orderName(scoreBytes: string, memberName: string): string {
  return SCORES + (scoreBytes === MINUS_ZERO_BYTES ? ZERO_BYTES : scoreBytes) + memberName;
}

function orderPayload(scoreBytes: string): string {
  return scoreBytes === MINUS_ZERO_BYTES ? MINUS_ZERO : '';
}

const ORDER_FROM_SCORES: ImpliedForm = {
  table: SCORES_TABLE,
  source: MEMBERS_TABLE,
  nameOf: (sub, value) => orderName(payloadOf(sub, value), sub.slice(PREFIX_BYTES)),
  // What stands before the payload is the member, if it is long.
  valueOf: (_sub, value) => value.slice(0, -SCORE_BYTES) + orderPayload(value.slice(-SCORE_BYTES)),
  sourceOf: (name, names) => names.ofName(MEMBERS_TABLE, name.slice(1 + SCORE_BYTES)),
};

/** What OBJECT ENCODING says of the sorted set in the record. */
export function encodingOf(record: Header): 'listpack' | 'skiplist' {
  return record.value === SKIPLIST ? 'skiplist' : 'listpack';
}
