/** Sorted set commands where redis-server 7.0 is no model: what came later, and what goes by chance. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([connectionCommands, sortedSetCommands]);
});

afterEach(async () => {
  await harness.close();
});

async function run(...args: string[]): Promise<unknown> {
  return decodeReply(Buffer.from(await harness.run(...args), 'latin1'));
}

test('ZRANK and ZREVRANK tell the score, too', async () => {
  await run('ZADD', 'z', '1', 'a', '2.5', 'b', '3', 'c');
  expect(await harness.run('ZRANK', 'z', 'b', 'WITHSCORE')).toBe('*2\r\n:1\r\n$3\r\n2.5\r\n');
  expect(await run('ZREVRANK', 'z', 'c', 'withscore')).toEqual([0, '3']);
  expect(await harness.run('ZRANK', 'z', 'x', 'WITHSCORE')).toBe('*-1\r\n');
  expect(await harness.run('ZRANK', 'none', 'x')).toBe('$-1\r\n');
  expect(await harness.run('ZRANK', 'z', 'b', 'WITHSCORES')).toBe('-ERR syntax error\r\n');
  expect(await harness.run('ZRANK', 'z', 'b', 'WITHSCORE', 'x')).toBe(
    "-ERR wrong number of arguments for 'zrank' command\r\n",
  );
  await harness.run('HELLO', '3');
  expect(await harness.run('ZRANK', 'z', 'b', 'WITHSCORE')).toBe('*2\r\n:1\r\n,2.5\r\n');
  expect(await harness.run('ZRANK', 'none', 'x', 'WITHSCORE')).toBe('_\r\n');
});

test('scores are written as 7.2 does', async () => {
  await run('ZADD', 'z', '0.1', 'a', '1e20', 'b', '3.3333333333333335', 'c');
  expect(await run('ZMSCORE', 'z', 'a', 'b', 'c', 'x')).toEqual([
    '0.1',
    '1e+20',
    '3.3333333333333335',
    null,
  ]);
  expect(await run('ZINCRBY', 'z', '0.2', 'a')).toBe('0.30000000000000004');
});

test('ZSCAN gives a listpack whole, and pages of what is larger', async () => {
  await run('ZADD', 'small', '2', 'b', '1', 'a', '3', 'x');
  expect(await run('ZSCAN', 'small', '0', 'COUNT', '1')).toEqual([
    '0',
    ['a', '1', 'b', '2', 'x', '3'],
  ]);
  expect(await run('ZSCAN', 'small', '0', 'MATCH', '[a-b]')).toEqual(['0', ['a', '1', 'b', '2']]);
  expect(await run('ZSCAN', 'none', '0', 'BOGUS')).toEqual(['0', []]);
  expect(await harness.run('ZSCAN', 'small', 'x')).toBe('-ERR invalid cursor\r\n');
  for (let i = 0; i < 300; i++) await run('ZADD', 'large', String(i), `m${i}`);
  const seen = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, found] = (await run('ZSCAN', 'large', cursor, 'COUNT', '30')) as [
      string,
      string[],
    ];
    for (let i = 0; i < found.length; i += 2) seen.set(found[i] as string, found[i + 1] as string);
    cursor = next;
  } while (cursor !== '0');
  expect(seen.size).toBe(300);
  expect(seen.get('m17')).toBe('17');
});

test('ZRANDMEMBER', async () => {
  await run('ZADD', 'z', '1', 'a', '2', 'b', '3', 'c');
  expect(['a', 'b', 'c']).toContain(await run('ZRANDMEMBER', 'z'));
  expect(await run('ZRANDMEMBER', 'none')).toBe(null);
  expect(await run('ZRANDMEMBER', 'none', '5')).toEqual([]);
  expect(await run('ZRANDMEMBER', 'z', '9', 'WITHSCORES')).toEqual(['a', '1', 'b', '2', 'c', '3']);
  expect(await run('ZRANDMEMBER', 'z', '-9')).toHaveLength(9);
  expect(await run('ZRANDMEMBER', 'z', '0')).toEqual([]);
  expect(await harness.run('ZRANDMEMBER', 'z', '1', 'x')).toBe('-ERR syntax error\r\n');
  expect(await harness.run('ZRANDMEMBER', 'z', '-9223372036854775807', 'WITHSCORES')).toBe(
    '-ERR value is out of range\r\n',
  );
  await harness.run('HELLO', '3');
  expect(await harness.run('ZRANDMEMBER', 'z', '3', 'WITHSCORES')).toMatch(
    /^\*3\r\n\*2\r\n\$1\r\na\r\n,1/,
  );
});

test('a client waits for members, and gets them as soon as there are any', async () => {
  const waiters: Promise<string>[] = [];
  for (const args of [
    ['BZPOPMIN', 'none', 'z', '0'],
    ['BZPOPMAX', 'z', '0'],
    ['BZMPOP', '0', '1', 'z', 'MIN', 'COUNT', '2'],
  ]) {
    waiters.push(harness.connect().run(...args));
    await settled();
  }
  await run('ZADD', 'z', '1', 'a', '2.5', 'b', '3', 'c', '4', 'd', '5', 'e');
  expect(await Promise.all(waiters)).toEqual([
    '*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n',
    '*3\r\n$1\r\nz\r\n$1\r\ne\r\n$1\r\n5\r\n',
    '*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nb\r\n$3\r\n2.5\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n',
  ]);
  await harness.run('HELLO', '3');
  expect(await harness.run('BZPOPMIN', 'z', '0')).toBe('*3\r\n$1\r\nz\r\n$1\r\nd\r\n,4\r\n');
  expect(await harness.run('ZCARD', 'z')).toBe(':0\r\n');
  expect(await harness.run('BZPOPMIN', 'z', 'x')).toBe(
    '-ERR timeout is not a float or out of range\r\n',
  );
});
