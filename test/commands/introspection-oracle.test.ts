/** What a server tells of itself, beside redis-server: the replies where they can be the same, else their fields. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const isMissing = RedisOracle.missing !== undefined;

describe.skipIf(isMissing)('the same replies', () => {
  const scripts = new OracleScripts(commandGroups);

  test.each([
    [
      'CLIENT PAUSE and UNPAUSE',
      [
        ['CLIENT', 'PAUSE'],
        ['CLIENT', 'PAUSE', 'abc'],
        ['CLIENT', 'PAUSE', '-1'],
        ['CLIENT', 'PAUSE', '10', 'foo'],
        ['CLIENT', 'PAUSE', 'abc', 'foo'],
        ['CLIENT', 'PAUSE', '10', 'write', 'x'],
        ['CLIENT', 'PAUSE', '99999999999999999999'],
        ['CLIENT', 'PAUSE', '100000', 'WRITE'],
        ['GET', 'k'],
        ['CLIENT', 'UNPAUSE'],
        ['SET', 'k', 'v'],
        ['CLIENT', 'UNPAUSE', 'x'],
      ],
    ],
    [
      'CLIENT KILL',
      [
        ['CLIENT', 'KILL'],
        ['CLIENT', 'KILL', 'ID', '10', 'wrong'],
        ['CLIENT', 'KILL', 'TYPE', 'master'],
        ['CLIENT', 'KILL', 'TYPE', 'replica'],
        ['CLIENT', 'KILL', 'SKIPME', 'maybe'],
        ['CLIENT', 'KILL', 'LADDR', '1.2.3.4:5', 'SKIPME', 'no'],
        ['CLIENT', 'KILL', 'ADDR', '1.2.3.4:5', 'ID', '99999999'],
      ],
    ],
    [
      'CLIENT UNBLOCK, REPLY, NO-TOUCH, GETNAME',
      [
        ['CLIENT', 'UNBLOCK', 'x'],
        ['CLIENT', 'UNBLOCK', '99999999', 'ERROR'],
        ['CLIENT', 'UNBLOCK', '99999999', 'x'],
        ['CLIENT', 'UNBLOCK', '99999999', 'ERROR', 'x'],
        ['CLIENT', 'REPLY', 'x'],
        ['CLIENT', 'GETNAME'],
        ['CLIENT', 'GETNAME', 'x'],
        ['CLIENT', 'ID', 'x'],
        ['CLIENT', 'INFO', 'x'],
        ['CLIENT', 'NOSUCH'],
      ],
    ],
    [
      'LATENCY without events',
      [
        ['LATENCY', 'HISTORY', 'nothing'],
        ['LATENCY', 'HISTORY'],
        ['LATENCY', 'LATEST'],
        ['LATENCY', 'RESET'],
        ['LATENCY', 'RESET', 'nothing', 'else'],
        ['LATENCY', 'GRAPH', 'nothing'],
        ['LATENCY', 'HISTOGRAM', 'nosuch'],
        ['LATENCY', 'HELP', 'x'],
        ['LATENCY', 'NOSUCH'],
      ],
    ],
    [
      'SLOWLOG',
      [
        ['CONFIG', 'SET', 'slowlog-log-slower-than', '-1'],
        ['SLOWLOG', 'RESET'],
        ['SLOWLOG', 'GET'],
        ['SLOWLOG', 'GET', 'a'],
        ['SLOWLOG', 'GET', '-2'],
        ['SLOWLOG', 'GET', '-1'],
        ['SLOWLOG', 'GET', '0'],
        ['SLOWLOG', 'GET', '1', '2'],
        ['SLOWLOG', 'LEN'],
        ['SLOWLOG', 'LEN', 'x'],
        ['SLOWLOG', 'NOSUCH'],
      ],
    ],
    [
      'MEMORY',
      [
        ['MEMORY', 'USAGE', 'nothing'],
        ['MEMORY', 'USAGE', 'k', 'SAMPLES'],
        ['MEMORY', 'USAGE', 'k', 'SAMPLES', 'x'],
        ['MEMORY', 'USAGE', 'k', 'SAMPLES', '-1'],
        ['MEMORY', 'PURGE'],
        ['MEMORY', 'PURGE', 'x'],
        ['MEMORY', 'NOSUCH'],
      ],
    ],
    ['MONITOR in a transaction', [['MULTI'], ['MONITOR'], ['EXEC'], ['MONITOR', 'x']]],
  ])('%s', (_, script) => scripts.compare(script));

  test.each([
    [
      'SLOWLOG GET',
      [
        ['SLOWLOG', 'RESET'],
        ['SLOWLOG', 'GET'],
      ],
    ],
    [
      'LATENCY LATEST',
      [
        ['LATENCY', 'LATEST'],
        ['LATENCY', 'HISTOGRAM', 'nosuch'],
      ],
    ],
  ])('%s in RESP3', (_, script) => scripts.compare(script, { protocol: '3' }));
});

/** What only a server in C, with its allocator, or of that version has. */
const FOREIGN = new Set(['atomicvar_api', 'gcc_version', 'db.0']);

