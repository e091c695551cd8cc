/** HyperLogLogs: damaged values of any kind are refused or counted, and nothing breaks. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { murmurHash64 } from '../../src/base/murmur-hash.js';
import * as hyperloglog from '../../src/types/hyperloglog/hyperloglog.js';
import { selfTest } from '../../src/types/hyperloglog/self-test.js';
import { set } from '../../src/types/string/string.js';
import { ValueError } from '../../src/types/value-error.js';
import { World } from '../keyspace/world.js';

/** MurmurHash64A in the words of its definition. */
function plainHash(text: string, seed: bigint): bigint {
  const factor = 0xc6a4a7935bd1e995n;
  const times = (value: bigint): bigint => BigInt.asUintN(64, value * factor);
  let hash = seed ^ times(BigInt(text.length));
  for (let at = 0; at < text.length; at += 8) {
    const piece = Buffer.from(text.slice(at, at + 8), 'latin1');
    const padded = Buffer.concat([piece, Buffer.alloc(8 - piece.length)]).readBigUInt64LE();
    if (piece.length < 8) {
      hash = times(hash ^ padded);
    } else {
      const mixed = times(padded);
      hash = times(hash ^ times(mixed ^ (mixed >> 47n)));
    }
  }
  hash = times(hash ^ (hash >> 47n));
  return hash ^ (hash >> 47n);
}

test('the hash is MurmurHash64A', () => {
  const text = fc.string({ unit: 'binary-ascii', maxLength: 40 });
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const bytes = fc.array(byte, { maxLength: 40 }).map((list) => list.join(''));
  fc.assert(
    fc.property(fc.oneof(text, bytes), (value) => {
      const { high, low } = murmurHash64(value, 0xadc83b19);
      const hash = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      expect(hash).toBe(plainHash(value, 0xadc83b19n));
    }),
    { numRuns: 2000 },
  );
});

test('the self test passes', () => {
  expect(selfTest()).toBeUndefined();
});

const byte = fc.integer({ min: 0, max: 255 });
const runs = fc.oneof(
  fc.array(byte, { maxLength: 200 }),
  // Runs that come near to all registers, so that more than the first look finds the damage.
  fc
    .tuple(fc.array(byte, { maxLength: 20 }), fc.integer({ min: 0x70, max: 0x7f }), byte)
    .map(([list, high, low]) => [...list, high, low]),
);
const damaged = fc
  .tuple(fc.constantFrom(0, 1), fc.array(byte, { minLength: 11, maxLength: 11 }), runs)
  .map(([form, header, list]) => {
    const text = String.fromCharCode(...header, ...list);
    return `HYLL${String.fromCharCode(form)}${form === 0 ? text.padEnd(12_299, text) : text}`;
  });

test('damaged values', { timeout: 60_000 }, async () => {
  const world = await World.open();
  await fc.assert(
    fc.asyncProperty(damaged, fc.array(fc.string(), { maxLength: 3 }), async (value, elements) => {
      const uses = [
        (db: typeof world.db) => hyperloglog.count(db, 'k', true),
        (db: typeof world.db) => hyperloglog.countUnion(db, ['k', 'k']),
        (db: typeof world.db) => hyperloglog.add(db, 'k', elements, 3000),
        (db: typeof world.db) => hyperloglog.merge(db, 'm', ['k'], 3000),
        (db: typeof world.db) => hyperloglog.decode(db, 'k'),
        (db: typeof world.db) => hyperloglog.convertToDense(db, 'k'),
      ];
      for (const use of uses) {
        await world.turn((db) => set(db, 'k', value));
        await world.turn(use).catch((error: unknown) => expect(error).toBeInstanceOf(ValueError));
      }
    }),
    { numRuns: 200 },
  );
});
