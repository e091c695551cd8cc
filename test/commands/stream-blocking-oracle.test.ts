/** XREAD and XREADGROUP that wait, against redis-server: several clients, the same random requests, the same replies. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { type ClientRequest, ClientScripts } from '../support/client-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [connectionCommands, keyCommands, serverCommands, streamCommands, stringCommands];
const CLIENTS = 4;

type Words = readonly string[];

const client = fc.nat({ max: CLIENTS - 1 });
const key = fc.constantFrom('a', 'a', 'b');
const group = fc.constantFrom('g', 'g', 'h');
const consumer = fc.constantFrom('alice', 'bob');
const count = fc.constantFrom<Words>([], [], ['COUNT', '1'], ['COUNT', '2']);
const noAck = fc.constantFrom<Words>([], [], ['NOACK']);
const readId = fc.constantFrom('$', '$', '0', '3-0', '7');

/** Keys with an id for each. */
function streams(id: fc.Arbitrary<string>): fc.Arbitrary<Words> {
  return fc
    .tuple(fc.constantFrom<Words>(['a'], ['a'], ['b'], ['a', 'b'], ['b', 'a']), id, id)
    .map(([keys, one, other]) => ['STREAMS', ...keys, one, ...keys.slice(1).map(() => other)]);
}

const waiting: fc.Arbitrary<Words> = fc.oneof(
  fc
    .tuple(count, streams(readId))
    .map(([options, list]) => ['XREAD', ...options, 'BLOCK', '0', ...list]),
  fc
    .tuple(group, consumer, count, noAck, streams(fc.constantFrom('>', '>', '>', '0')))
    .map(([g, c, options, ack, list]) => [
      ...['XREADGROUP', 'GROUP', g, c, 'BLOCK', '0'],
      ...[...options, ...ack, ...list],
    ]),
);
const numbered: fc.Arbitrary<Words> = fc
  .tuple(key, fc.nat({ max: 9 }))
  .map(([k, n]) => ['XADD', k, `${n}-*`, 'f', String(n)]);
const unblocking: fc.Arbitrary<Words> = fc
  .tuple(client, fc.constantFrom<Words>([], ['TIMEOUT'], ['ERROR']))
  .map(([n, how]) => ['CLIENT', 'UNBLOCK', String(n), ...how]);
const asking: fc.Arbitrary<Words> = fc.tuple(key, group).map(([k, g]) => ['XPENDING', k, g]);
const making: fc.Arbitrary<Words> = fc
  .tuple(key, group)
  .map(([k, g]) => ['XGROUP', 'CREATE', k, g, '$', 'MKSTREAM']);
const common = [
  { weight: 8, arbitrary: waiting },
  { weight: 6, arbitrary: numbered },
  { weight: 1, arbitrary: unblocking },
  { weight: 1, arbitrary: asking },
  { weight: 2, arbitrary: making },
];

/** Entries go. What Redis 7.0 makes of streams that run dry while somebody waits is not asked: it replies with none. */
const removing: fc.Arbitrary<Words> = fc.oneof(
  fc.tuple(key, fc.nat({ max: 9 })).map(([k, n]) => ['XDEL', k, `${n}-0`]),
  fc.tuple(key, group, fc.nat({ max: 9 })).map(([k, g, n]) => ['XACK', k, g, `${n}-0`]),
);
/** Keys and groups go, or come. */
const replacing: fc.Arbitrary<Words> = fc.oneof(
  fc.tuple(key, group).map(([k, g]) => ['XGROUP', 'DESTROY', k, g]),
  fc.constantFrom<Words>(
    ['DEL', 'a'],
    ['UNLINK', 'a', 'b'],
    ['RENAME', 'b', 'a'],
    ['RENAME', 'a', 'elsewhere'],
    ['COPY', 'b', 'a', 'REPLACE'],
    ['RENAME', 'elsewhere', 'b'],
    ['FLUSHDB'],
    ['FLUSHALL'],
  ),
);
/** Waits for one key: of several, Redis 7.0 looks at that alone which has changed, and later versions at all. */
const another: fc.Arbitrary<Words> = fc.constantFrom<Words>(
  ['SET', 'c', 'text'],
  ['SET', 'c', 'text'],
  ['DEL', 'c'],
  ['XADD', 'c', '5-*', 'f', 'v'],
  ['XGROUP', 'CREATE', 'c', 'g', '0', 'MKSTREAM'],
  ['XREAD', 'BLOCK', '0', 'STREAMS', 'c', '$'],
  ['XREADGROUP', 'GROUP', 'g', 'alice', 'BLOCK', '0', 'STREAMS', 'c', '>'],
);

const elsewhere: fc.Arbitrary<Words> = fc.constantFrom<Words>(
  ['SELECT', '0'],
  ['SELECT', '1'],
  ['SWAPDB', '0', '1'],
  ['MOVE', 'a', '1'],
  ['FLUSHDB'],
  ['XADD', 'a', '7-*', 'f', 'v'],
  ['XGROUP', 'CREATE', 'a', 'g', '0', 'MKSTREAM'],
  ['XREAD', 'BLOCK', '0', 'STREAMS', 'a', '$'],
  ['XREADGROUP', 'GROUP', 'g', 'alice', 'BLOCK', '0', 'STREAMS', 'a', '>'],
);

const prepared: readonly ClientRequest[] = ['a', 'b'].flatMap((k) =>
  ['g', 'h'].map((g): ClientRequest => [0, 'XGROUP', 'CREATE', k, g, '$', 'MKSTREAM']),
);

function script(request: fc.Arbitrary<Words>): fc.Arbitrary<readonly ClientRequest[]> {
  const from = fc.tuple(client, request).map(([n, args]): ClientRequest => [n, ...args]);
  return fc.array(from, { minLength: 1, maxLength: 40 });
}

describe.skipIf(RedisOracle.missing !== undefined)('clients that wait, as in redis-server', () => {
  const scripts = new ClientScripts(GROUPS, CLIENTS);

  test.each([
    ['entries come and go', fc.oneof(...common, { weight: 3, arbitrary: removing })],
    ['keys and groups come and go', fc.oneof(...common, { weight: 3, arbitrary: replacing })],
    ['keys of another type', another],
    ['keys of other databases', elsewhere],
  ])('random requests: %s', { timeout: 120_000 }, async (_, request) => {
    await fc.assert(
      fc.asyncProperty(script(request), fc.boolean(), (requests, evicts) =>
        scripts.compare([...prepared, ...requests], evicts),
      ),
      { numRuns: 60 },
    );
  });
});
