/** Fields that expire against a Map with times, with folds, evictions, restarts and active expiry between the steps. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ActiveExpiry } from '../../src/keyspace/active-expiry.js';
import { tableRange } from '../../src/keyspace/collection.js';
import type { Database } from '../../src/keyspace/database.js';
import { ExpiryKind, expiryRange, parseExpiryKey } from '../../src/keyspace/encoding.js';
import { fieldExpiryOf, HASH_EXPIRIES } from '../../src/keyspace/field-expiry.js';
import { NEVER } from '../../src/keyspace/header.js';
import { copy } from '../../src/types/copy.js';
import { expiries, persist, setExpiry } from '../../src/types/hash/expiry.js';
import * as hash from '../../src/types/hash/hash.js';
import { differentRandomPairs, randomPair, randomPairs } from '../../src/types/hash/scan.js';
import { countedBytes, World } from '../keyspace/world.js';

const KEY = 'h';
const LIMITS = { fields: 20, bytes: 64 };
const MAX_TIME = Number.MAX_SAFE_INTEGER;

const field = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 25 }).map((n) => `field${n}`) },
  { weight: 1, arbitrary: fc.constant('long'.repeat(300)) },
);
const fields = fc.uniqueArray(field, { minLength: 1, maxLength: 6 });
const value = fc.constantFrom('1', '', '\xff', 'v'.repeat(65));
const delay = fc.integer({ min: -1, max: 40 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), fields, value }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('set timed' as const), fields, value, delay }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('expire' as const), fields, delay }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('persist' as const), fields }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), fields }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), delay }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('fold', 'evict', 'chill', 'restart') }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Expected {
  readonly value: string;
  readonly expireAt: number;
}

class Pair {
  readonly world: World;
  readonly model = new Map<string, Expected>();
  #expiry: ActiveExpiry;

  constructor(world: World) {
    this.world = world;
    this.#expiry = this.#start();
  }

  #start(): ActiveExpiry {
    return new ActiveExpiry(this.world.keyspace, this.world.logger, () => undefined);
  }

  get now(): number {
    return this.world.clock.milliseconds;
  }

  prune(): void {
    for (const [name, { expireAt }] of this.model) {
      if (expireAt !== NEVER && expireAt <= this.now) this.model.delete(name);
    }
  }

  async step(each: Step): Promise<void> {
    const { world } = this;
    this.prune();
    if ('value' in each)
      await this.#set(each.fields, each.value, 'delay' in each ? each.delay : undefined);
    else if (each.kind === 'expire') await this.#expire(each.fields, each.delay);
    else if (each.kind === 'persist') await this.#persist(each.fields);
    else if (each.kind === 'remove') {
      const removed = each.fields.filter((name) => this.model.delete(name)).length;
      expect(await world.turn((db) => hash.remove(db, KEY, each.fields))).toBe(removed);
    } else if (each.kind === 'rename') {
      await world.turn((db) => db.rename(KEY, 'other'));
      await world.turn((db) => db.rename('other', KEY));
    } else if (each.kind === 'wait') world.clock.milliseconds += each.delay + 1;
    else if (each.kind === 'look') await this.look();
    else await this.#disturb(each.kind);
  }

  async #set(names: readonly string[], text: string, after: number | undefined): Promise<void> {
    const expireAt = after === undefined ? NEVER : this.now + after + 2;
    const pairs = names.map((name) => [name, text] as const);
    const created = names.filter((name) => !this.model.has(name)).length;
    for (const name of names) this.model.set(name, { value: text, expireAt });
    const set = (db: Database): number => hash.setMany(db, KEY, pairs, LIMITS, expireAt);
    expect(await this.world.turn(set)).toBe(created);
  }

  async #expire(names: readonly string[], after: number): Promise<void> {
    const at = this.now + after;
    const expected = names.map((name) => {
      const before = this.model.get(name);
      if (before === undefined) return 'absent';
      if (after > 0) this.model.set(name, { ...before, expireAt: at });
      else this.model.delete(name);
      return after > 0 ? 'changed' : 'deleted';
    });
    const set = (db: Database) => setExpiry(db, KEY, names, at, () => true);
    expect(await this.world.turn(set)).toEqual(expected);
  }

  async #persist(names: readonly string[]): Promise<void> {
    const expected = names.map((name) => {
      const before = this.model.get(name);
      if (before === undefined) return 'absent';
      this.model.set(name, { ...before, expireAt: NEVER });
      return before.expireAt === NEVER ? 'kept' : 'changed';
    });
    expect(await this.world.turn((db) => persist(db, KEY, names))).toEqual(expected);
  }

  /** After it no field that has expired is left. */
  async look(): Promise<void> {
    for (let i = 0; i < 3; i++) await this.#expiry.run();
    await this.world.endTurn();
    this.prune();
    expect(await this.world.run((db) => hash.length(db, KEY))).toBe(this.model.size);
    expect(this.world.db.size).toBe(this.model.size === 0 ? 0 : 1);
  }

  async #disturb(kind: string): Promise<void> {
    const { world } = this;
    if (kind === 'fold') await world.fold();
    else if (kind === 'evict') world.residents.evictAll();
    else if (kind === 'chill') await world.chill();
    else {
      await world.restart();
      this.#expiry = this.#start();
    }
  }

  async check(): Promise<void> {
    this.prune();
    const names = [...this.model.keys()];
    const all = await this.world.run((db) => hash.getAll(db, KEY));
    expect(new Map(all)).toEqual(
      new Map([...this.model].map(([name, { value }]) => [name, value])),
    );
    const times = await this.world.run((db) => expiries(db, KEY, [...names, 'none']));
    expect(times).toEqual([...names.map((name) => this.model.get(name)?.expireAt), undefined]);
    const random = await this.world.run((db) => [
      ...randomPairs(db, KEY, 5),
      ...differentRandomPairs(db, KEY, 5),
      ...[randomPair(db, KEY)].filter((pair) => pair !== undefined),
    ]);
    for (const [name, text] of random) expect(this.model.get(name)?.value).toBe(text);
    expect(random).toHaveLength(names.length === 0 ? 0 : 6 + Math.min(5, names.length));
    expect(this.world.residents.bytes).toBe(countedBytes(this.world.keyspace));
  }

  /** The index on disk has one time of the hash, that of its header; its records of times are those of its fields. */
  async checkIndex(): Promise<void> {
    const { world } = this;
    await world.chill();
    const range = { ...expiryRange(0, MAX_TIME), maxRecords: 1000, maxBytes: 1 << 20 };
    const index = (await world.storage.range(range)).keys.map(parseExpiryKey);
    const [first, records] = await world.run((db) => {
      const entry = hash.find(db, KEY);
      if (entry === undefined) return [NEVER, 0] as const;
      return [fieldExpiryOf(entry.record), db.scanData(entry, tableRange(HASH_EXPIRIES)).length];
    });
    expect(index.map(({ at, kind }) => [at, kind])).toEqual(
      first === NEVER ? [] : [[first, ExpiryKind.field]],
    );
    const { expiries: totals } = world.keyspace.databases.spaces[0] ?? {};
    expect(totals?.hashes ?? 0).toBe(first === NEVER ? 0 : 1);
    const timed = [...this.model.values()].filter(({ expireAt }) => expireAt !== NEVER);
    expect(records).toBe(timed.length);
    for (const { expireAt } of timed) expect(first).toBeLessThanOrEqual(expireAt);
  }
}

