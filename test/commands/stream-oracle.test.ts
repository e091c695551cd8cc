/** The stream group against redis-server: the same random requests, the same replies to the byte. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { configCommands } from '../../src/commands/server/config.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';
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

const groupKey = fc.constantFrom('a', 'a', 'a', 'a', 'b');
const group = fc.constantFrom('g', 'g', 'g', 'h');
const consumer = fc.constantFrom('alice', 'bob', 'eve');
const entryId = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 9 }).map((n) => `${n}-0`) },
  { weight: 1, arbitrary: id },
);
const delivered = fc.array(entryId, { minLength: 1, maxLength: 3 });
const idle = fc.constantFrom('0', '0', '0', '100000', '-1', 'x');
const claimOption = fc.oneof(
  fc.constantFrom(['JUSTID'], ['FORCE'], ['FORCE'], ['bogus'], ['IDLE'], ['RETRYCOUNT', '7']),
  fc.constantFrom(['IDLE', '200000'], ['TIME', '99999999999999'], ['TIME', '-1'], ['IDLE', 'x']),
  entryId.map((text) => ['LASTID', text]),
);
const autoClaimOption = fc.constantFrom(['JUSTID'], ['COUNT', '1'], ['COUNT', '2'], ['COUNT', '0']);
const words = (list: readonly (readonly string[])[]): readonly string[] => list.flat();
const inGroup = fc.tuple(groupKey, group);
const inGroupAs = fc.tuple(groupKey, group, consumer);

type Request = readonly string[];
/** Redis 7.0 makes consumers later than 7.2 does. */
function asConsumer(requests: fc.Arbitrary<Request>): fc.Arbitrary<readonly Request[]> {
  return requests.map((request) => {
    const [name, k = '', g = '', c = ''] = request;
    const [key, group, consumer] =
      name === 'XREADGROUP' ? [request.at(-2) as string, request[2], request[3]] : [k, g, c];
    return [['XGROUP', 'CREATECONSUMER', key, group as string, consumer as string], request];
  });
}

const reading = asConsumer(
  fc.oneof(
    fc
      .tuple(inGroupAs, countOption, fc.constantFrom([], [], [], ['NOACK']), entryId)
      .map(([[k, g, c], options, noAck, i]) => [
        ...['XREADGROUP', 'GROUP', g, c],
        ...[...options, ...noAck, 'STREAMS', k, i === '+' ? '0' : i],
      ]),
    fc
      .tuple(inGroupAs, countOption)
      .map(([[k, g, c], options]) => ['XREADGROUP', 'GROUP', g, c, ...options, 'STREAMS', k, '>']),
  ),
);
const claiming = asConsumer(
  fc.oneof(
    fc
      .tuple(inGroupAs, idle, delivered, fc.array(claimOption, { maxLength: 2 }))
      .map(([where, ms, ids, options]) => ['XCLAIM', ...where, ms, ...ids, ...words(options)]),
    fc
      .tuple(inGroupAs, idle, bound, fc.array(autoClaimOption, { maxLength: 2 }))
      .map(([where, ms, from, options]) => ['XAUTOCLAIM', ...where, ms, from, ...words(options)]),
  ),
);
const single = (requests: fc.Arbitrary<Request>): fc.Arbitrary<readonly Request[]> =>
  requests.map((request) => [request]);
const groupId = fc.oneof(fc.constantFrom('$', '0', '0', '0'), entryId);
const managing: fc.Arbitrary<Request> = fc.oneof(
  fc
    .tuple(inGroup, groupId, fc.constantFrom([], ['MKSTREAM'], ['MKSTREAM', 'x'], ['bogus']))
    .map(([where, i, options]) => ['XGROUP', 'CREATE', ...where, i, ...options]),
  fc.tuple(inGroup, groupId).map(([where, i]) => ['XGROUP', 'SETID', ...where, i]),
  inGroup.map((where) => ['XGROUP', 'DESTROY', ...where]),
  inGroupAs.map((where) => ['XGROUP', 'DELCONSUMER', ...where]),
);
const asking: fc.Arbitrary<Request> = fc.oneof(
  inGroup.map((where) => ['XPENDING', ...where]),
  fc
    .tuple(inGroup, bound, bound, count, fc.constantFrom([], [], ['alice'], ['nobody']))
    .map(([where, from, to, n, who]) => ['XPENDING', ...where, from, to, n, ...who]),
  fc
    .tuple(inGroup, idle, fc.constantFrom([], ['-', '+', '5'], ['-', '+', '2', 'bob']))
    .map(([where, ms, rest]) => ['XPENDING', ...where, 'IDLE', ms, ...rest]),
  groupKey.map((k) => ['XINFO', 'GROUPS', k]),
  inGroup.map((where) => ['XINFO', 'CONSUMERS', ...where]),
  fc
    .tuple(groupKey, fc.constantFrom([], ['FULL'], ['FULL', 'COUNT', '1'], ['FULL', 'x'], ['x']))
    .map(([k, options]) => ['XINFO', 'STREAM', k, ...options]),
);
const acknowledging = fc
  .tuple(inGroup, delivered)
  .map(([where, ids]) => ['XACK', ...where, ...ids]);
