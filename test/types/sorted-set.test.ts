/** Sorted sets against a sorted array, with folds, evictions and restarts between the steps. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import {
  findOperand,
  intersectionCount,
  type Operand,
} from '../../src/types/sorted-set/algebra.js';
import {
  countIn,
  membersAt,
  membersIn,
  rankOf,
  scoreRange,
} from '../../src/types/sorted-set/range.js';
import { randomMembers, scan } from '../../src/types/sorted-set/scan.js';
import { type ScoredMember, SortedSet } from '../../src/types/sorted-set/sorted-set.js';
import { countedBytes, World } from '../keyspace/world.js';

const KEY = 'z';
const LIMITS = { entries: 128, memberBytes: 64 };

function put(db: Database, member: string, score: number): void {
  const set = SortedSet.find(db, KEY) ?? SortedSet.create(db, KEY, false);
  const old = set.score(member);
  if (old === undefined) set.add(member, score, LIMITS);
  else set.move(member, old, score);
  set.save();
}

function remove(db: Database, member: string): void {
  const set = SortedSet.find(db, KEY);
  const score = set?.score(member);
  if (set === undefined || score === undefined) return;
  set.remove(member, score);
  set.save();
}

function removeLowest(db: Database, count: number): void {
  const set = SortedSet.find(db, KEY);
  if (set === undefined) return;
  for (const { member, score } of membersAt(set, 0, count, false)) set.remove(member, score);
  set.save();
}

class Model {
  readonly scores = new Map<string, number>();

  get sorted(): ScoredMember[] {
    const all = [...this.scores].map(([member, score]) => ({ member, score }));
    return all.sort((a, b) => a.score - b.score || (a.member < b.member ? -1 : 1));
  }
}

const member = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 1200 }).map((n) => `member${n}`) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }).map((n) => `${n}${'long'.repeat(300)}`) },
);
const score = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(0.1, 1e300, Infinity));
const kind = fc.constantFrom(
  'put',
  'put',
  'remove',
  'pop',
  'read',
  'read',
  'fold',
  'evict',
  'pieces',
  'chill',
);
const step = fc.record({
  kind,
  member,
  score,
  other: score,
  reverse: fc.boolean(),
  rank: fc.integer({ min: 0, max: 1300 }),
  count: fc.integer({ min: 0, max: 30 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function read(world: World, model: Model, one: Step): Promise<void> {
  const { member, score, other, reverse, rank, count } = one;
  const ours = await world.run((db) => {
    const set = SortedSet.find(db, KEY);
    if (set === undefined) return undefined;
    const bound = (value: number, exclusive: boolean) => ({ score: value, exclusive });
    const range = scoreRange({ min: bound(score, reverse), max: bound(other, !reverse) });
    const known = set.score(member);
    return {
      size: set.size,
      score: known,
      rank: known === undefined ? -1 : rankOf(set, member, known, reverse),
      slice: membersAt(set, rank, rank + count, reverse),
      inRange: membersIn(set, range, { reverse, offset: count, limit: 10 }),
      count: countIn(set, range),
    };
  });
  const sorted = model.sorted;
  if (sorted.length === 0) {
    expect(ours).toBeUndefined();
    return;
  }
  const inRange = sorted.filter(
    (item) =>
      (reverse ? item.score > score : item.score >= score) &&
      (reverse ? item.score <= other : item.score < other),
  );
  const ordered = reverse ? sorted.toReversed() : sorted;
  expect(ours).toEqual({
    size: sorted.length,
    score: model.scores.get(member),
    rank: ordered.findIndex((item) => item.member === member),
    slice: ordered.slice(rank, rank + count + 1),
    inRange: (reverse ? inRange.toReversed() : inRange).slice(count, count + 10),
    count: inRange.length,
  });
}

async function play(world: World, model: Model, one: Step): Promise<void> {
  const { kind, member, score, count } = one;
  if (kind === 'put') {
    await world.turn((db) => put(db, member, score));
    model.scores.set(member, score);
  } else if (kind === 'remove') {
    await world.turn((db) => remove(db, member));
    model.scores.delete(member);
  } else if (kind === 'pop') {
    await world.turn((db) => removeLowest(db, count));
    for (const lowest of model.sorted.slice(0, count + 1)) model.scores.delete(lowest.member);
  } else if (kind === 'read') await read(world, model, one);
  else if (kind === 'fold') await world.fold();
  else if (kind === 'evict') world.residents.evictAll();
  else if (kind === 'pieces') world.residents.evict(0);
  else await world.chill();
}

/** With `stays` all of it is resident from its birth on. */
async function fill(world: World, model: Model, count: number, stays = false): Promise<void> {
  await world.turn((db) => {
    for (let i = 0; i < count; i++) put(db, `member${i}`, (i * 7) % 41);
  });
  for (let i = 0; i < count; i++) model.scores.set(`member${i}`, (i * 7) % 41);
  if (!stays) await world.chill();
}

