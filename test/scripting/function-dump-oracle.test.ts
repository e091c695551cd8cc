/**
 * Libraries of functions dumped by DiskDB or redis-server and restored in both: each has the same libraries then, and its
 * functions work.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crc64 } from '../../src/base/crc64.js';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply, type Reply } from '../support/decode-reply.js';
import { RedisOracle } from '../support/redis-oracle.js';
import { seed } from '../support/seed.js';

const RUNS = 60;
const FOOTER_BYTES = 10;

interface Server {
  run(...args: readonly string[]): Promise<string>;
}

const bytes = fc
  .oneof(
    fc.uint8Array({ maxLength: 100 }).map((each) => Buffer.from(each).toString('latin1')),
    // Lengths at which strings have other heads, and what compresses well.
    fc.constantFrom(1, 63, 64, 4000, 16_383, 16_384, 70_000).map((n) => 'abc'.repeat(n)),
  )
  .map((text) => text.replace(/[\r\n]/g, ' '));
const flags = fc.subarray(['no-writes', 'allow-oom', 'allow-stale', 'no-cluster']);

function functionOf(name: string, comment: string, its: readonly string[]): string {
  const list = its.map((flag) => `'${flag}'`).join(',');
  const callback = `function(keys, args) return {'${name}', args[1]} end`;
  return `-- ${comment}
redis.register_function{function_name='${name}', callback=${callback}, flags={${list}}, description='of ${name}'}`;
}

/** Libraries by name, each with functions of its own. */
const libraries = fc
  .array(fc.array(fc.tuple(bytes, flags), { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map((all) =>
    all.map((functions, l) => {
      const bodies = functions.map(([comment, its], f) => functionOf(`f${l}_${f}`, comment, its));
      return [`#!lua name=lib${l}`, ...bodies].join('\n');
    }),
  );

let redis: RedisOracle;
let diskdb: CommandHarness;
let both: readonly Server[];

describe.skipIf(RedisOracle.missing)('FUNCTION DUMP and RESTORE', () => {
  beforeAll(async () => {
    redis = await RedisOracle.start();
    diskdb = await CommandHarness.open(commandGroups);
    both = [redis, diskdb];
  });

  beforeEach(async () => {
    for (const server of both) await server.run('FUNCTION', 'FLUSH');
  });

  afterAll(async () => {
    await redis.stop();
    await diskdb.close();
  });

  test('each restores what the other has dumped', async () => {
    const property = fc.asyncProperty(libraries, fc.boolean(), async (codes, fromRedis) => {
      const [from, to] = fromRedis ? [redis, diskdb] : [diskdb, redis];
      await from.run('FUNCTION', 'FLUSH');
      for (const code of codes) await from.run('FUNCTION', 'LOAD', code);
      const expected = await contentsOf(from);
      const payload = await dump(from);
      for (const server of [to, from]) {
        expect(await server.run('FUNCTION', 'RESTORE', payload, 'FLUSH')).toBe('+OK\r\n');
        expect(await contentsOf(server)).toEqual(expected);
      }
      for (const name of codes.flatMap((code) => code.match(/f\d+_\d+(?=',)/g) ?? [])) {
        const [one, other] = await ask(['FCALL', name, '0', 'x']);
        expect(one).toBe(other);
      }
    });
    await fc.assert(property, { seed, numRuns: RUNS });
  });

  test('what is there already is kept, replaced, or in the way', async () => {
    const code = (answer: string): string =>
      `#!lua name=lib\nredis.register_function('f', function() return '${answer}' end)`;
    const other = code('other').replace('=lib', '=else');
    const payload = await dumpOf(redis, code('old'));
    const clash = await dumpOf(redis, other);
    for (const [steps, answer] of [
      [[[payload, 'APPEND']], 'old'],
      [[[payload], [payload]], 'old'],
      [[[payload], [payload, 'REPLACE']], 'old'],
      [[[payload], [clash, 'REPLACE']], 'old'],
      [[[payload], [clash, 'FLUSH']], 'other'],
      [[[payload], [payload, 'nonsense']], 'old'],
    ] as const) {
      for (const server of both) await server.run('FUNCTION', 'FLUSH');
      for (const step of steps) await same('FUNCTION', 'RESTORE', ...step);
      expect(await same('FCALL', 'f', '0')).toContain(answer);
    }
  });

  test('what is damaged is refused by both, and changes nothing', async () => {
    const payload = await dumpOf(redis, "#!lua name=l\nredis.register_function('f', print)");
    await ask(['FUNCTION', 'FLUSH']);
    const body = payload.slice(0, -FOOTER_BYTES);
    const version = payload.slice(-FOOTER_BYTES, -FOOTER_BYTES + 2);
    const damaged = [
      '',
      body,
      payload.slice(1),
      `${payload}x`,
      payload.replace('name', 'nome'),
      closed('', version),
      closed(`\0${body}`, version),
      closed(body, '\x50\0'),
      closed(body.replace('name', 'nome'), version),
    ];
    for (const each of damaged) {
      const [theirs, ours] = await ask(['FUNCTION', 'RESTORE', each]);
      expect([each, ours]).toEqual([each, theirs]);
      expect(await same('FUNCTION', 'LIST')).toBe('*0\r\n');
    }
  });
});

/** A payload with the checksum that it must have. */
function closed(body: string, version: string): string {
  const all = Buffer.from(body + version, 'latin1');
  return all.toString('latin1') + Buffer.from(crc64(all)).toString('latin1');
}

async function dump(server: Server): Promise<string> {
  return decodeReply(Buffer.from(await server.run('FUNCTION', 'DUMP'), 'latin1')) as string;
}

async function dumpOf(server: Server, code: string): Promise<string> {
  await server.run('FUNCTION', 'FLUSH');
  await server.run('FUNCTION', 'LOAD', code);
  return dump(server);
}

function ask(request: readonly string[]): Promise<string[]> {
  return Promise.all(both.map((server) => server.run(...request)));
}

/** The reply, which is the same of both. */
async function same(...request: readonly string[]): Promise<string> {
  const [theirs = '', ours] = await ask(request);
  expect(ours).toBe(theirs);
  return theirs;
}

/** Libraries, and their functions, are in no order. */
async function contentsOf(server: Server): Promise<readonly string[]> {
  const reply = await server.run('FUNCTION', 'LIST', 'WITHCODE');
  const all = decodeReply(Buffer.from(reply, 'latin1')) as Reply[][];
  return all.map((library) => JSON.stringify(inOrder(library))).sort();
}

function inOrder(reply: Reply): Reply {
  if (!Array.isArray(reply)) return reply;
  const items = reply.map(inOrder);
  const isNested = items.every((item) => Array.isArray(item));
  return isNested ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
}
