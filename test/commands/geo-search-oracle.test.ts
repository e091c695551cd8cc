/** Geo searches against redis-server: the same random requests, the same replies in the same order. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { geoCommands } from '../../src/commands/geo/geo.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const LATITUDE_MAX = 85.05112878;

/** Ordinary regions, both sides of the antimeridian, the ends of the map, the equator. */
const REGIONS = [
  [13.4, 38.1],
  [-74, 40.7],
  [179.99, -17],
  [-179.99, -17],
  [180, LATITUDE_MAX],
  [-180, -LATITUDE_MAX],
  [90, 85],
  [-45, -81],
  [0, 0],
  [100, 67],
] as const;

function within(max: number, value: number): string {
  return String(Math.min(max, Math.max(-max, value)));
}

/** Distances from the region's middle of all orders of magnitude. */
const offset = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -5, max: 2 }))
  .map(([share, power]) => share * 10 ** power);
const nearRegion = fc
  .tuple(fc.constantFrom(...REGIONS), offset, offset)
  .map(([[x, y], east, north]) => [within(180, x + east), within(LATITUDE_MAX, y + north)]);
const anywhere = fc
  .tuple(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.double({ min: -LATITUDE_MAX, max: LATITUDE_MAX, noNaN: true }),
  )
  .map(([x, y]) => [String(x), String(y)]);
const onEdge = fc.tuple(
  fc.constantFrom('180', '-180', '0', '179.9999999'),
  fc.constantFrom('85.05112878', '-85.05112878', '0', '45', '85.0511287'),
);
const place = fc.oneof(
  { weight: 6, arbitrary: nearRegion },
  { weight: 2, arbitrary: anywhere },
  { weight: 1, arbitrary: onEdge },
);
const oddPlace = fc.constantFrom(['181', '0'], ['0', '86'], ['nan', '0'], ['inf', '1'], ['x', '1']);
const center = fc.oneof({ weight: 30, arbitrary: place }, { weight: 1, arbitrary: oddPlace });

const member = fc.integer({ min: 0, max: 300 }).map((n) => `m${n}`);
const key = fc.constantFrom('a', 'a', 'a', 'a', 'b', 'none', 'text', 'odd');
const length = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(fc.double({ min: 0.1, max: 1, noNaN: true }), fc.integer({ min: -2, max: 8 }))
      .map(([share, power]) => String(share * 10 ** power)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', 'inf', '-1', '-inf', 'nan', 'x', '1e308', '1e-320', ''),
  },
);
const unit = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('m', 'm', 'KM', 'ft', 'mi') },
  { weight: 1, arbitrary: fc.constantFrom('x', '') },
);