function everything(world: World): Promise<ScoredMember[]> {
  return world.run((db) => {
    const set = SortedSet.find(db, KEY);
    return set === undefined ? [] : membersAt(set, 0, -1, false);
  });
}

test('are in order, whatever is folded and evicted meanwhile', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom(0, 100, 1_000),
      fc.boolean(),
      async (steps, initial, stays) => {
        const world = await World.open();
        const model = new Model();
        await fill(world, model, initial, stays);
        for (const one of steps) await play(world, model, one);
        expect(await everything(world)).toEqual(model.sorted);
        expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
        await world.restart();
        expect(await everything(world)).toEqual(model.sorted);
        await world.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('ranks load no more than a part of the shorter side', async () => {
  const world = await World.open();
  await fill(world, new Model(), 5_000);
  const last = await world.run((db) => {
    const set = SortedSet.find(db, KEY) as SortedSet;
    const [{ member, score }] = membersAt(set, 100, 100, true) as [ScoredMember];
    return [rankOf(set, member, score, true), membersAt(set, -3, -1, false).length];
  });
  expect(last).toEqual([100, 3]);
  expect(world.resident(KEY)?.data?.size).toBeLessThan(600);
  await world.close();
});

test('a walk meets every member, and members by chance are some of them', async () => {
  const world = await World.open();
  const model = new Model();
  await fill(world, model, 500);
  const found = new Map<string, number>();
  for (let cursor = 0; ; ) {
    const page = await world.run((db) => scan(SortedSet.find(db, KEY) as SortedSet, cursor, 20));
    for (const { member, score } of page.members) found.set(member, score);
    if (page.cursor === 0) break;
    cursor = page.cursor;
    world.residents.evictAll();
  }
  expect(found).toEqual(model.scores);
  for (const count of [-700, 7, 499, 600]) {
    const chosen = await world.run((db) =>
      randomMembers(SortedSet.find(db, KEY) as SortedSet, count),
    );
    const names = new Set(chosen.map(({ member }) => member));
    expect(chosen).toHaveLength(count < 0 ? -count : Math.min(count, 500));
    if (count > 0) expect(names.size).toBe(chosen.length);
    for (const { member, score } of chosen) expect(model.scores.get(member)).toBe(score);
  }
  await world.close();
});

test('counting an intersection up to a limit reads no more than it needs', async () => {
  const world = await World.open();
  await world.turn((db) => {
    for (const [key, size] of [
      ['a', 5_000],
      ['b', 6_000],
    ] as const) {
      const set = SortedSet.create(db, key, true);
      for (let i = 0; i < size; i++) set.add(`member${i}`, i, LIMITS);
      set.save();
    }
  });
  await world.chill();
  const count = (limit: number) =>
    world.run((db) => {
      const operands = ['a', 'b'].map((key) => findOperand(db, key) as Operand);
      return intersectionCount(operands, limit);
    });
  expect(await count(10)).toBe(10);
  for (const key of ['a', 'b']) expect(world.resident(key)?.data?.size).toBeLessThan(1_000);
  expect(await count(5_000)).toBe(5_000);
  expect(await count(Number.POSITIVE_INFINITY)).toBe(5_000);
  await world.close();
});
