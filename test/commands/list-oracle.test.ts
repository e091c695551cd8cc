/** The list group against redis-server: the same random requests, the same replies to the byte. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { keyCommands } from '../../src/commands/generic/key.js';
import { listCommands } from '../../src/commands/list/list.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom('text', 'none') },
);
const element = fc.oneof(
  fc.constantFrom('x', 'y', 'z', '1', '2', ''),
  fc.integer({ min: 0, max: 40 }).map((n) => 'long'.repeat(n * n)),
);
const elements = fc.oneof(
  fc.array(element, { minLength: 1, maxLength: 12 }),
  fc.constantFrom(200, 700).map((count) => Array.from({ length: count }, (_, i) => `e${i % 90}`)),
);
const index = fc.oneof(
  fc.integer({ min: -12, max: 12 }).map(String),
  fc.integer({ min: -800, max: 800 }).map(String),
  fc.constantFrom('x', '', '9223372036854775807', '-9223372036854775808', '9223372036854775808'),
);
const side = fc.constantFrom('LEFT', 'right', 'Left', 'RIGHT', 'middle');
const posOption = fc
  .tuple(
    fc.constantFrom('RANK', 'count', 'MAXLEN', 'bogus'),
    // The least rank is refused since 7.2; the oracle may be older.
    index.filter((text) => text !== '-9223372036854775808'),
  )
  .map(([name, value]) => [name, value]);
const popOption = fc.oneof(
  index.map((count) => ['COUNT', count]),
  fc.constantFrom(['count', '3'], ['COUNT'], ['bogus', '1'], ['COUNT', '0']),
);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('LPUSH', 'RPUSH', 'LPUSHX', 'RPUSHX'), key, elements)
      .map(([name, k, list]) => [name, k, ...list]),
  },
  fc.tuple(fc.constantFrom('LPOP', 'RPOP', 'LLEN', 'TYPE', 'EXISTS'), key),
  fc.tuple(fc.constantFrom('LPOP', 'RPOP'), key, index),
  fc.tuple(fc.constant('LINDEX'), key, index),
  fc.tuple(fc.constantFrom('LRANGE', 'LRANGE', 'LTRIM'), key, index, index),
  fc.tuple(fc.constant('LSET'), key, index, element),
  fc.tuple(fc.constant('LREM'), key, index, element),
  fc.tuple(fc.constant('LINSERT'), key, fc.constantFrom('BEFORE', 'after', 'x'), element, element),
  fc
    .tuple(key, element, fc.array(posOption, { maxLength: 3 }))
    .map(([k, e, options]) => ['LPOS', k, e, ...options.flat()]),
  fc.tuple(key, element).map(([k, e]) => ['LPOS', k, e, 'RANK']),
  fc.tuple(fc.constant('RPOPLPUSH'), key, key),
  fc.tuple(fc.constant('LMOVE'), key, key, side, side),
  fc
    .tuple(
      fc.constantFrom('1', '2', '3', '0', '-1', 'x'),
      fc.array(key, { minLength: 1, maxLength: 3 }),
      side,
      fc.array(popOption, { maxLength: 2 }),
    )
    .map(([count, keys, where, options]) => ['LMPOP', count, ...keys, where, ...options.flat()]),
  fc.tuple(fc.constantFrom('DEL', 'LPOP'), key),
  fc.tuple(fc.constantFrom('COPY', 'RENAME'), key, key),
);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const groups = [listCommands, stringCommands, keyCommands];
  const scripts = new OracleScripts(groups, { setup: [['SET', 'text', 'x']] });

  test('random requests', { timeout: 120_000 }, () =>
    scripts.compareRandom(request, { runs: 300, length: 40 }),
  );
});
