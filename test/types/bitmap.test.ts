/** Bitmaps against plain bytes: any changes, with folds, evictions and restarts between them; and what holes cost. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/keyspace/database.js';
import type { Entry } from '../../src/keyspace/entry.js';
import { countBits, findBit, getBit, setBit } from '../../src/types/bitmap/bitmap.js';
import { type BitOperation, combineStrings } from '../../src/types/bitmap/operation.js';
import * as string from '../../src/types/string/string.js';
import { textOf } from '../../src/types/string/value.js';
import { World } from '../keyspace/world.js';

const KEYS = ['a', 'b', 'c'];

const key = fc.constantFrom(...KEYS);
const near = (unit: number) =>
  fc
    .tuple(fc.constantFrom(0, 1, 16_384, 32_768), fc.integer({ min: -3, max: 9 }))
    .map(([at, by]) => Math.max(0, at + by) * unit);
const offset = fc.tuple(near(8), fc.integer({ min: 0, max: 7 })).map(([at, by]) => at + by);
const operations: Record<BitOperation, (bytes: readonly number[]) => number> = {
  and: (bytes) => bytes.reduce((all, byte) => all & byte),
  or: (bytes) => bytes.reduce((all, byte) => all | byte),
  xor: (bytes) => bytes.reduce((all, byte) => all ^ byte),
  not: ([byte = 0]) => ~byte,
  diff: ([first = 0, ...rest]) => first & ~rest.reduce((all, byte) => all | byte, 0),
  diff1: ([first = 0, ...rest]) => ~first & rest.reduce((all, byte) => all | byte, 0),
  andor: ([first = 0, ...rest]) => first & rest.reduce((all, byte) => all | byte, 0),
  one: (bytes) => {
    const single = (bit: number): boolean => bytes.filter((byte) => byte & bit).length === 1;
    return [1, 2, 4, 8, 16, 32, 64, 128].filter(single).reduce((all, bit) => all | bit, 0);
  },
};
const operation = fc.constantFrom(...(Object.keys(operations) as BitOperation[]));

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, offset, bit: fc.constantFrom(0, 1) }),
  fc.record({ kind: fc.constant('fill' as const), key, from: near(1), bytes: near(1) }),
  fc.record({
    kind: fc.constant('combine' as const),
    key,
    operation,
    sources: fc.array(key, { minLength: 2, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('look' as const), key, range: fc.tuple(offset, offset) }),
  fc.record({ kind: fc.constantFrom('chill' as const, 'evict' as const, 'restart' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What each key must hold. */
class Model {
  readonly #values = new Map<string, Buffer>();

  get(name: string): Buffer {
    return this.#values.get(name) ?? Buffer.alloc(0);
  }

  put(name: string, value: Buffer): void {
    this.#values.set(name, value);
  }

  /** The value, at least so long, to be changed. */
  grown(name: string, length: number): Buffer {
    const old = this.get(name);
    const value = Buffer.alloc(Math.max(old.length, length));
    old.copy(value);
    this.put(name, value);
    return value;
  }
}

