/** DUMP and RESTORE: with redis-server, in both directions, and what damaged payloads come to. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc64 } from '../../src/base/crc64.js';
import { dumpCommands } from '../../src/commands/generic/dump.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [dumpCommands, stringCommands, expireCommands, objectCommands];
const OK = '+OK\r\n';
const WRONG = '-ERR DUMP payload version or checksum are wrong\r\n';
const BAD = '-ERR Bad data format\r\n';

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const bytes = fc.array(byte, { maxLength: 60 }).map((list) => list.join(''));
const value = fc.oneof(
  bytes,
  fc.integer().map(String),
  fc.constantFrom('', '0', '-0', '127', '128', '-128', '-129', '32767', '32768', '-32769', '01'),
  fc.constantFrom('2147483647', '2147483648', '-2147483648', '-2147483649', '12345678901'),
  // What compresses, around the borders of lengths, matches and fragments.
  fc
    .tuple(
      fc.constantFrom('a', 'ab', 'abc', 'the same words again, '),
      bytes,
      fc.constantFrom(1, 20, 21, 63, 64, 263, 264, 265, 300, 8200, 16_383, 16_384, 16_385, 60_000),
    )
    .map(([word, noise, length]) => word.repeat(length).slice(0, length) + noise),
  fc
    .tuple(fc.integer({ min: 0, max: 2 ** 30 }), fc.constantFrom(100, 20_000, 70_000))
    .map(([seed, length]) => pseudoRandom(seed, length)),
);

function pseudoRandom(seed: number, length: number): string {
  let state = seed;
  let text = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += String.fromCharCode((state >>> 16) & (seed & 1 ? 0xff : 0x07));
  }
  return text;
}

/** The text of a bulk reply. */
function payloadOf(reply: string): string {
  return reply.slice(reply.indexOf('\n') + 1, -2);
}

/** The body with the version and its checksum. */
function sealed(body: string, version = 10): string {
  const data = Buffer.from(`${body}${String.fromCharCode(version)}\0`, 'latin1');
  return Buffer.concat([data, crc64(data)]).toString('latin1');
}

test('the checksum is CRC-64/Jones', () => {
  expect(crc64(Buffer.from('123456789')).reverse().toString('hex')).toBe('e9c6d914c4b8d9ca');
});

