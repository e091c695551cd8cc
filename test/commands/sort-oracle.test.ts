/** SORT and SORT_RO against redis-server: the same random requests, the same replies. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { sortCommands } from '../../src/commands/generic/sort.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { listCommands } from '../../src/commands/list/list.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [
  connectionCommands,
  hashCommands,
  keyCommands,
  listCommands,
  setCommands,
  sortCommands,
  sortedSetCommands,
  stringCommands,
];

const NUMBERS = ['1', '2', '10', '-3', '2.5', '1e2', '0x1f', '007'];
// No number out of range: Redis refuses it by an errno that it may find there still at the next text.
const OTHERS = ['', 'x', 'a b', '*', '12ab', 'inf', ' 4', '5 ', 'nan'];

/** Every element has a weight of its own under `u_` and `uh_`: texts that are the same have no order. */
const SETUP: readonly (readonly string[])[] = [
  ...[...NUMBERS, ...OTHERS].flatMap((element, i) => [
    ['SET', `u_${element}`, `weight${(i * 7) % 20}`],
    ['HSET', `uh_${element}`, 'f', `w${(i * 11) % 19}`, 'n', String((i * 5) % 7)],
  ]),
  ['SET', 'string', 'x'],
  ['SET', 'u_long', 'y'.repeat(20_000)],
];

const number = fc.constantFrom(...NUMBERS);
const element = fc.oneof({ weight: 5, arbitrary: number }, fc.constantFrom(...OTHERS));
const elements = fc.array(element, { minLength: 1, maxLength: 8 });
const numbers = fc.array(number, { minLength: 1, maxLength: 8 });
const source = fc.constantFrom('list', 'numbers', 'set', 'sorted', 'hash', 'string', 'nokey');

const range = fc
  .tuple(fc.integer({ min: -2, max: 10 }), fc.integer({ min: -2, max: 10 }))
  .map(([offset, count]) => ['LIMIT', String(offset), String(count)]);
const get = fc
  .constantFrom('#', 'u_*', 'uh_*->f', 'w_*', 'h_*->f', 'h_*->', 'nostar', 'hash->f', '*', '*->*')
  .map((pattern) => ['GET', pattern]);
const by = fc
  .constantFrom('w_*', 'h_*->f', 'uh_*->n', 'uh_*->none', 'w_*->f', 'hash*->f', '*')
  .map((pattern) => ['BY', pattern]);
const textBy = fc.constantFrom('u_*', 'uh_*->f').map((pattern) => ['ALPHA', 'BY', pattern]);
const bad = fc.constantFrom(
  ...[['BY'], ['GET'], ['LIMIT', '1'], ['LIMIT', 'x', '1'], ['bogus'], ['constructor'], ['STORE']],
);
const order = fc.constantFrom([], ['ASC'], ['desc'], ['DESC', 'ASC']);
const store = fc.constantFrom('d', 'list', 'set').map((key) => ['STORE', key]);

function requests(
  key: fc.Arbitrary<string>,
  ...options: readonly fc.Arbitrary<readonly string[]>[]
): fc.Arbitrary<readonly string[]> {
  return fc
    .tuple(fc.constantFrom('SORT', 'sort', 'SORT_RO'), key, ...options)
    .map(([name, from, ...rest]) => [name, from, ...(rest as string[][]).flat()]);
}

function maybe(option: fc.Arbitrary<readonly string[]>): fc.Arbitrary<readonly string[]> {
  return fc.oneof(fc.constant([]), option);
}

const many = fc.array(get, { maxLength: 3 }).map((patterns) => patterns.flat());

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constantFrom('list', 'd'), elements).map(([key, list]) => ['RPUSH', key, ...list]),
  numbers.map((list) => ['RPUSH', 'numbers', ...list]),
  elements.map((list) => ['SADD', 'set', ...list]),
  fc
    .array(fc.tuple(fc.integer({ min: -3, max: 3 }), element), { minLength: 1, maxLength: 6 })
    .map((pairs) => ['ZADD', 'sorted', ...pairs.flatMap(([score, each]) => [String(score), each])]),
  fc.tuple(element, element).map(([field, weight]) => ['SET', `w_${field}`, weight]),
  fc.tuple(element, element).map(([field, weight]) => ['HSET', `h_${field}`, 'f', weight]),
  fc.tuple(fc.constantFrom('DEL', 'TYPE', 'EXISTS'), source),
  fc.constantFrom(['LRANGE', 'd', '0', '-1'], ['HSET', 'hash', 'f', '1'], ['DEL', 'd']),
  { weight: 3, arbitrary: requests(source, order, maybe(range), many) },
  { weight: 3, arbitrary: requests(source, maybe(by), order, maybe(range), many, maybe(store)) },
  {
    weight: 2,
    arbitrary: requests(source, fc.constant(['ALPHA']), order, many, maybe(range), maybe(store)),
  },
  { weight: 2, arbitrary: requests(source, textBy, order, maybe(range), many, maybe(store)) },
  // Nobody says in which order the elements of a set lie.
  {
    weight: 2,
    arbitrary: requests(
      fc.constantFrom('list', 'numbers', 'sorted', 'nokey'),
      fc.constant(['BY', 'nosort']),
      order,
      maybe(range),
      many,
      maybe(store),
    ),
  },
  requests(fc.constant('set'), fc.constant(['BY', 'nosort']), order, maybe(range), store),
  requests(source, maybe(by), bad, maybe(range)),
);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const scripts = new OracleScripts(GROUPS, {
    setup: SETUP,
    protocols: ['2', '3'],
    evictsBefore: ([command = '']) => /sort/i.test(command),
  });

  test('random requests', { timeout: 120_000 }, () =>
    scripts.compareRandom(request, { runs: 200, length: 30 }),
  );
});