const count = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: 1, max: 12 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('0', '-1', 'x', '9223372036854775807', '9223372036854775808'),
  },
);
const option = fc.oneof(
  fc.constantFrom(['WITHDIST'], ['withhash'], ['WithCoord'], ['ASC'], ['desc'], ['ANY']),
  count.map((n) => ['COUNT', n]),
  count.map((n) => ['COUNT', n, 'ANY']),
);
const options = fc.array(option, { maxLength: 4 }).map((list) => list.flat());
const storeOption = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.tuple(fc.constantFrom('STORE', 'storedist'), fc.constantFrom('b', 'a', 'c')),
  fc.constantFrom(['STORE'], ['STOREDIST']),
);
const from = fc.oneof(
  { weight: 5, arbitrary: center.map((words) => ['FROMLONLAT', ...words]) },
  { weight: 3, arbitrary: member.map((name) => ['FROMMEMBER', name]) },
  { weight: 1, arbitrary: fc.constantFrom([], ['FROMMEMBER'], ['FROMLONLAT', '1'], ['x']) },
);
const by = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(length, unit).map((words) => ['BYRADIUS', ...words]) },
  { weight: 4, arbitrary: fc.tuple(length, length, unit).map((words) => ['BYBOX', ...words]) },
  { weight: 1, arbitrary: fc.constantFrom([], ['BYRADIUS', '1'], ['BYBOX', '1', '1']) },
);
/** Mostly one of each; parts may stand in any order, and more than once. */
const parts = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(from, by, options) },
  { weight: 1, arbitrary: fc.tuple(options, by, from) },
  { weight: 1, arbitrary: fc.array(fc.oneof(from, by, options), { maxLength: 5 }) },
);
const details = fc.constantFrom([], [], ['WITHDIST'], ['STOREDIST'], ['STOREDIST', 'x']);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, parts).map(([k, p]) => ['GEOSEARCH', k, ...p.flat()]) },
  fc
    .tuple(key, parts, details)
    .map(([k, p, more]) => ['geosearchstore', 'c', k, ...p.flat(), ...more]),
  fc
    .tuple(
      fc.constantFrom('GEORADIUS', 'GEORADIUS_RO'),
      key,
      center,
      length,
      unit,
      options,
      storeOption,
    )
    .map(([name, k, c, ...rest]) => [name, k, ...c, ...rest.flat()]),
  fc
    .tuple(
      fc.constantFrom('GEORADIUSBYMEMBER', 'GEORADIUSBYMEMBER_RO'),
      key,
      member,
      length,
      unit,
      options,
      storeOption,
    )
    .map(([name, k, ...rest]) => [name, k, ...rest.flat()]),
  fc.constantFrom('b', 'c').map((k) => ['ZRANGE', k, '0', '-1', 'WITHSCORES']),
  place.map((words) => ['GEOADD', 'a', ...words, 'm0']),
  fc.constant(['ZCARD', 'a']),
);

/** Scores that no place has, and all kinds of them in GEOPOS and GEOHASH. */
const ODD_SCORES = ['0', '-0', '-1.5', '1.5', '4503599627370496.5', '9007199254740993', '1e19'];
const ODDER_SCORES = ['-1e300', '1e300', 'inf', '-inf', '1.8446744073709552e19', '-9.3e18', '3e15'];
const odd = [...ODD_SCORES, ...ODDER_SCORES].flatMap((score, i) => [score, `m${i}`]);
const oddMembers = odd.filter((_, i) => i % 2 === 1);

const script = fc
  .tuple(
    fc.array(place, { minLength: 1, maxLength: 300 }),
    fc.array(request, { minLength: 1, maxLength: 30 }),
  )
  .map(([places, requests]) => [
    ['GEOADD', 'a', ...places.flatMap((words, i) => [...words, `m${i}`])],
    ['SET', 'text', 'x'],
    ['ZADD', 'odd', ...odd],
    ...requests,
  ]);

/**
 * Of distances the last digits may be others: V8 rounds sines unlike C's library, and
 * Redis 7.0 writes scores with seventeen digits.
 */
function comparable(reply: string, [name]: readonly string[]): string {
  const distances =
    name === 'ZRANGE' ? /(?:\$\d+\r\n|,)(-?\d[\d.e+-]*)\r\n/g : /\$\d+\r\n(\d+\.\d{4})\r\n/g;
  return reply.replaceAll(distances, (_, distance) => `${digits(distance)} `);
}

function digits(score: string): string {
  return Number(score).toPrecision(9);
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const groups = [connectionCommands, geoCommands, sortedSetCommands, stringCommands];
  const scripts = new OracleScripts(groups, { protocols: ['2', '3'], comparable });

  test('random searches', { timeout: 300_000 }, () => scripts.compareScripts(script, 200));

  test('members whose scores are no places', async () => {
    await scripts.compare([
      ['ZADD', 'odd', ...odd],
      ['GEOPOS', 'odd', ...oddMembers],
      ['GEOHASH', 'odd', ...oddMembers],
      ...oddMembers.map((one) => ['GEORADIUSBYMEMBER', 'odd', one, '1000', 'km', 'WITHDIST']),
    ]);
  });
});
