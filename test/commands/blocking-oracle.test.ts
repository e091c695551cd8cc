/** Commands that wait for lists and sorted sets, against redis-server: several clients, the same random requests. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { listCommands } from '../../src/commands/list/list.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { type ClientRequest, ClientScripts } from '../support/client-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [connectionCommands, keyCommands, listCommands, serverCommands, sortedSetCommands];
const CLIENTS = 4;

type Words = readonly string[];

const client = fc.nat({ max: CLIENTS - 1 });
const key = fc.constantFrom('a', 'a', 'b');
const keys = fc.constantFrom<Words>(['a'], ['a'], ['b'], ['a', 'b'], ['b', 'a'], ['none', 'b']);
/**
 * From one key to another, for those who wait. Nobody waits for the other and for a third: whoever is served after a move looks
 * in Redis 7.0 at the key that had changed, in later versions at all.
 */
const move = fc.constantFrom<Words>(['a', 'moved'], ['a', 'a'], ['b', 'moved'], ['moved', 'moved']);
const side = fc.constantFrom('LEFT', 'RIGHT');
const count = fc.constantFrom<Words>([], ['COUNT', '1'], ['COUNT', '3'], ['COUNT', '0']);
const timeout = fc.constantFrom('0', '0', '0', '0', '0', '-1', 'x');
const member = fc.nat({ max: 5 }).map((n) => `m${n}`);

const unblocking: fc.Arbitrary<Words> = fc
  .tuple(client, fc.constantFrom<Words>([], ['TIMEOUT'], ['ERROR']))
  .map(([n, how]) => ['CLIENT', 'UNBLOCK', String(n), ...how]);
/** Nothing of another type: of several keys Redis 7.0 looks at that alone which has changed, later versions at all. */
const replacing: fc.Arbitrary<Words> = fc.constantFrom<Words>(
  ['DEL', 'a'],
  ['RENAME', 'b', 'a'],
  ['COPY', 'b', 'a', 'REPLACE'],
  ['TYPE', 'a'],
  ['FLUSHALL'],
);

const lists: fc.Arbitrary<Words> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('BLPOP', 'BRPOP'), keys, timeout)
      .map(([name, list, time]) => [name, ...list, time]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(move, side, side, timeout)
      .map(([places, one, other, time]) => ['BLMOVE', ...places, one, other, time]),
  },
  fc.tuple(move, timeout).map(([places, time]) => ['BRPOPLPUSH', ...places, time]),
  {
    weight: 2,
    arbitrary: fc
      .tuple(timeout, keys, side, count)
      .map(([time, list, from, many]) => [
        ...['BLMPOP', time, String(list.length)],
        ...[...list, from, ...many],
      ]),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom('LPUSH', 'RPUSH'),
        key,
        fc.array(member, { minLength: 1, maxLength: 3 }),
      )
      .map(([name, k, list]) => [name, k, ...list]),
  },
  fc.tuple(key, key).map(([from, to]) => ['LMOVE', from, to, 'LEFT', 'RIGHT']),
  key.map((k) => ['LRANGE', k, '0', '-1']),
  unblocking,
  replacing,
);

const sortedSets: fc.Arbitrary<Words> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('BZPOPMIN', 'BZPOPMAX'), keys, timeout)
      .map(([name, list, time]) => [name, ...list, time]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(timeout, keys, fc.constantFrom('MIN', 'MAX'), count)
      .map(([time, list, end, many]) => [
        ...['BZMPOP', time, String(list.length)],
        ...[...list, end, ...many],
      ]),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(key, fc.array(fc.tuple(fc.nat({ max: 9 }), member), { minLength: 1, maxLength: 3 }))
      .map(([k, pairs]) => ['ZADD', k, ...pairs.flatMap(([score, one]) => [String(score), one])]),
  },
  fc.tuple(key, key).map(([to, from]) => ['ZUNIONSTORE', to, '1', from]),
  key.map((k) => ['ZRANGE', k, '0', '-1', 'WITHSCORES']),
  unblocking,
  replacing,
);

function script(request: fc.Arbitrary<Words>): fc.Arbitrary<readonly ClientRequest[]> {
  const from = fc.tuple(client, request).map(([n, args]): ClientRequest => [n, ...args]);
  return fc.array(from, { minLength: 1, maxLength: 40 });
}

describe.skipIf(RedisOracle.missing !== undefined)('clients that wait, as in redis-server', () => {
  const scripts = new ClientScripts(GROUPS, CLIENTS);

  test.each([
    ['lists', lists],
    ['sorted sets', sortedSets],
  ])('random requests: %s', { timeout: 120_000 }, async (_, request) => {
    await fc.assert(
      fc.asyncProperty(script(request), fc.boolean(), (requests, evicts) =>
        scripts.compare(requests, evicts),
      ),
      { numRuns: 60 },
    );
  });
});
