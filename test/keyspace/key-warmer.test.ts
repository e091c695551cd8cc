/** Of requests on collections the records are looked at ahead that they will ask for. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { listCommands } from '../../src/commands/list/list.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { likelyMember } from '../../src/types/likely-member.js';
import { CommandHarness } from '../support/command-harness.js';

const LONG = 'long'.repeat(100);
const BYTES_OF_NAME = 5;
const BYTES_OF_SCORE = 8;

let harness: CommandHarness;

beforeEach(async () => {
  const groups = [hashCommands, listCommands, setCommands, sortedSetCommands, stringCommands];
  harness = await CommandHarness.open(groups);
});

afterEach(() => harness.close());

/** Bytes of records of members that are looked at before the requests run. */
function lookedAt(...requests: readonly string[]): number {
  const { warmer } = harness.keyspace;
  const split = requests.map((request) => request.split(' '));
  const sumWith = (memberIn: typeof likelyMember): number => {
    warmer.memberIn = memberIn;
    warmer.warm(0, split);
    return warmer.sum;
  };
  return sumWith(likelyMember) - sumWith(() => undefined);
}

test.each([
  {
    fill: 'HSET key field value',
    requests: ['HGET key field', 'HSET key field x', 'HDEL key field'],
    value: 5,
  },
  {
    fill: 'SADD key field',
    requests: ['SADD key field', 'SREM key field x', 'SISMEMBER key field'],
    value: 0,
  },
  {
    fill: 'ZADD key 1 field',
    requests: [
      'ZADD key 2 field',
      'ZADD key NX 2 x 3 field',
      'ZINCRBY key 1 field',
      'ZSCORE key field',
    ],
    value: BYTES_OF_SCORE,
  },
])('$fill', async ({ fill, requests, value }) => {
  await harness.run(...fill.split(' '));
  for (const request of requests) {
    expect(lookedAt(request), request).toBe(BYTES_OF_NAME + 'field'.length + value);
    expect(lookedAt(request.replace('field', 'other')), request).toBe(0);
  }
});

test('the record is found among many', async () => {
  const fields = Array.from({ length: 3000 }, (_, i) => `field:${i}`);
  await harness.run('HSET', 'key', ...fields.flatMap((field) => [field, 'value']));
  for (const field of fields) {
    expect(lookedAt(`HGET key ${field}`)).toBe(BYTES_OF_NAME + field.length + 5);
  }
});

test('of many requests each is looked at, whatever stands between them', async () => {
  await harness.run('SET', 'string', 'value');
  await harness.run('HSET', 'hash', 'a', 'four');
  await harness.run('SADD', 'set', 'bb');
  const requests = [
    'PING',
    'GET string',
    'HGET hash a',
    `GET ${LONG}`,
    'SADD set bb',
    'GET missing',
  ];
  expect(lookedAt(...requests)).toBe(2 * BYTES_OF_NAME + 'a'.length + 'four'.length + 'bb'.length);
});

test('nothing is, where there is no collection, no member, or a long one', async () => {
  await harness.run('SET', 'string', 'value');
  await harness.run('RPUSH', 'list', 'a', 'b');
  await harness.run('HSET', 'hash', LONG, 'value');
  expect(lookedAt('GETEX string value')).toBe(0);
  expect(lookedAt('LINDEX list 0')).toBe(0);
  expect(lookedAt('HGETALL hash')).toBe(0);
  expect(lookedAt(`HGET hash ${LONG}`)).toBe(0);
  expect(lookedAt('HGET missing field')).toBe(0);
});
