/** The expiry of hash fields as clients see it: replies and errors as documented, and who keeps a time. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

const LATEST = 70_368_744_177_663;

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([hashCommands, keyCommands, objectCommands, stringCommands]);
  await harness.run('HSET', 'h', 'a', '1', 'b', '2');
  await harness.run('SET', 'string', 'x');
});

afterEach(() => harness.close());

async function run(request: string) {
  return decodeReply(Buffer.from(await harness.run(...request.split(' ')), 'latin1'));
}

async function check(expected: readonly (readonly [request: string, reply: unknown])[]) {
  for (const [request, reply] of expected) {
    expect({ request, reply: await run(request) }).toEqual({ request, reply });
  }
}

test('a time is set, told, taken back, and comes', async () => {
  const now = harness.clock.milliseconds;
  await check([
    ['HTTL h FIELDS 2 a none', [-1, -2]],
    ['HEXPIRE h 10 FIELDS 2 a none', [1, -2]],
    ['HTTL h FIELDS 1 a', [10]],
    ['HPTTL h FIELDS 2 a b', [10_000, -1]],
    ['HEXPIRETIME h fields 1 a', [Math.ceil(now / 1000) + 10]],
    ['HPEXPIRETIME h FIELDS 1 a', [now + 10_000]],
    ['HPERSIST h FIELDS 3 a b none', [1, -1, -2]],
    ['HTTL h FIELDS 1 a', [-1]],
    ['HPEXPIRE h 1500 FIELDS 1 a', [1]],
    ['HTTL h FIELDS 1 a', [2]],
    [`HPEXPIREAT h ${now + 20} FIELDS 1 a`, [1]],
    ['OBJECT ENCODING h', 'listpackex'],
  ]);
  harness.clock.milliseconds += 20;
  await check([
    ['HGET h a', null],
    ['HEXISTS h a', 0],
    ['HMGET h a b', [null, '2']],
    ['HGETALL h', ['b', '2']],
    ['HKEYS h', ['b']],
    ['HVALS h', ['2']],
    ['HSCAN h 0', ['0', ['b', '2']]],
    ['HRANDFIELD h 5', ['b']],
    ['HSTRLEN h a', 0],
    ['HTTL h FIELDS 1 a', [-2]],
    ['HDEL h a', 0],
    ['HLEN h', 1],
  ]);
});

test('a time in the past deletes', async () => {
  await check([
    ['HEXPIRE h 0 FIELDS 1 a', [2]],
    ['HLEN h', 1],
    ['HPEXPIREAT h 1 FIELDS 2 b b', [2, -2]],
    ['EXISTS h', 0],
    ['HEXPIRE h 10 FIELDS 2 a b', [-2, -2]],
    ['HTTL h FIELDS 2 a b', [-2, -2]],
    ['HPERSIST h FIELDS 1 a', [-2]],
  ]);
});

test('conditions', async () => {
  await check([
    ['HPEXPIRE h 1000 XX FIELDS 1 a', [0]],
    ['HPEXPIRE h 1000 GT FIELDS 1 a', [0]],
    ['HPEXPIRE h 1000 NX FIELDS 1 a', [1]],
    ['HPEXPIRE h 1000 nx FIELDS 2 a b', [0, 1]],
    ['HPEXPIRE h 1000 GT FIELDS 1 a', [0]],
    ['HPEXPIRE h 2000 GT FIELDS 1 a', [1]],
    ['HPEXPIRE h 1500 LT FIELDS 2 a b', [1, 0]],
    ['HPERSIST h FIELDS 1 b', [1]],
    ['HPEXPIRE h 1500 LT FIELDS 1 b', [1]],
    ['HPEXPIRE h 0 NX FIELDS 1 b', [0]],
    ['HPTTL h FIELDS 2 a b', [1500, 1500]],
  ]);
});

test('HSET takes a time away, HINCRBY keeps it, but not that of a field that has expired', async () => {
  await check([
    ['HPEXPIRE h 10 FIELDS 2 a b', [1, 1]],
    ['HINCRBY h a 5', 6],
    ['HINCRBYFLOAT h a 0.5', '6.5'],
    ['HSET h b 2', 0],
    ['HPTTL h FIELDS 2 a b', [10, -1]],
  ]);
  harness.clock.milliseconds += 10;
  await check([
    ['HINCRBY h a 5', 5],
    ['HPTTL h FIELDS 1 a', [-1]],
    ['HPEXPIRE h 10 FIELDS 2 a b', [1, 1]],
  ]);
  harness.clock.milliseconds += 10;
  await check([
    ['HSETNX h a 7', 1],
    ['HSET h b 8', 1],
    ['HLEN h', 2],
    ['HPTTL h FIELDS 2 a b', [-1, -1]],
  ]);
});

test('RENAME and COPY keep the times', async () => {
  await check([
    ['HPEXPIRE h 10 FIELDS 1 a', [1]],
    ['RENAME h i', 'OK'],
    ['COPY i j', 1],
    ['HPTTL i FIELDS 2 a b', [10, -1]],
    ['HPTTL j FIELDS 2 a b', [10, -1]],
  ]);
});

test('HGETDEL', async () => {
  await check([
    ['HGETDEL h FIELDS 2 a none', ['1', null]],
    ['HGETALL h', ['b', '2']],
    ['HGETDEL h FIELDS 1 b', ['2']],
    ['EXISTS h', 0],
    ['HGETDEL h FIELDS 2 a b', [null, null]],
  ]);
});

test('HGETEX', async () => {
  const now = harness.clock.milliseconds;
  await check([
    ['HGETEX h FIELDS 2 a none', ['1', null]],
    ['HGETEX h EX 10 FIELDS 2 a none', ['1', null]],
    ['HPTTL h FIELDS 2 a b', [10_000, -1]],
    [`HGETEX h PXAT ${now + 5} FIELDS 1 b`, ['2']],
    ['HGETEX h PERSIST FIELDS 1 a', ['1']],
    ['HPTTL h FIELDS 2 a b', [-1, 5]],
    ['HGETEX h EXAT 0 FIELDS 2 a b', ['1', '2']],
    ['EXISTS h', 0],
    ['HGETEX h FIELDS 1 a', [null]],
  ]);
});

test('HSETEX', async () => {
  await check([
    ['HSETEX h EX 10 FIELDS 2 a 3 c 4', 1],
    ['HPTTL h FIELDS 3 a b c', [10_000, -1, 10_000]],
    ['HSETEX h FNX FIELDS 2 a 5 d 5', 0],
    ['HSETEX h FXX FIELDS 2 a 5 d 5', 0],
    ['HSETEX h KEEPTTL FXX FIELDS 2 a 5 b 5', 1],
    ['HMGET h a b c d', ['5', '5', '4', null]],
    ['HPTTL h FIELDS 2 a b', [10_000, -1]],
    ['HSETEX h FNX PX 3 FIELDS 1 d 6', 1],
    ['HSETEX h FIELDS 1 a 7', 1],
    ['HPTTL h FIELDS 2 a d', [-1, 3]],
    ['HSETEX new EXAT 0 FIELDS 1 f v', 1],
    ['EXISTS new', 0],
    ['HSETEX new FXX FIELDS 1 f v', 0],
    ['EXISTS new', 0],
  ]);
});

const MATCH = 'ERR The `numfields` parameter must match the number of arguments';
const MISSING = 'ERR Mandatory argument FIELDS is missing or not at the right position';
const NOT_INTEGER = 'ERR value is not an integer or out of range';
const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
const ONE_TIME = 'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified';
const ONE_CONDITION = 'ERR Only one of FXX or FNX arguments can be specified';

describe('refused', () => {
  test.each([
    ['HEXPIRE h x FIELDS 1 a', NOT_INTEGER],
    ['HEXPIRE h -1 FIELDS 1 a', 'ERR invalid expire time, must be >= 0'],
    ['HEXPIRE h 99999999999 FIELDS 1 a', "ERR invalid expire time in 'hexpire' command"],
    [`HPEXPIREAT h ${LATEST + 1} FIELDS 1 a`, "ERR invalid expire time in 'hpexpireat' command"],
    ['HEXPIRE h 1 BOGUS FIELDS 1 a', MISSING],
    ['HEXPIRE h 1 NX XX FIELDS 1 a', MISSING],
    ['HEXPIRE h 1 FIELDS 0 a', 'ERR Parameter `numFields` should be greater than 0'],
    ['HEXPIRE h 1 FIELDS 2 a', MATCH],
    ['HEXPIRE h 1 FIELDS 1 a b', MATCH],
    ['HEXPIRE string x FIELDS 1 a', WRONG_TYPE],
    ['HTTL h FIELDS x a', 'ERR Number of fields must be a positive integer'],
    ['HTTL h BOGUS 1 a', MISSING],
    ['HPERSIST h FIELDS 2 a', MATCH],
    ['HPERSIST string FIELDS 2 a', WRONG_TYPE],
    ['HGETDEL h FIELDS -1 a', 'ERR Number of fields must be a positive integer'],
    ['HGETDEL h BOGUS 1 a', MISSING],
    ['HGETEX h PERSIST 1 FIELDS 1 a', MISSING],
    ['HGETEX h PXAT 1 1', MISSING],
    ['HGETEX h EX x FIELDS 1 a', NOT_INTEGER],
    ['HGETEX h PX -1 FIELDS 1 a', 'ERR invalid expire time, must be >= 0'],
    ['HGETEX h FIELDS 2 a', MATCH],
    ['HSETEX h FIELDS 2 a b c', 'ERR wrong number of arguments'],
    ['HSETEX h FIELDS x a b', 'ERR invalid number of fields'],
    ['HSETEX h NX FIELDS 1 a b', 'ERR unknown argument: NX'],
    ['HSETEX h FNX FXX FIELDS 1 a b', ONE_CONDITION],
    ['HSETEX h FNX FNX FIELDS 1 a b', ONE_CONDITION],
    ['HSETEX h EX 1 KEEPTTL FIELDS 1 a b', ONE_TIME],
    ['HSETEX h KEEPTTL PX 1 FIELDS 1 a b', ONE_TIME],
    ['HSETEX h EX FIELDS 1 a b', NOT_INTEGER],
    ['HSETEX h FNX EX 10 PX', ONE_TIME],
    ['HSETEX string FIELDS 1 a b', WRONG_TYPE],
  ])('%s', async (request, error) => {
    expect(await harness.run(...request.split(' '))).toBe(`-${error}\r\n`);
  });

  test('the latest time is not', async () => {
    await check([
      [`HPEXPIREAT h ${LATEST} FIELDS 1 a`, [1]],
      ['HPEXPIRETIME h FIELDS 1 a', [LATEST]],
    ]);
  });
});
