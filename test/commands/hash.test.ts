/** Of the hash group, what the comparison with redis-server 7.0 does not see. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open([connectionCommands, hashCommands]);
});

afterEach(() => harness.close());

async function decoded(...args: readonly string[]) {
  return decodeReply(Buffer.from(await harness.run(...args), 'latin1'));
}

async function fill(count: number): Promise<string[]> {
  const fields = Array.from({ length: count }, (_, i) => `field:${i}`);
  await harness.run('HSET', 'h', ...fields.flatMap((field) => [field, 'v']));
  return fields.sort();
}

describe('RESP3', () => {
  beforeEach(async () => {
    await harness.run('HELLO', '3');
    await harness.run('HSET', 'h', 'f', 'v');
  });

  test.each([
    [['HGETALL', 'h'], '%1\r\n$1\r\nf\r\n$1\r\nv\r\n'],
    [['HGETALL', 'none'], '%0\r\n'],
    [['HRANDFIELD', 'h', '1', 'WITHVALUES'], '*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n'],
    [['HRANDFIELD', 'h', '-2'], '*2\r\n$1\r\nf\r\n$1\r\nf\r\n'],
    [['HRANDFIELD', 'none'], '_\r\n'],
    [['HRANDFIELD', 'none', '3'], '*0\r\n'],
    [['HGET', 'h', 'none'], '_\r\n'],
    [['HSCAN', 'h', '0'], '*2\r\n$1\r\n0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n'],
  ])('%j', async (request, reply) => {
    expect(await harness.run(...request)).toBe(reply);
  });
});

describe('HSCAN', () => {
  test('NOVALUES', async () => {
    await harness.run('HSET', 'h', 'f', 'v');
    expect(await decoded('HSCAN', 'h', '0', 'novalues', 'COUNT', '5')).toEqual(['0', ['f']]);
  });

  test.each(['1', '7', '1000'])('a large hash, COUNT %s', async (count) => {
    const fields = await fill(600);
    const found = new Set<string>();
    let cursor = '0';
    do {
      const reply = await decoded('HSCAN', 'h', cursor, 'COUNT', count, 'NOVALUES');
      const [next, page] = reply as [string, string[]];
      for (const field of page) found.add(field);
      cursor = next;
      await harness.evict();
    } while (cursor !== '0');
    expect([...found].sort()).toEqual(fields);
  });
});

test('HRANDFIELD with a negative count gives each field now and then', async () => {
  const fields = await fill(10);
  const found = (await decoded('HRANDFIELD', 'h', '-500')) as string[];
  expect(found).toHaveLength(500);
  expect([...new Set(found)].sort()).toEqual(fields);
});
