/** The hash group against redis-server: the same random requests, the same replies, whatever the order of fields. */

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { decodeReply } from '../support/decode-reply.js';
import { OracleScripts, type Request } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [connectionCommands, hashCommands, keyCommands, objectCommands, stringCommands];

const key = fc.constantFrom('a', 'a', 'b', '{a}1', 'string');
const field = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('f1', 'f2', 'f3', 'x', '') },
  { weight: 2, arbitrary: fc.constantFrom('l'.repeat(64), 'l'.repeat(65)) },
  { weight: 1, arbitrary: fc.constantFrom('l'.repeat(2000), `${'l'.repeat(2000)}1`) },
);
const value = fc.oneof(
  fc.constantFrom('0', '10', '-1', '1.5', '9223372036854775807', 'text', '', ' 1', '\xff', '\xff1'),
  fc.constantFrom('v'.repeat(64), 'v'.repeat(65), 'v'.repeat(20_000), '3.0e3', 'inf', 'nan'),
);
const integer = fc.oneof(
  fc.integer({ min: -20, max: 20 }).map(String),
  fc.constantFrom('9223372036854775807', '-9223372036854775808', 'x', '', '1.0', '+1'),
);
const float = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => String(n / 1000)),
  fc.constantFrom('inf', '-inf', 'nan', 'x', '1e4000', '0x10', '1e-30', ' 1', '', '1e4900'),
);
const fields = fc.array(field, { maxLength: 4 });
const pairs = fc
  .array(fc.oneof({ weight: 20, arbitrary: fc.tuple(field, value) }, fc.tuple(field)), {
    maxLength: 4,
  })
  .map((list) => list.flat());
const count = fc.constantFrom('0', '100', '1000000', 'x', '-9223372036854775808', '');
const scanOption = fc.constantFrom(
  ...[
    ['MATCH', 'f*'],
    ['match', '*'],
    ['COUNT', '100'],
    ['COUNT', '0'],
    ['COUNT', 'x'],
  ],
  ...[['MATCH'], ['TYPE', 'hash'], ['bogus', '1'], ['MATCH', '[f-x]?']],
);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc
    .tuple(fc.constantFrom('HSET', 'HSET', 'HMSET'), key, pairs)
    .map(([name, k, list]) => [name, k, ...list]),
  fc.tuple(fc.constantFrom('HSETNX'), key, field, value),
  fc.tuple(fc.constantFrom('HGET', 'HEXISTS', 'HSTRLEN'), key, field),
  fc
    .tuple(fc.constantFrom('HDEL', 'HMGET'), key, fields)
    .map(([name, k, list]) => [name, k, ...list]),
  fc.tuple(fc.constantFrom('HGETALL', 'HKEYS', 'HVALS', 'HLEN'), key),
  fc.tuple(fc.constant('HINCRBY'), key, field, integer),
  fc.tuple(fc.constant('HINCRBYFLOAT'), key, field, float),
  fc
    .tuple(
      fc.constantFrom('HSCAN'),
      key,
      fc.constantFrom('0', 'x'),
      fc.array(scanOption, { maxLength: 2 }),
    )
    .map(([name, k, cursor, options]) => [name, k, cursor, ...options.flat()]),
  fc.tuple(fc.constant('HRANDFIELD'), key, count),
  fc.tuple(fc.constant('HRANDFIELD'), key, count, fc.constantFrom('WITHVALUES', 'x')),
  fc.tuple(fc.constant('HRANDFIELD'), fc.constantFrom('string', 'none')),
  fc.tuple(fc.constantFrom('TYPE', 'EXISTS'), key),
  fc.tuple(fc.constant('DEL'), fc.constantFrom('a', 'b')),
  fc.tuple(fc.constantFrom('COPY', 'RENAME'), fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b')),
  fc.tuple(fc.constant('OBJECT'), fc.constant('ENCODING'), key),
);

/** Replies in which the order of fields says nothing, and what stands together in them. */
function sorted(name: string, args: readonly string[], reply: string): unknown {
  if (reply.startsWith('-')) return reply;
  const decoded = decodeReply(Buffer.from(reply, 'latin1'));
  if (!Array.isArray(decoded)) return decoded;
  if (name === 'HSCAN') return [decoded[0], byPairs(decoded[1] as unknown[])];
  if (name === 'HKEYS' || name === 'HVALS') return [...decoded].sort();
  if (name === 'HRANDFIELD' && args.length < 4) return [...decoded].sort();
  return Array.isArray(decoded[0]) ? decoded.map(String).sort() : byPairs(decoded);
}

function byPairs(items: readonly unknown[]): string[] {
  const list: string[] = [];
  for (let i = 0; i < items.length; i += 2) list.push(`${items[i]}=${items[i + 1]}`);
  return list.sort();
}

const UNORDERED = ['HGETALL', 'HKEYS', 'HVALS', 'HSCAN', 'HRANDFIELD'];

function comparable(reply: string, request: Request): string {
  const name = request[0] as string;
  if (!UNORDERED.includes(name) || !reply.startsWith('*')) return reply;
  return JSON.stringify(sorted(name, request, reply));
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const setup = [['SET', 'string', '1']];
  const scripts = new OracleScripts(GROUPS, { setup, comparable });

  test('random requests', { timeout: 120_000 }, () =>
    scripts.compareRandom(request, { runs: 300, length: 30 }),
  );

  test('a hash grows out of its compact form, and stays so', async () => {
    const grow = Array.from({ length: 513 }, (_, i) => ['HSET', 'a', `f${i}`, 'v']);
    const encoding = ['OBJECT', 'ENCODING', 'a'];
    await scripts.compare([...grow.slice(0, 512), encoding]);
    await scripts.compare([...grow, encoding, ['HDEL', 'a', 'f1', 'f2'], encoding, ['HLEN', 'a']]);
    await scripts.compare([...grow, ['HGETALL', 'a'], ['HRANDFIELD', 'a', '600', 'WITHVALUES']]);
  });
});
