/** The geo group against redis-server: the same random requests, the same replies. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection.js';
import { geoCommands } from '../../src/commands/geo.js';
import { sortedSetCommands } from '../../src/commands/sorted-set.js';
import { CommandHarness } from '../support/command-harness.js';
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
  let oracle: RedisOracle;

  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });

  afterAll(async () => {
    await oracle?.stop();
  });

  test('random requests', { timeout: 120_000 }, async () => {
    const protocol = fc.constantFrom('2', '3');
    const requests = fc.array(request, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(protocol, requests, async (version, list) => {
        const harness = await CommandHarness.open([
          connectionCommands,
          geoCommands,
          sortedSetCommands,
        ]);
        await oracle.run('FLUSHALL');
        await Promise.all([oracle.run('HELLO', version), harness.run('HELLO', version)]);
        for (const args of list) {
          const [ours, theirs] = await Promise.all([harness.run(...args), oracle.run(...args)]);
          expect(`${args.join(' ')}: ${ours}`).toBe(`${args.join(' ')}: ${theirs}`);
        }
        await harness.close();
      }),
      { numRuns: 150 },
    );
  });
});