const numbered = fc
  .tuple(groupKey, fc.nat({ max: 9 }))
  .map(([k, n]) => ['XADD', k, `${n}-0`, 'f', String(n)]);
const removing: fc.Arbitrary<Request> = fc.oneof(
  fc.tuple(groupKey, delivered).map(([k, ids]) => ['XDEL', k, ...ids]),
  fc.tuple(groupKey, fc.constantFrom('3', '1', '0')).map(([k, n]) => ['XTRIM', k, 'MAXLEN', n]),
  fc.constantFrom(['COPY', 'a', 'b', 'REPLACE'], ['RENAME', 'b', 'a'], ['DEL', 'b']),
  fc.constantFrom(['SET', 'b', 'text']),
);
const using = fc.oneof(
  { weight: 3, arbitrary: single(numbered) },
  { weight: 4, arbitrary: reading },
  { weight: 3, arbitrary: claiming },
  { weight: 2, arbitrary: single(managing) },
  { weight: 3, arbitrary: single(asking) },
  { weight: 2, arbitrary: single(acknowledging) },
);

const prepared: readonly Request[] = [
  ...[1, 2, 3, 4, 5].map((n) => ['XADD', 'a', `${n}-0`, 'f', `v${n}`]),
  ['XGROUP', 'CREATE', 'a', 'g', '0'],
];

function roughly(milliseconds: string): number {
  return Math.round(Number(milliseconds) / 50_000);
}

function listsOf(requests: fc.Arbitrary<readonly Request[]>): fc.Arbitrary<readonly Request[]> {
  return fc.array(requests, { minLength: 1, maxLength: 30 }).map((list) => list.flat());
}

/** Without what Redis 7.0 does not tell, and times: there they go on, here they stand still. */
function withoutTimes(reply: string): string {
  return reply
    .replace(/\*8(\r\n\$4\r\nname\r\n(?:(?!\*).)*?)\$8\r\ninactive\r\n:-?\d+\r\n/gs, '*6$1')
    .replace(/\*10(\r\n\$4\r\nname\r\n(?:(?!\*).)*?)\$11\r\nactive-time\r\n:-?\d+\r\n/gs, '*8$1')
    .replace(/(radix-tree-(?:keys|nodes)\r\n):\d+/g, '$1')
    .replace(/:(\d{13,})/g, ':time')
    .replace(/(\r\nidle\r\n):(\d+)/g, (_, before, idle) => `${before}:${roughly(idle)}`)
    .replace(
      /(\*4\r\n\$\d+\r\n\d+-\d+\r\n\$\d+\r\n[a-z]+\r\n):(\d+)/g,
      (_, before, idle) => `${before}:${roughly(idle)}`,
    );
}

function withoutLag(reply: string): string {
  return withoutTimes(reply).replace(/(entries-read|lag)\r\n(:\d+|\$-1)/g, '$1');
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const setup = [['CONFIG', 'SET', 'stream-node-max-entries', '4']];
  const scripts = new OracleScripts(GROUPS, { setup });

  test('random requests: entries', { timeout: 120_000 }, () =>
    scripts.compareRandom(entries, { runs: 200, length: 40 }),
  );
});

describe.skipIf(RedisOracle.missing !== undefined)('groups as in redis-server', () => {
  const scripts = new OracleScripts(GROUPS, { setup: prepared, comparable: withoutTimes });
  const withRemovals = new OracleScripts(GROUPS, { setup: prepared, comparable: withoutLag });

  test('random requests: groups', { timeout: 120_000 }, () =>
    scripts.compareScripts(listsOf(using), 150),
  );

  test('random requests: groups of streams that lose entries', { timeout: 120_000 }, async () => {
    const request = fc.oneof({ weight: 4, arbitrary: using }, single(removing));
    await withRemovals.compareScripts(listsOf(request), 150);
  });
});
