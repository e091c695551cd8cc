/** The geo group against redis-server: the same random requests, the same replies. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { geoCommands } from '../../src/commands/geo/geo.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const member = fc.integer({ min: 0, max: 6 }).map((n) => `m${n}`);
const members = fc.array(member, { maxLength: 4 });
function degrees(max: number): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 20, arbitrary: fc.double({ min: -max, max, noNaN: true }).map(String) },
    { weight: 4, arbitrary: fc.constantFrom('0', '13.361389', '38.115556', '-85.05112878') },
    { weight: 1, arbitrary: fc.constantFrom('180', '-180', '85.05112878', '200', 'inf', 'x') },
  );
}
const place = fc.tuple(degrees(180), degrees(85.05), member);
const options = fc.array(fc.constantFrom('NX', 'xx', 'CH', 'GT'), { maxLength: 2 });
const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc
    .tuple(options, fc.array(place, { minLength: 1, maxLength: 3 }))
    .map(([words, places]) => ['GEOADD', 'a', ...words, ...places.flat()]),
  fc.tuple(fc.constantFrom('GEOPOS', 'GEOHASH'), members).map(([name, m]) => [name, 'a', ...m]),
  fc
    .tuple(member, member, fc.array(fc.constantFrom('m', 'KM', 'ft', 'mi', 'x'), { maxLength: 2 }))
    .map(([a, b, unit]) => ['GEODIST', 'a', a, b, ...unit]),
  fc.constantFrom(['GEOPOS', 'none', 'm1'], ['GEOHASH', 'none', 'm1'], ['ZCARD', 'a']),
);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const groups = [connectionCommands, geoCommands, sortedSetCommands];
  const scripts = new OracleScripts(groups, { protocols: ['2', '3'] });

  test('random requests', { timeout: 120_000 }, () =>
    scripts.compareRandom(request, { runs: 150, length: 30 }),
  );
});