describe.skipIf(isMissing)('the same fields', () => {
  let oracle: RedisOracle;
  let harness: CommandHarness;

  beforeAll(async () => {
    oracle = await RedisOracle.start();
    harness = await CommandHarness.open(commandGroups);
    for (const server of [oracle, harness]) await server.run('SET', 'k', 'v');
  });

  afterAll(async () => {
    await harness?.close();
    await oracle?.stop();
  });

  async function both(...request: readonly string[]): Promise<readonly [unknown, unknown]> {
    const [theirs, ours] = [await oracle.run(...request), await harness.run(...request)];
    return [decodeReply(Buffer.from(theirs, 'latin1')), decodeReply(Buffer.from(ours, 'latin1'))];
  }

  function missing(theirs: readonly string[], ours: readonly string[]): readonly string[] {
    return theirs.filter((name) => !ours.includes(name) && !FOREIGN.has(name));
  }

  test('INFO has each of redis-server, of the same kind', async () => {
    const [theirs, ours] = (await both('INFO', 'everything')).map((text) => fieldsOf(text));
    expect(missing([...(theirs?.keys() ?? [])], [...(ours?.keys() ?? [])])).toEqual([]);
    for (const [name, value] of theirs ?? []) {
      if (FOREIGN.has(name) || !NUMBER.test(value)) continue;
      expect(`${name}: ${ours?.get(name)}`).toMatch(/: -?\d+(\.\d+)?$/);
    }
  });

  test('MEMORY STATS has each of redis-server', async () => {
    const [theirs, ours] = (await both('MEMORY', 'STATS')).map((reply) =>
      (reply as unknown[]).filter((_, place) => place % 2 === 0),
    );
    expect(missing(theirs as string[], ours as string[])).toEqual([]);
  });

  test('CLIENT INFO has each of redis-server, in the same order, and `watch` of 7.4', async () => {
    const names = (await both('CLIENT', 'INFO')).map((line) =>
      (line as string).split(' ').map((field) => field.split('=')[0] as string),
    );
    const [theirs = [], ours = []] = names;
    const shared = ours.filter((name) => name !== 'watch');
    expect(shared.slice(0, theirs.length)).toEqual(theirs);
    expect(ours[ours.indexOf('multi') + 1]).toBe('watch');
  });

  test('SLOWLOG GET, LATENCY LATEST and HISTOGRAM have the same form', async () => {
    for (const server of [oracle, harness]) {
      await server.run('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
      await server.run('SLOWLOG', 'RESET');
      await server.run('AUTH', 'user', 'secret');
      await server.run('CONFIG', 'SET', 'masterauth', 'secret');
      await server.run('CONFIG', 'SET', 'slowlog-log-slower-than', '-1');
    }
    const [theirs, ours] = await both('SLOWLOG', 'GET');
    expect(shapeOf(ours)).toEqual(shapeOf(theirs));
    expect(argumentsIn(ours)).toEqual(argumentsIn(theirs));
    const [[theirName] = [], [ourName] = []] = (await both(
      'LATENCY',
      'HISTOGRAM',
      'config|set',
    )) as readonly (readonly unknown[])[];
    expect(ourName).toBe(theirName);
  });
});

const NUMBER = /^-?\d+(\.\d+)?$/;

function fieldsOf(text: unknown): ReadonlyMap<string, string> {
  const lines = (text as string).split('\r\n').filter((line) => /^[^#].*:/.test(line));
  return new Map(
    lines
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)
      .filter(([name]) => !/^(cmdstat|latency_percentiles|errorstat)_/.test(name)),
  );
}

function shapeOf(reply: unknown): readonly unknown[] {
  return (reply as unknown[]).map((part) => (Array.isArray(part) ? shapeOf(part) : typeof part));
}

function argumentsIn(reply: unknown): readonly unknown[] {
  return (reply as unknown[][]).map((entry) => entry[3]);
}