function bitOf(value: Buffer, at: number): number {
  return ((value[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

async function apply(world: World, model: Model, action: Step): Promise<void> {
  switch (action.kind) {
    case 'set': {
      const value = model.grown(action.key, (action.offset >> 3) + 1);
      const mask = 0x80 >> (action.offset & 7);
      const old = bitOf(value, action.offset);
      const byte = value[action.offset >> 3] as number;
      value[action.offset >> 3] = action.bit === 1 ? byte | mask : byte & ~mask;
      expect(await world.turn((db) => setBit(db, action.key, action.offset, action.bit))).toBe(old);
      expect(await world.turn((db) => getBit(db, action.key, action.offset))).toBe(action.bit);
      break;
    }
    case 'fill': {
      if (action.bytes === 0) break;
      const value = model.grown(action.key, action.from + action.bytes);
      value.fill(0xff, action.from, action.from + action.bytes);
      const text = '\xff'.repeat(action.bytes);
      await world.turn((db) => string.setRange(db, action.key, action.from, text, 1 << 29));
      break;
    }
    case 'combine':
      await combine(world, model, action.operation, action.key, action.sources);
      break;
    case 'look':
      await look(world, model.get(action.key), action.key, action.range);
      break;
    case 'chill':
      await world.chill();
      break;
    case 'evict':
      world.residents.evictAll();
      break;
    default:
      await world.restart();
  }
}

async function combine(
  world: World,
  model: Model,
  name: BitOperation,
  to: string,
  from: readonly string[],
): Promise<void> {
  const values = from.slice(0, name === 'not' ? 1 : undefined).map((source) => model.get(source));
  const result = Buffer.alloc(Math.max(...values.map((value) => value.length)));
  for (let i = 0; i < result.length; i++) {
    result[i] = operations[name](values.map((value) => value[i] ?? 0));
  }
  const sources = from.slice(0, values.length);
  const length = await world.turn((db) => combineStrings(db, name, to, sources));
  expect(length).toBe(result.length);
  model.put(to, result);
}

async function look(
  world: World,
  value: Buffer,
  name: string,
  bounds: readonly number[],
): Promise<void> {
  const [low = 0, high = 0] = bounds
    .map((at) => Math.min(at, value.length * 8))
    .sort((a, b) => a - b);
  if (low === high) return;
  const range = { start: low, end: high };
  const bits = Array.from({ length: high - low }, (_, i) => bitOf(value, low + i));
  const found = (bit: number): number | undefined => {
    const at = bits.indexOf(bit);
    return at < 0 ? undefined : low + at;
  };
  const answers = await world.turn((db) => {
    const entry = string.find(db, name) as Entry;
    return [
      countBits(db, entry, range),
      findBit(db, entry, 0, range),
      findBit(db, entry, 1, range),
    ];
  });
  expect(answers).toEqual([bits.filter((bit) => bit === 1).length, found(0), found(1)]);
}

async function read(world: World, name: string): Promise<string> {
  return world.turn((db) => textOf(string.get(db, name) ?? ''));
}

test('as plain bytes', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const world = await World.open();
      const model = new Model();
      for (const action of steps) {
        await apply(world, model, action);
        for (const name of KEYS) {
          const expected = model.get(name).toString('latin1');
          if ((await read(world, name)) !== expected) expect.fail(`${name} differs`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

const LAST_BIT = 2 ** 32 - 1;

function whole(db: Database): { entry: Entry; range: { start: number; end: number } } {
  return { entry: string.find(db, 'sparse') as Entry, range: { start: 0, end: LAST_BIT + 1 } };
}

test('holes cost nothing to make, to count, to search, to combine', async () => {
  const world = await World.open();
  await world.turn((db) => setBit(db, 'sparse', LAST_BIT, 1));
  await world.turn((db) => setBit(db, 'sparse', 8 * 40_000, 0));
  await world.turn((db) => setBit(db, 'sparse', 2 ** 31, 1));
  expect(world.resident('sparse')?.data?.size).toBe(2);
  await world.chill();
  const counts = await world.turn((db) => {
    const { entry, range } = whole(db);
    return [
      countBits(db, entry, range),
      findBit(db, entry, 1, range),
      findBit(db, entry, 0, range),
    ];
  });
  expect(counts).toEqual([2, 2 ** 31, 0]);
  await world.turn((db) => combineStrings(db, 'or', 'copy', ['sparse', 'none']));
  expect(world.resident('copy')?.data?.size).toBe(2);
  expect(await world.turn((db) => getBit(db, 'copy', LAST_BIT))).toBe(1);
});

test('a bit of a cold string brings its fragment only, and changes that only', async () => {
  const world = await World.open();
  await world.turn((db) => string.set(db, 'long', '\xff'.repeat(1_000_000)));
  await world.chill();
  expect(await world.turn((db) => setBit(db, 'long', 8 * 500_000, 0))).toBe(1);
  expect(world.resident('long')?.data?.size).toBe(1);
  expect(
    await world.turn((db) =>
      countBits(db, string.find(db, 'long') as Entry, { start: 0, end: 8e6 }),
    ),
  ).toBe(7_999_999);
});
