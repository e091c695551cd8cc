/** The generic group, and databases, against redis-server: the same random requests, the same replies. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { serverCommands } from '../../src/commands/server/server.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [
  connectionCommands,
  expireCommands,
  keyCommands,
  objectCommands,
  serverCommands,
  stringCommands,
];

const key = fc.constantFrom('a', 'b', 'c', '{a}1');
const keys = fc.array(key, { minLength: 1, maxLength: 4 });
const database = fc.constantFrom('0', '3', '15', '16', '-1', 'x', '9999999999');
const value = fc.constantFrom('1', '9999', '10000', 'text', 'y'.repeat(45), 'z'.repeat(40_000));
const copyOption = fc.oneof(
  fc.constantFrom(['REPLACE'], ['replace'], ['DB'], ['bogus']),
  database.map((index) => ['DB', index]),
);
const plain: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constant('SET'), key, value),
  fc.tuple(fc.constantFrom('GET', 'TYPE', 'PERSIST', 'TTL', 'PTTL'), fc.constant('nokey')),
  fc.tuple(fc.constantFrom('GET', 'TYPE', 'PERSIST'), key),
  fc.tuple(fc.constant('APPEND'), key, fc.constantFrom('', 'x')),
  fc
    .tuple(fc.constantFrom('DEL', 'UNLINK', 'EXISTS', 'TOUCH'), keys)
    .map(([name, list]) => [name, ...list]),
  fc.tuple(fc.constantFrom('RENAME', 'RENAMENX'), key, key),
  fc.tuple(fc.constant('MOVE'), key, database),
  fc
    .tuple(key, key, fc.array(copyOption, { maxLength: 2 }))
    .map(([from, to, options]) => ['COPY', from, to, ...options.flat()]),
  fc.tuple(fc.constant('SELECT'), fc.constantFrom('0', '3')),
  fc.tuple(fc.constantFrom('ENCODING', 'REFCOUNT', 'FREQ'), key).map((rest) => ['OBJECT', ...rest]),
  fc.constantFrom(['DBSIZE'], ['DBSIZE'], ['FLUSHDB'], ['FLUSHDB', 'x'], ['FLUSHALL', 'ASYNC']),
  fc.tuple(fc.constant('SWAPDB'), fc.constantFrom('0', '3', 'x'), database),
);

const presences = fc.array(fc.constantFrom('NX', 'xx', 'bogus'), { maxLength: 2 });
const conditions = fc.array(fc.constantFrom('NX', 'xx', 'GT', 'lt', 'bogus'), { maxLength: 2 });
const moment = fc.constantFrom(
  ...['33177117420', '33177117421', '9000000000', '1', '0', '-1', '-9223372036854775808', 'x', ''],
);
/** Beyond 2^53 milliseconds, which are all one moment to DiskDB: GT and LT cannot tell them apart. */
const farMoment = fc.constantFrom(
  ...['9223372036854775', '9223372036854776', '9223372036854775807', '9223372036854775808'],
);
const expireAt = fc.constantFrom('EXPIREAT', 'PEXPIREAT');
/** Times since 1970: the two clocks need not agree. */
const absolute = fc.oneof(
  fc
    .oneof(
      { weight: 2, arbitrary: fc.tuple(expireAt, key, moment, conditions) },
      { weight: 1, arbitrary: fc.tuple(expireAt, key, farMoment, presences) },
    )
    .map(([name, k, at, rest]) => [name, k, at, ...rest]),
  fc.tuple(fc.constantFrom('EXPIRETIME', 'PEXPIRETIME'), key),
);

const later = fc.constantFrom('100', '5000', '1000000', '0', '-1', 'x', '9223372036854775807');
const presence = fc.constantFrom([], ['NX'], ['XX'], ['GT', 'LT'], ['NX', 'GT']);
/** Times from now: only asked for in whole seconds. */
const relative = fc.oneof(
  fc
    .tuple(fc.constantFrom('EXPIRE'), key, later, presence)
    .map(([name, k, after, rest]) => [name, k, after, ...rest]),
  fc.tuple(fc.constant('PEXPIRE'), key, fc.constantFrom('100000', '-5', 'x')),
  fc.tuple(fc.constant('TTL'), key),
);

/** What Redis keeps beyond 2^53 milliseconds is cut there; EXPIRETIME tells it in seconds. */
function comparable(command: string, reply: string): string {
  const [, digits = ''] = /^:(\d{13,})\r\n$/.exec(reply) ?? [];
  const milliseconds = command === 'EXPIRETIME' ? Number(digits) * 1000 : Number(digits);
  return milliseconds >= Number.MAX_SAFE_INTEGER ? 'a time beyond all times' : reply.slice(0, 200);
}

/** The harness's clock stands still while that of Redis goes on: a TTL there may be less, by the time that has passed. */
function isSameTtl(ours: string, theirs: string, passedMs: number): boolean {
  const [before, after] = [Number(ours.slice(1)), Number(theirs.slice(1))];
  return after >= 0 && after <= before && before - after <= Math.ceil(passedMs / 1000);
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let oracle: RedisOracle;

  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });

  afterAll(async () => {
    await oracle?.stop();
  });

  async function compare(requests: readonly (readonly string[])[], evicts: boolean): Promise<void> {
    const harness = await CommandHarness.open(GROUPS);
    harness.clock.milliseconds = Date.now();
    await oracle.run('FLUSHALL');
    await oracle.run('SELECT', '0');
    // COPY gives Redis an object of its own also where the original is the one that all small integers share.
    const copies = requests.some(([command]) => command === 'COPY');
    try {
      for (const args of requests) {
        if (evicts) await harness.evict();
        const [ours, theirs] = await Promise.all([harness.run(...args), oracle.run(...args)]);
        const [command = '', subcommand] = args;
        if (copies && subcommand === 'REFCOUNT') continue;
        const passed = Date.now() - harness.clock.milliseconds;
        if (command === 'TTL' && isSameTtl(ours, theirs, passed)) continue;
        const what = args.map((word) => word.slice(0, 30)).join(' ');
        expect(`${what}: ${comparable(command, ours)}`).toBe(
          `${what}: ${comparable(command, theirs)}`,
        );
      }
    } finally {
      await harness.close();
    }
  }

  test.each([
    ['keys and databases', plain],
    ['expiry at a time', fc.oneof(plain, absolute, absolute)],
    ['expiry after a time', fc.oneof(plain, relative, relative)],
  ])('random requests: %s', { timeout: 120_000 }, async (_, request) => {
    const requests = fc.array(request, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(requests, fc.boolean(), (list, evicts) => compare(list, evicts)),
      { numRuns: 150 },
    );
  });
});