test('go when it is time, whatever happens meanwhile', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const pair = new Pair(await World.open());
      for (const each of steps) {
        await pair.step(each);
        await pair.check();
      }
      await pair.look();
      await pair.checkIndex();
      pair.world.clock.milliseconds += 1000;
      await pair.look();
      await pair.check();
      await pair.checkIndex();
      await pair.world.close();
    }),
    { numRuns: 150 },
  );
});

test('a read of an expired field has what is due of the hash deleted', async () => {
  const world = await World.open();
  const expiry = new ActiveExpiry(world.keyspace, world.logger, () => undefined);
  await world.turn((db) => hash.setMany(db, KEY, [['a', '1']], LIMITS, world.clock.now() + 5));
  world.clock.milliseconds += 5;
  expect(await world.run((db) => hash.length(db, KEY))).toBe(1);
  expect(await world.run((db) => hash.get(db, KEY, 'a'))).toBeUndefined();
  expiry.deleteNoted();
  await world.run(() => undefined);
  await world.endTurn();
  expect(world.db.size).toBe(0);
  await world.close();
});

test('more fields than one change deletes go all the same, one by one time or at once', async () => {
  const world = await World.open();
  const expiry = new ActiveExpiry(world.keyspace, world.logger, () => undefined);
  const pairs = Array.from({ length: 3_500 }, (_, i) => [`f${i}`, 'v'] as const);
  await world.turn((db) => hash.setMany(db, KEY, pairs, LIMITS, world.clock.now() + 5));
  await world.turn((db) => hash.setMany(db, KEY, [['stays', 'v']], LIMITS));
  await world.chill();
  world.clock.milliseconds += 5;
  for (let i = 0; i < 5; i++) await expiry.run();
  await world.endTurn();
  expect(await world.run((db) => hash.length(db, KEY))).toBe(1);
  await world.close();
});

test('a copy has fields that expire too', async () => {
  const world = await World.open();
  const expiry = new ActiveExpiry(world.keyspace, world.logger, () => undefined);
  await world.turn((db) => hash.setMany(db, KEY, [['a', '1']], LIMITS, world.clock.now() + 5));
  await world.turn((db) => hash.setMany(db, KEY, [['b', '1']], LIMITS));
  await world.turn((db) => copy(db, hash.find(db, KEY) as never, db, 'copy'));
  await world.chill();
  world.clock.milliseconds += 5;
  await expiry.run();
  await world.endTurn();
  expect(await world.run((db) => hash.length(db, 'copy'))).toBe(1);
  expect(await world.run((db) => hash.getAll(db, 'copy'))).toEqual([['b', '1']]);
  await world.close();
});

test('after a restart fields go whether their times were folded or not', async () => {
  for (const isFolded of [true, false]) {
    const world = await World.open();
    const at = world.clock.now() + 5;
    await world.turn((db) => hash.setMany(db, KEY, [['a', '1']], LIMITS, at));
    if (isFolded) await world.fold();
    await world.restart();
    const expiry = new ActiveExpiry(world.keyspace, world.logger, () => undefined);
    world.clock.milliseconds += 5;
    await expiry.run();
    await world.endTurn();
    expect(world.db.size).toBe(0);
    await world.close();
  }
});
