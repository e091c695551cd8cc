/** The bitmap group against redis-server: the same random requests, the same replies to the byte. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { bitmapCommands } from '../../src/commands/bitmap/bitmap.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const key = fc.constantFrom('a', 'b', 'c', 'd');
/** Bytes around the borders of fragments. */
const place = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -2, max: 2 }))
    .map(([fragment, offset]) => Math.max(0, fragment * 16_384 + offset)),
);
const bitOffset = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([byte, bit]) => String(byte * 8 + bit)),
  fc.constantFrom('-1', 'x', '4294967296', '9223372036854775807', '99999999999999999999'),
);
const bit = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('0', '1') },
  fc.constantFrom('2', 'x'),
);
const value = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.constantFrom('', '12', '\xff\xff\xff', '\0\0\0'),
  fc
    .tuple(place, fc.constantFrom('\xff', '\0', 'U', '\x01'))
    .map(([length, letter]) => letter.repeat(length)),
);
const index = fc.oneof(
  fc.integer({ min: -20, max: 100 }).map(String),
  fc.tuple(place, fc.constantFrom(1, -1, 8, -8)).map(([at, sign]) => String(at * sign)),
);
const unit = fc.constantFrom([], ['BYTE'], ['bit']);
const type = fc.oneof(
  fc.integer({ min: 1, max: 64 }).map((bits) => `i${bits}`),
  fc.integer({ min: 1, max: 63 }).map((bits) => `u${bits}`),
  fc.constantFrom('u8', 'i8', 'u64', 'i65', 'i0', 'x8', 'u', 'i08'),
);
const fieldOffset = fc.oneof(
  bitOffset,
  fc.integer({ min: 0, max: 9000 }).map((number) => `#${number}`),
  fc.constantFrom('#-1', '#x', '#', '#536870912'),
);
const number = fc.oneof(
  fc.integer({ min: -300, max: 300 }).map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.integer({ min: 0, max: 63 }).map((power) => String(2n ** BigInt(power) - 1n)),
  fc.constantFrom('-9223372036854775808', 'x'),
);
const fieldOperation = fc.oneof(
  fc.tuple(fc.constantFrom('GET'), type, fieldOffset),
  fc.tuple(fc.constantFrom('SET', 'incrby'), type, fieldOffset, number),
  fc.tuple(fc.constant('OVERFLOW'), fc.constantFrom('WRAP', 'sat', 'FAIL')),
);
/** Mistakes of form, which end a request before it does anything. */
const wrongOperation = fc.constantFrom(['GET', 'u8'], ['OVERFLOW', 'x'], ['x'], ['SET', 'u8', '0']);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constant('SET'), key, value),
  fc.tuple(fc.constant('SETRANGE'), key, place.map(String), value),
  fc.tuple(fc.constantFrom('GET', 'DEL', 'TYPE'), key),
  fc.tuple(fc.constant('OBJECT'), fc.constant('ENCODING'), key),
  fc.tuple(fc.constant('SETBIT'), key, bitOffset, bit),
  fc.tuple(fc.constant('GETBIT'), key, bitOffset),
  fc.tuple(fc.constant('BITCOUNT'), key),
  fc.tuple(key, index, index, unit).map(([k, a, b, u]) => ['BITCOUNT', k, a, b, ...u]),
  fc.tuple(fc.constant('BITPOS'), key, bit),
  fc.tuple(fc.constant('BITPOS'), key, fc.constantFrom('0', '1'), index),
  fc
    .tuple(key, fc.constantFrom('0', '1'), index, index, unit)
    .map(([k, b, from, to, u]) => ['BITPOS', k, b, from, to, ...u]),
  fc
    .tuple(fc.constantFrom('AND', 'or', 'XOR', 'NOT', 'NAND'), key, fc.array(key, { maxLength: 4 }))
    .map(([operation, to, from]) => ['BITOP', operation, to, ...from]),
  fc
    .tuple(
      fc.constantFrom('BITFIELD', 'BITFIELD_RO'),
      key,
      fc.array(fc.oneof({ weight: 20, arbitrary: fieldOperation }, wrongOperation), {
        maxLength: 5,
      }),
    )
    .map(([name, k, operations]) => [name, k, ...operations.flat()]),
);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const groups = [bitmapCommands, stringCommands, keyCommands, objectCommands];
  const scripts = new OracleScripts(groups);

  test('random requests', { timeout: 120_000 }, () =>
    scripts.compareRandom(request, { runs: 300 }),
  );
});
