/** The string group against redis-server: the same random requests, the same replies to the byte. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const key = fc.constantFrom('a', 'b', 'c', '{a}1');
const border = fc.constantFrom(0, 1, 5, 44, 45, 16_383, 16_384, 16_385, 32_768, 50_000);
const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
  fc.constantFrom('0', '1', '-1', '10', '1.5', '3.0e3', '9223372036854775807', 'inf', 'nan', ' 1'),
  fc.constantFrom('-9223372036854775808', '9223372036854775808', '01', '+1', '-0', '1e400', ''),
  border.map((length) => 'x'.repeat(length)),
);
const integer = fc.oneof(
  fc.integer({ min: -50, max: 50 }).map(String),
  border.map(String),
  fc.constantFrom('-16385', '9223372036854775807', '-9223372036854775808', 'x', '1.0', ''),
  fc.constantFrom('9223372036854775808', '-1', '999999999999999', '1000000000000000'),
);
const offset = fc.oneof(
  fc.integer({ min: -2, max: 60_000 }).map(String),
  fc.constantFrom('536870912', '536870913', '9223372036854775807', 'x'),
);
const float = fc.oneof(
  fc.double({ noNaN: true, min: -1e20, max: 1e20 }).map(String),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => String(n / 1000)),
  fc.constantFrom('inf', '-inf', 'nan', 'x', '1e4000', '0x10', '1e-30', '+1', ' 1', '.5', '5.', ''),
);
/** Far enough from now that nothing expires meanwhile, as milliseconds too, and some that are refused. */
const seconds = fc.constantFrom('100000', '1000000', '0', '-1', 'x', '9223372036854775807');
const expiry = fc.oneof(
  fc.tuple(fc.constantFrom('EX', 'px', 'Ex'), seconds),
  fc.tuple(fc.constantFrom('EXAT', 'pxat'), fc.constantFrom('99999999999999', '0', 'x')),
  fc.constantFrom(['KEEPTTL'], ['PERSIST'], ['EX'], ['BOGUS']),
);
const setOption = fc.oneof(fc.constantFrom(['NX'], ['xx'], ['GET']), expiry);
const lcsOption = fc.constantFrom(
  ['LEN'],
  ['IDX'],
  ['WITHMATCHLEN'],
  ['MINMATCHLEN', '2'],
  ['MINMATCHLEN'],
  ['x'],
);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constantFrom('GET', 'STRLEN', 'INCR', 'DECR', 'GETDEL'), key),
  fc.tuple(fc.constantFrom('APPEND', 'GETSET', 'SETNX', 'SET'), key, text),
  fc.tuple(fc.constantFrom('INCRBY', 'DECRBY'), key, integer),
  fc.tuple(fc.constant('INCRBYFLOAT'), key, float),
  fc.tuple(fc.constantFrom('GETRANGE', 'SUBSTR'), key, integer, integer),
  fc.tuple(fc.constant('SETRANGE'), key, offset, text),
  fc.tuple(fc.constantFrom('SETEX', 'PSETEX'), key, seconds, text),
  fc.array(key, { maxLength: 4 }).map((keys) => ['MGET', ...keys]),
  fc
    .tuple(fc.constantFrom('MSET', 'MSETNX'), fc.array(fc.oneof(key, text), { maxLength: 6 }))
    .map(([name, rest]) => [name, ...rest]),
  fc
    .tuple(key, text, fc.array(setOption, { maxLength: 3 }))
    .map(([k, v, options]) => ['SET', k, v, ...options.flat()]),
  fc
    .tuple(key, fc.array(expiry, { maxLength: 2 }))
    .map(([k, options]) => ['GETEX', k, ...options.flat()]),
  fc
    .tuple(key, key, fc.array(lcsOption, { maxLength: 3 }))
    .map(([a, b, options]) => ['LCS', a, b, ...options.flat()]),
);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const scripts = new OracleScripts([stringCommands]);

  test('random requests', { timeout: 120_000 }, () =>
    scripts.compareRandom(request, { runs: 300 }),
  );

  test('INCRBYFLOAT of thousands of random numbers', { timeout: 120_000 }, async () => {
    const numbers = fc.sample(float, { numRuns: 2000, seed: 20_260_101 });
    const requests = numbers.flatMap((by, i) =>
      i % 10 === 0
        ? [
            ['SET', 'f', by],
            ['INCRBYFLOAT', 'f', by],
          ]
        : [['INCRBYFLOAT', 'f', by]],
    );
    await scripts.compare(requests);
  });
});