describe('alone', () => {
  let harness: CommandHarness;

  beforeAll(async () => {
    harness = await CommandHarness.open(GROUPS);
  });

  afterAll(async () => {
    await harness.close();
  });

  test('what DUMP gives, RESTORE takes', async () => {
    await fc.assert(
      fc.asyncProperty(value, fc.boolean(), async (text, evicts) => {
        await harness.run('SET', 'from', text);
        if (evicts) await harness.evict();
        const payload = payloadOf(await harness.run('DUMP', 'from'));
        expect(await harness.run('RESTORE', 'to', '0', payload, 'REPLACE')).toBe(OK);
        expect((await harness.run('GET', 'to')) === (await harness.run('GET', 'from'))).toBe(true);
      }),
    );
  });

  test('damaged payloads are refused', async () => {
    await harness.run('SET', 'from', 'some text that is long enough, long enough, long enough');
    const payload = payloadOf(await harness.run('DUMP', 'from'));
    for (let i = 0; i < payload.length; i++) {
      const other = String.fromCharCode(payload.charCodeAt(i) ^ 0x40);
      const damaged = payload.slice(0, i) + other + payload.slice(i + 1);
      expect(await harness.run('RESTORE', 'x', '0', damaged)).toBe(WRONG);
      expect(await harness.run('RESTORE', 'x', '0', payload.slice(0, i))).toBe(WRONG);
    }
    expect(await harness.run('RESTORE', 'x', '0', sealed('\0\x01a', 13))).toBe(WRONG);
    expect(await harness.run('RESTORE', 'x', '0', sealed('\0\x01a', 12))).toBe(OK);
  });

  test('bodies that say nothing are refused', async () => {
    const bodies = [
      '',
      '\0',
      '\xffabc',
      '\0\x05abc',
      '\0\x80\xff\xff\xff\xffabc',
      `\0\x81${'\xff'.repeat(8)}abc`,
      '\0\xc1\x01',
      '\0\xc4abc',
      '\0\x90abc',
      // LZF: too long for its bytes, a match before the start, too many and too few bytes, cut off.
      '\0\xc3\x02\x80\x10\0\0\0ab',
      '\0\xc3\x04\x05\0a\x20\x05',
      '\0\xc3\x03\x01\x01ab',
      '\0\xc3\x02\x05\0a',
      '\0\xc3\x03\x05\0a\xe0',
    ];
    for (const body of bodies) {
      expect(await harness.run('RESTORE', 'y', '0', sealed(body))).toBe(BAD);
    }
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('\0', '\0\xc3', ''), async (rest, start) => {
        const reply = await harness.run('RESTORE', 'y', '0', sealed(start + rest), 'REPLACE');
        expect([OK, BAD]).toContain(reply);
      }),
      { numRuns: 1000 },
    );
  });
});

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let oracle: RedisOracle;
  let harness: CommandHarness;

  beforeAll(async () => {
    oracle = await RedisOracle.start();
    harness = await CommandHarness.open(GROUPS);
    harness.clock.milliseconds = Date.now();
  });

  afterAll(async () => {
    await harness?.close();
    await oracle?.stop();
  });

  /** Carries the value from one to the other; the one that wrote it must find it there unchanged. */
  async function carry(from: Server, to: Server, text: string): Promise<void> {
    await from.run('SET', 'k', text);
    const payload = payloadOf(await from.run('DUMP', 'k'));
    expect(await to.run('RESTORE', 'k', '0', payload, 'REPLACE')).toBe(OK);
    const [sent, received] = [await from.run('GET', 'k'), await to.run('GET', 'k')];
    if (sent !== received) expect.fail(`${text.slice(0, 50)} (${text.length}) came as another`);
    expect(await to.run('OBJECT', 'ENCODING', 'k')).toBe(await from.run('OBJECT', 'ENCODING', 'k'));
  }

  test('values go both ways', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        await carry(harness, oracle, text);
        await carry(oracle, harness, text);
      }),
      { numRuns: 200 },
    );
  });

  test('payloads without compression are the same bytes', async () => {
    await oracle.run('CONFIG', 'SET', 'rdbcompression', 'no');
    const plain = await CommandHarness.open(GROUPS, [['rdbcompression', 'no']]);
    for (const text of fc.sample(value, 200)) {
      await oracle.run('SET', 'k', text);
      await plain.run('SET', 'k', text);
      if ((await oracle.run('DUMP', 'k')) !== (await plain.run('DUMP', 'k'))) expect.fail(text);
    }
    await plain.close();
    await oracle.run('CONFIG', 'SET', 'rdbcompression', 'yes');
  });

  test('options and errors', async () => {
    const payload = sealed('\0\x01a');
    const requests = [
      ['DUMP', 'absent'],
      ['RESTORE', 'n', '0', payload],
      ['RESTORE', 'n', '0', payload],
      ['RESTORE', 'n', '0', 'nonsense'],
      ['RESTORE', 'n', '-1', payload, 'REPLACE'],
      ['RESTORE', 'n', 'x', payload, 'REPLACE'],
      ['RESTORE', 'n', '0', 'nonsense', 'REPLACE'],
      ['RESTORE', 'n', '0', payload, 'REPLACE', 'IDLETIME', '-1'],
      ['RESTORE', 'n', '0', payload, 'REPLACE', 'FREQ', '256'],
      ['RESTORE', 'n', '0', payload, 'REPLACE', 'FREQ', 'x'],
      ['RESTORE', 'n', '0', payload, 'REPLACE', 'FREQ'],
      ['RESTORE', 'n', '0', payload, 'FREQ', '1', 'IDLETIME', '1'],
      ['RESTORE', 'n', '0', payload, 'BOGUS'],
      ['RESTORE', 'n', '99999999999999', payload, 'absttl', 'replace', 'idletime', '5'],
      ['PEXPIRETIME', 'n'],
      ['RESTORE', 'n', '1000', payload, 'absttl', 'replace'],
      ['GET', 'n'],
      ['RESTORE', 'n', '100000', payload],
      ['GET', 'n'],
      ['DUMP', 'n'],
    ];
    for (const args of requests) {
      expect(`${args}: ${await harness.run(...args)}`).toBe(
        `${args}: ${await oracle.run(...args)}`,
      );
    }
  });
});

interface Server {
  run(...args: readonly string[]): Promise<string>;
}
