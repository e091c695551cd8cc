/** The HyperLogLog group against redis-server: the same replies, and values that are the same to the byte. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { hyperloglogCommands } from '../../src/commands/hyperloglog/hyperloglog.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const HEADER = `HYLL\x01\0\0\0${'\0'.repeat(7)}`;

const key = fc.constantFrom('a', 'b', 'c', 'd');
/** Where values are put by SET. Of the elements of one PFADD, Redis adds those before the damage: one at a time. */
const oddKey = fc.constantFrom('e', 'f');
const anyKey = fc.oneof({ weight: 2, arbitrary: key }, oddKey);
const elements = fc.oneof(
  fc.array(fc.string({ unit: 'binary-ascii', maxLength: 20 }), { maxLength: 5 }),
  // Few and many: sparse, on the border, dense.
  fc
    .tuple(fc.constantFrom(30, 300, 900, 1500, 4000), fc.integer({ min: 0, max: 3 }))
    .map(([count, seed]) => Array.from({ length: count }, (_, i) => `${seed}:${i}`)),
);
/** No HyperLogLogs, damaged ones, and whole ones that are written unlike Redis would. */
const value = fc.constantFrom(
  '',
  '12345678901234567890',
  'HYLL',
  'HYLL\x02'.padEnd(20, '\0'),
  'HYLL\0'.padEnd(100, '\0'),
  'HYLL\0'.padEnd(16 + 12_288, '\0'),
  'HYLL\0'.padEnd(16, '\x80').padEnd(16 + 12_288, 'a'),
  `${HEADER}\x80`,
  `${HEADER}\0\x7f\xff`,
  `${HEADER}\0\x7f`,
  `${HEADER}\0\x43`,
  `${HEADER}\0\0\x7f`,
  `${HEADER}\x80\x7f\xfe`,
  `${HEADER}\x80\x7f\xff\x01`,
  `${HEADER}\x80${'\x3f'.repeat(256)}`,
  `${HEADER}\x80${'\x83'.repeat(4096)}`,
);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(key, elements).map(([k, list]) => ['PFADD', k, ...list]) },
  fc.tuple(fc.constant('PFADD'), oddKey, fc.string({ unit: 'binary-ascii', maxLength: 20 })),
  fc.array(anyKey, { minLength: 1, maxLength: 3 }).map((keys) => ['PFCOUNT', ...keys]),
  fc.array(anyKey, { minLength: 1, maxLength: 3 }).map((keys) => ['PFMERGE', ...keys]),
  fc.tuple(
    fc.constant('PFDEBUG'),
    fc.constantFrom('encoding', 'DECODE', 'GETREG', 'ToDense', 'x'),
    anyKey,
  ),
  fc.tuple(fc.constantFrom('GET', 'STRLEN', 'DEL'), anyKey),
  fc.tuple(fc.constant('OBJECT'), fc.constant('ENCODING'), key),
  fc.tuple(fc.constant('SET'), oddKey, value),
);

/** Every value is looked at in the end. */
const script = fc
  .array(request, { minLength: 1, maxLength: 20 })
  .map((requests) => [...requests, ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ['GET', name])]);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const groups = [hyperloglogCommands, stringCommands, keyCommands, objectCommands];
  const scripts = new OracleScripts(groups);

  test('random requests', { timeout: 120_000 }, () => scripts.compareScripts(script, 150));

  test('the value after every one of many elements', { timeout: 120_000 }, async () => {
    const requests = Array.from({ length: 2500 }, (_, i) => [
      ['PFADD', 'a', `element-${i}`],
      ['GET', 'a'],
    ]);
    await scripts.compare(requests.flat());
  });

  test('estimates of growing sets', { timeout: 120_000 }, async () => {
    const batches = [1, 10, 100, ...Array.from({ length: 30 }, () => 5000)];
    const requests = batches.flatMap((size, n) => [
      ['PFADD', 'a', ...Array.from({ length: size }, (_, i) => `${n} ${i}`)],
      ['PFCOUNT', 'a'],
      ['GET', 'a'],
    ]);
    await scripts.compare(requests);
  });
});
