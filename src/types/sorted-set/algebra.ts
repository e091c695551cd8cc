/** Unions, intersections and differences of sorted sets, and of sets, whose members all have the score 1. */

import { byBytes } from '../../base/byte-text.js';
import type { Database } from '../../keyspace/database.js';
import { typeOf, ValueType } from '../../keyspace/header.js';
import { memberOf } from '../member-table.js';
import { FIRST_PAGE, namePages } from '../name-pages.js';
import * as set from '../set/set.js';
import { membersAt, ORDER } from './range.js';
import { type ListpackLimits, type ScoredMember, SortedSet } from './sorted-set.js';

/** What is to be combined: a sorted set or a set. */
export interface Operand {
  readonly size: number;
  all(): ScoredMember[];
  /** The members, so many at first, then more at a time. */
  pages(first: number): Iterable<readonly string[]>;
  /** The scores of the members; undefined for those that are none. */
  scores(members: readonly string[]): (number | undefined)[];
}

export interface WeightedOperand {
  readonly operand: Operand;
  readonly weight: number;
}

export type Aggregate = 'sum' | 'min' | 'max';

/** What stands at the key; undefined if nothing does. @throws ValueError WRONG_TYPE */
export function findOperand(db: Database, key: string): Operand | undefined {
  const record = db.get(key);
  if (record !== undefined && typeOf(record) === ValueType.set) return setOperand(db, key);
  const found = SortedSet.find(db, key);
  return found === undefined ? undefined : sortedSetOperand(found);
}

function sortedSetOperand(sortedSet: SortedSet): Operand {
  return {
    size: sortedSet.size,
    all: () => membersAt(sortedSet, 0, -1, false),
    *pages(first) {
      for (const names of namePages(sortedSet.db, sortedSet.entry, ORDER, { first })) {
        yield sortedSet.read(names).map(({ member }) => member);
      }
    },
    scores: (members) => {
      sortedSet.need(members);
      return members.map((member) => sortedSet.score(member));
    },
  };
}

function setOperand(db: Database, key: string): Operand | undefined {
  const entry = set.find(db, key);
  if (entry === undefined) return undefined;
  return {
    size: entry.record.count,
    all: () => set.members(db, entry).map((member) => ({ member, score: 1 })),
    *pages(first) {
      for (const names of namePages(db, entry, set.MEMBER_RANGE, { first })) {
        yield names.map((name) => memberOf(name, db.readData(entry, name) as string));
      }
    },
    scores: (members) =>
      set.contains(db, entry, members).map((isMember) => (isMember ? 1 : undefined)),
  };
}

/** Members of any of the operands. */
export function union(operands: readonly WeightedOperand[], aggregate: Aggregate): ScoredMember[] {
  const scores = new Map<string, number>();
  for (const { operand, weight } of bySize(operands)) {
    for (const { member, score } of operand.all()) {
      const old = scores.get(member);
      const value = weigh(score, weight);
      scores.set(member, old === undefined ? value : join(old, value, aggregate));
    }
  }
  return inOrder([...scores].map(([member, score]) => ({ member, score })));
}

/** Members of all of the operands, of which there is at least one. */
export function intersection(
  operands: readonly WeightedOperand[],
  aggregate: Aggregate,
): ScoredMember[] {
  const [smallest, ...others] = bySize(operands) as [WeightedOperand, ...WeightedOperand[]];
  let found = smallest.operand
    .all()
    .map(({ member, score }) => ({ member, score: weigh(score, smallest.weight) }));
  for (const { operand, weight } of others) {
    const scores = operand.scores(found.map(({ member }) => member));
    found = found.flatMap(({ member, score }, i) => {
      const other = scores[i];
      if (other === undefined) return [];
      return [{ member, score: join(score, weigh(other, weight), aggregate) }];
    });
  }
  return inOrder(found);
}

/** How many members all of the operands have, of which there is at least one; `limit` if there are more. */
export function intersectionCount(operands: readonly Operand[], limit: number): number {
  const [smallest, ...others] = operands.toSorted((a, b) => a.size - b.size) as [
    Operand,
    ...Operand[],
  ];
  let count = 0;
  const first = limit === Number.POSITIVE_INFINITY ? limit : Math.max(limit, FIRST_PAGE);
  for (const page of smallest.pages(first)) {
    count += others.reduce(membersAlsoIn, page).length;
    if (count >= limit) return limit;
  }
  return count;
}

function membersAlsoIn(members: readonly string[], other: Operand): readonly string[] {
  const scores = other.scores(members);
  return members.filter((_, i) => scores[i] !== undefined);
}

/** Members of the first operand that are in none of the others. */
export function difference(first: Operand, others: readonly Operand[]): ScoredMember[] {
  let found = first.all();
  for (const other of others) {
    const scores = other.scores(found.map(({ member }) => member));
    found = found.filter((_, i) => scores[i] === undefined);
  }
  return inOrder(found);
}

/** Puts the members, all different, at the key in place of what is there; without any the key goes. */
export function store(
  db: Database,
  key: string,
  members: readonly ScoredMember[],
  limits: ListpackLimits,
): void {
  if (members.length === 0) {
    db.delete(key);
    return;
  }
  db.needRoom(members.length * 2);
  const isLarge =
    members.length > limits.entries ||
    members.some(({ member }) => member.length > limits.memberBytes);
  const target = SortedSet.create(db, key, isLarge);
  for (const { member, score } of members) target.add(member, score, limits);
  target.save();
}

/** As Redis goes through them: sums of fractions depend on it. */
function bySize(operands: readonly WeightedOperand[]): WeightedOperand[] {
  return operands.toSorted((a, b) => a.operand.size - b.operand.size);
}

/** 0 times infinity counts as 0. */
function weigh(score: number, weight: number): number {
  const weighted = score * weight;
  return Number.isNaN(weighted) ? 0 : weighted;
}

/** The sum of both infinities counts as 0. */
function join(a: number, b: number, aggregate: Aggregate): number {
  if (aggregate === 'min') return Math.min(a, b);
  if (aggregate === 'max') return Math.max(a, b);
  const sum = a + b;
  return Number.isNaN(sum) ? 0 : sum;
}

function inOrder(members: ScoredMember[]): ScoredMember[] {
  return members.sort((a, b) => a.score - b.score || byBytes(a.member, b.member));
}
