/** The stream group against redis-server: the same random requests, the same replies to the byte. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { configCommands } from '../../src/commands/config.js';
import { keyCommands } from '../../src/commands/key.js';
import { objectCommands } from '../../src/commands/object.js';
import { streamCommands } from '../../src/commands/stream.js';
import { stringCommands } from '../../src/commands/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [configCommands, keyCommands, objectCommands, streamCommands, stringCommands];

const key = fc.constantFrom('a', 'a', 'a', 'b');
const small = fc.integer({ min: 0, max: 12 });
const number = fc.oneof(
  { weight: 8, arbitrary: small.map(String) },
  fc.constantFrom('18446744073709551615', '18446744073709551614', '18446744073709551616'),
  fc.constantFrom('9007199254740992', '9007199254740993', '007', '+7', ' 7', '-1', 'x', ''),
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(small, small).map((pair) => pair.join('-')) },
  { weight: 2, arbitrary: fc.tuple(number, number).map((pair) => pair.join('-')) },
  { weight: 2, arbitrary: number },
  fc.constantFrom('-', '+', '$', '*', '>', '', '1-*', '1-1-1', `${'0'.repeat(126)}1-1`),
);
const addedId = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat({ max: 400 }), small).map((pair) => pair.join('-')) },
  { weight: 6, arbitrary: fc.nat({ max: 400 }).map((time) => `${time}-*`) },
  { weight: 1, arbitrary: id.filter((text) => text !== '*') },
);
const bound = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('-', '+') },
  { weight: 3, arbitrary: id },
  { weight: 2, arbitrary: id.map((text) => `(${text}`) },
);
const count = fc.constantFrom('1', '2', '5', '0', '-1', 'x', '9223372036854775807');
const countOption = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: count.map((n) => ['COUNT', n]) },
  fc.constantFrom(['count'], ['bogus', '1'], ['COUNT', '2', 'COUNT', '1']),
);
const text = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 4 }),
  fc.constant('x'.repeat(300)),
);
const pairs = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(text, text) },
  fc.array(text, { maxLength: 5 }),
);
const operator = fc.constantFrom([], ['='], ['~'], ['~']);
const strategy = fc.oneof(
  fc
    .tuple(fc.constantFrom('MAXLEN', 'maxlen'), operator, number)
    .map(([name, op, n]) => [name, ...op, n]),
  fc.tuple(fc.constant('MINID'), operator, id).map(([name, op, n]) => [name, ...op, n]),
);
const trimming = fc.oneof(
  { weight: 4, arbitrary: strategy },
  { weight: 3, arbitrary: fc.tuple(strategy, number).map(([s, n]) => [...s, 'LIMIT', n]) },
  fc.constantFrom(['MAXLEN'], ['LIMIT', '3'], ['LIMIT', '0'], ['MAXLEN', '1', 'MINID', '1']),
);
const option = fc.oneof(trimming, fc.constantFrom(['NOMKSTREAM'], ['bogus']));
const setIdOption = fc.oneof(
  number.map((n) => ['ENTRIESADDED', n]),
  id.map((text) => ['MAXDELETEDID', text]),
  fc.constantFrom(['bogus', '1'], ['MAXDELETEDID']),
);
const add = fc
  .tuple(key, addedId, pairs)
  .map(([k, i, fields]) => ['XADD', k, i, ...fields] as readonly string[]);

const entries: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 8, arbitrary: add },
  fc
    .tuple(key, fc.array(option, { maxLength: 2 }), addedId, pairs)
    .map(([k, options, i, fields]) => ['XADD', k, ...options.flat(), i, ...fields]),
  fc
    .tuple(key, fc.array(id, { minLength: 1, maxLength: 4 }))
    .map(([k, ids]) => ['XDEL', k, ...ids]),
  fc.tuple(fc.constant('XLEN'), key),
  fc
    .tuple(fc.constantFrom('XRANGE', 'XREVRANGE'), key, bound, bound, countOption)
    .map(([name, k, from, to, options]) => [name, k, from, to, ...options]),
  fc
    .tuple(key, fc.array(trimming, { minLength: 1, maxLength: 2 }))
    .map(([k, options]) => ['XTRIM', k, ...options.flat()]),
  fc
    .tuple(countOption, fc.array(fc.tuple(key, id), { minLength: 1, maxLength: 2 }))
    .map(([options, list]) => [
      'XREAD',
      ...options,
      'STREAMS',
      ...list.map(([k]) => k),
      // Redis 7.0 does not know it.
      ...list.map(([, i]) => (i === '+' ? '$' : i)),
    ]),
  fc.constantFrom(
    ['XREAD', 'NOACK', 'STREAMS', 'a', '0'],
    ['XREAD', 'GROUP', 'g', 'c', 'STREAMS', 'a', '0'],
    ['XREAD', 'COUNT', '1', 'bogus'],
    ['SET', 'b', 'text'],
    ['RENAME', 'a', 'b'],
    ['COPY', 'a', 'b', 'REPLACE'],
    ['DEL', 'a'],
    ['DEL', 'b'],
    ['OBJECT', 'ENCODING', 'a'],
    ['TYPE', 'a'],
  ),
  fc
    .tuple(key, id, fc.array(setIdOption, { maxLength: 2 }))
    .map(([k, i, options]) => ['XSETID', k, i, ...options.flat()]),
);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const scripts = new OracleScripts(GROUPS);
  const smallNodes = ['CONFIG', 'SET', 'stream-node-max-entries', '4'];

  test('random requests: entries', { timeout: 120_000 }, async () => {
    const requests = fc.array(entries, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(requests, fc.boolean(), (list, evicts) =>
        scripts.compare([smallNodes, ...list], evicts),
      ),
      { numRuns: 200 },
    );
  });
});
