/** What redis-server 7.0 cannot be asked about sets: chance, cursors, and the encodings of 7.2. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { configCommands } from '../../src/commands/server/config.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { ReplyParser, type ReplyValue } from '../../src/protocol/reply-parser.js';
import { CommandHarness } from '../support/command-harness.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([
    configCommands,
    connectionCommands,
    hashCommands,
    keyCommands,
    objectCommands,
    setCommands,
    sortedSetCommands,
  ]);
});

afterEach(() => harness.close());

async function ask(...args: readonly string[]): Promise<ReplyValue> {
  return new ReplyParser().feed(await harness.run(...args))[0] as ReplyValue;
}

function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}

test('SPOP takes members away, one or several', async () => {
  await ask('SADD', 'k', ...numbers(100));
  const popped = [await ask('SPOP', 'k'), ...((await ask('SPOP', 'k', '30')) as string[])];
  expect(new Set(popped).size).toBe(31);
  expect(await ask('SMISMEMBER', 'k', ...popped.map(String))).toEqual(popped.map(() => 0));
  expect(await ask('SCARD', 'k')).toBe(69);
  expect(await ask('SPOP', 'k', '68')).toHaveLength(68);
  expect(await ask('SPOP', 'k', '2')).toHaveLength(1);
  expect(await ask('EXISTS', 'k')).toBe(0);
});

test('SRANDMEMBER gives distinct members, or with a negative count any', async () => {
  await ask('SADD', 'k', ...numbers(50));
  expect(await harness.run('SRANDMEMBER', 'k')).toMatch(/^\$\d/);
  const sample = (await ask('SRANDMEMBER', 'k', '20')) as string[];
  expect(new Set(sample).size).toBe(20);
  const drawn = (await ask('SRANDMEMBER', 'k', '-500')) as string[];
  expect(drawn).toHaveLength(500);
  expect(new Set(drawn).size).toBeGreaterThan(40);
  await ask('HSET', 'h', 'f', 'v');
  await ask('ZADD', 'z', '1', 'm');
  const far = ['-1000001', '-4000000000', '-4611686018427387903'];
  for (const count of far) {
    for (const [command, key] of [
      ['SRANDMEMBER', 'k'],
      ['HRANDFIELD', 'h'],
      ['ZRANDMEMBER', 'z'],
    ] as const) {
      expect(await harness.run(command, key, count)).toBe(
        '-ERR value is out of range, value must between -1000000 and 9223372036854775807\r\n',
      );
    }
  }
  expect(await harness.run('SRANDMEMBER', 'k', '-1000000')).toMatch(/^\*1000000\r/);
  await ask('HELLO', '3');
  expect(await harness.run('SRANDMEMBER', 'k', '-3')).toMatch(/^\*3/);
  expect(await harness.run('SRANDMEMBER', 'k', '100')).toMatch(/^\*50/);
  expect(await harness.run('SPOP', 'k', '3')).toMatch(/^~3/);
});

test('SSCAN brings every member, and of a compact set all at once', async () => {
  await ask('SADD', 'small', ...numbers(100));
  expect((await ask('SSCAN', 'small', '0', 'COUNT', '1')) as string[][]).toHaveLength(2);
  expect(((await ask('SSCAN', 'small', '0', 'COUNT', '1')) as string[][])[1]).toHaveLength(100);
  await ask('SADD', 'large', ...numbers(1000));
  const found: string[] = [];
  let calls = 0;
  for (let cursor = '0'; calls === 0 || cursor !== '0'; calls++) {
    await harness.evict();
    const page = (await ask('SSCAN', 'large', cursor, 'COUNT', '50')) as [string, string[]];
    cursor = page[0];
    found.push(...page[1]);
  }
  expect(found.sort()).toEqual(numbers(1000).sort());
  expect(calls).toBeGreaterThan(15);
});

test('OBJECT ENCODING goes by the limits that are configured', async () => {
  const encoding = (): Promise<ReplyValue> => ask('OBJECT', 'ENCODING', 'k');
  await ask('SADD', 'k', ...numbers(512));
  expect(await encoding()).toBe('intset');
  await ask('SADD', 'k', 'x');
  expect(await encoding()).toBe('hashtable');
  await ask('DEL', 'k');
  await ask('SADD', 'k', ...numbers(127), 'x');
  expect(await encoding()).toBe('listpack');
  await ask('COPY', 'k', 'copy');
  await ask('SADD', 'k', 'y'.repeat(65));
  expect(await encoding()).toBe('hashtable');
  expect(await ask('OBJECT', 'ENCODING', 'copy')).toBe('listpack');
  await ask('DEL', 'k');
  await ask('CONFIG', 'SET', 'set-max-intset-entries', '2');
  await ask('SADD', 'k', '1', '2');
  expect(await encoding()).toBe('intset');
  await ask('SADD', 'k', '3');
  expect(await encoding()).toBe('hashtable');
});

test('what an operation stores has the form that its members allow', async () => {
  const encoding = (): Promise<ReplyValue> => ask('OBJECT', 'ENCODING', 'd');
  await ask('SADD', 'mixed', ...numbers(600), 'x');
  await ask('SADD', 'some', ...numbers(200, 500), 'x');
  await ask('SINTERSTORE', 'd', 'mixed', 'some');
  expect(await encoding()).toBe('listpack');
  await ask('SDIFFSTORE', 'd', 'some', 'mixed');
  expect(await encoding()).toBe('intset');
  await ask('SUNIONSTORE', 'd', 'some', 'mixed');
  expect(await encoding()).toBe('hashtable');
});
