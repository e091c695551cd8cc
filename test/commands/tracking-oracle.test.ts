/** CLIENT TRACKING and its kind: the same replies and errors as redis-server, option by option. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const options = fc.array(
  fc.constantFrom<readonly string[]>(
    ['BCAST'],
    ['bcast', 'PREFIX', 'a'],
    ['PREFIX', 'ab'],
    ['PREFIX', ''],
    ['PREFIX', 'b', 'PREFIX', 'c'],
    ['PREFIX'],
    ['OPTIN'],
    ['OPTOUT'],
    ['NOLOOP'],
    ['REDIRECT', '987654'],
    ['REDIRECT', 'x'],
    ['REDIRECT'],
    ['BOGUS'],
  ),
  { maxLength: 3 },
);

const track = fc
  .tuple(fc.constantFrom('ON', 'ON', 'on', 'OFF', 'MAYBE'), options)
  .map(([mode, words]) => ['CLIENT', 'TRACKING', mode, ...words.flat()]);

const request = fc.oneof(
  { weight: 4, arbitrary: track },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('YES', 'NO', 'yes', 'no', 'PERHAPS')
      .map((mode) => ['CLIENT', 'CACHING', mode]),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ['CLIENT', 'TRACKINGINFO'],
      ['CLIENT', 'GETREDIR'],
      ['CLIENT', 'TRACKING', 'OFF'],
      ['GET', 'k'],
      ['MULTI'],
      ['EXEC'],
      ['RESET'],
    ),
  },
);

/** The order of prefixes, and whose they are, is nobody's promise. */
function sorted(reply: string): string {
  return reply.includes('prefixes') ? [...reply.split('\r\n')].sort().join('\r\n') : reply;
}

/** In RESP2, where nobody is told of anything in between. */
describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const scripts = new OracleScripts(commandGroups, {
    comparable: sorted,
    setup: [['RESET']],
  });

  test('by chance', () => scripts.compareRandom(request, { runs: 60 }));
});
