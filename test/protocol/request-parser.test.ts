import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES, LargeString } from '../../src/base/large-string.js';
import { InputWindow } from '../../src/protocol/input-window.js';
import { ProtocolError } from '../../src/protocol/protocol-error.js';
import {
  DEFAULT_LIMITS,
  type ParserLimits,
  RequestParser,
} from '../../src/protocol/request-parser.js';
import { encodeRequest, parseAll, parseCut, plain } from './requests.js';

function errorOf(bytes: string, parser = new RequestParser()): string {
  try {
    parseAll(bytes, parser);
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
  return 'no error';
}

function limited(limits: Partial<ParserLimits>): RequestParser {
  return new RequestParser({ ...DEFAULT_LIMITS, ...limits });
}

const word = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 100, maxLength: 300 }) },
);
const argument = fc.oneof(
  { weight: 20, arbitrary: word.map((bytes) => Buffer.from(bytes).toString('latin1')) },
  { weight: 1, arbitrary: fc.integer({ min: -2, max: 40_000 }).map(largeText) },
);
/** A request on the wire, and what it should parse to: undefined for an empty one. */
const request = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(argument, { minLength: 1, maxLength: 6 })
      .map((args) => ({ wire: encodeRequest(args), args })),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.stringMatching(/^[a-z0-9]{1,9}$/), { minLength: 1, maxLength: 5 })
      .map((args) => ({ wire: `${args.join('  ')}\r\n`, args })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('*0\r\n', '*-1\r\n', '\r\n', '\n', ' \t \n')
      .map((wire) => ({ wire, args: undefined })),
  },
);

function largeText(extra: number): string {
  return 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(2000).slice(0, CHUNK_BYTES + extra);
}

describe('cuts', () => {
  test('requests cut anywhere, in a buffer that is overwritten, are the requests', () => {
    const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), cuts, fc.nat(3), (requests, at, stop) => {
        const wire = requests.map(({ wire: text }) => text).join('');
        const wanted = requests.flatMap(({ args }) => (args === undefined ? [] : [args]));
        expect(parseCut(wire, at, stop)).toEqual(wanted);
      }),
      { numRuns: 400, verbose: 1 }, // a failure prints the seed and the path
    );
  });

  test('a pipeline survives every single cut', () => {
    const requests = [['SET', 'k', ''], ['ping'], ['ECHO', '\r\n$5\r\n*1\r\n'], ['get', 'k']];
    const wire = requests
      .map((args) => (args[0] === 'ping' ? 'ping\r\n*0\r\n' : encodeRequest(args)))
      .join('');
    for (let i = 0; i <= wire.length; i++) expect(parseCut(wire, [i], 0)).toEqual(requests);
    expect(
      parseCut(
        wire,
        Array.from({ length: wire.length }, () => 1),
        0,
      ),
    ).toEqual(requests);
  });

  test('whole and cut byte by byte give the same error', () => {
    for (const wire of ['*1\r\nx\r\n', '*x\r\n', 'a "b\r\n', '*1\r\n$-1\r\n']) {
      const ones = Array.from({ length: wire.length }, () => 1);
      expect(() => parseCut(wire, ones, 0)).toThrow(errorOf(wire));
    }
  });
});

describe('requests', () => {
  test('args holds the name first, command is it as sent, and both stay after the next one', () => {
    const parser = new RequestParser();
    parser.push(Buffer.from(encodeRequest(['GeT', 'a']) + encodeRequest(['DEL', 'b'])));
    expect(parser.next()).toBe(true);
    const { args, command } = parser;
    expect(parser.next()).toBe(true);
    expect([command, args, parser.command, parser.args]).toEqual([
      'GeT',
      ['GeT', 'a'],
      'DEL',
      ['DEL', 'b'],
    ]);
    expect(parser.next()).toBe(false);
  });

  test('only the pushed part of a buffer is read', () => {
    const parser = new RequestParser();
    parser.push(Buffer.from('junkPING\nPING\n'), 4, 9);
    expect(parser.next()).toBe(true);
    expect(parser.next()).toBe(false);
    expect(parser.bufferedBytes).toBe(0);
  });

  test('every byte value passes', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1');
    expect(parseAll(encodeRequest(['ECHO', all]))).toEqual([['ECHO', all]]);
  });

  test('the CR LF after an argument is trusted, as Redis does', () => {
    expect(parseAll('*1\rX$4\rXPINGZZ')).toEqual([['PING']]);
  });

  test('a long run of blank lines and empty requests needs no stack', () => {
    expect(parseAll(`${'\n'.repeat(100_000)}${'*0\r\n'.repeat(100_000)}PING\n`)).toEqual([
      ['PING'],
    ]);
  });

  test('more arguments than there was room for', () => {
    const args = Array.from({ length: 1000 }, (_, i) => String(i));
    expect(parseAll(encodeRequest(args))).toEqual([args]);
  });
});

describe('large arguments', () => {
  test.each([0, 1, 2, CHUNK_BYTES - 1, CHUNK_BYTES + 5].map((extra) => CHUNK_BYTES - 1 + extra))(
    '%i bytes',
    (length) => {
      const text = 'abcdefg'.repeat(10_000).slice(0, length);
      const parser = new RequestParser();
      parser.push(Buffer.from(encodeRequest(['SET', 'k', text])));
      expect(parser.next()).toBe(true);
      const value = parser.args[2];
      expect(value instanceof LargeString).toBe(length > CHUNK_BYTES);
      expect(plain(parser.args)).toEqual(['SET', 'k', text]);
    },
  );

  test('chunks are of CHUNK_BYTES but the last', () => {
    const parser = new RequestParser();
    parser.push(Buffer.from(encodeRequest(['x'.repeat(3 * CHUNK_BYTES + 5)])));
    expect(parser.next()).toBe(true);
    const value = parser.args[0] as LargeString;
    expect(value.length).toBe(3 * CHUNK_BYTES + 5);
    expect(value.chunks.map((chunk) => chunk.length)).toEqual([
      CHUNK_BYTES,
      CHUNK_BYTES,
      CHUNK_BYTES,
      5,
    ]);
    expect(parser.command).toBe('');
  });

  test('an inline word can be one', () => {
    const text = 'y'.repeat(CHUNK_BYTES + 1);
    const parser = new RequestParser();
    parser.push(Buffer.from(`ECHO ${text}\r\n`));
    expect(parser.next()).toBe(true);
    expect(parser.args[1]).toBeInstanceOf(LargeString);
    expect(plain(parser.args)).toEqual(['ECHO', text]);
  });
});

describe('errors', () => {
  test.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*02\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*2147483648\r\n', 'invalid multibulk length'],
    ['*9223372036854775808\r\n', 'invalid multibulk length'],
    ['*-9223372036854775809\r\n', 'invalid multibulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$1 \r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    ['*1\r\nxPING\r\n', "expected '$', got 'x'"],
    ['*1\r\n\x01\r\n', "expected '$', got '\x01'"],
    ['*1\r\n*1\r\n', "expected '$', got '*'"],
    ['*1\r\n\r\n\r\n', "expected '$', got '\r'"],
    ['get "a\r\n', 'unbalanced quotes in request'],
    [`*${'1'.repeat(65_536)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(65_536)}`, 'too big bulk count string'],
    [`*${'1'.repeat(65_536)}\r\n`, 'too big mbulk count string'],
    ['x'.repeat(65_537), 'too big inline request'],
    [`${'x'.repeat(65_537)}\n`, 'too big inline request'],
  ])('%j', (wire, message) => {
    expect(errorOf(wire)).toBe(message);
  });

  test.each([
    '*2147483647\r\n',
    '*-9223372036854775808\r\n',
    '*1\r\n$536870912\r\n',
    'x'.repeat(65_536),
    `*${'1'.repeat(65_535)}`,
    '*1\r\nxPING',
  ])('the limit itself, or a line without its end, waits: %.20s', (wire) => {
    expect(errorOf(wire)).toBe('no error');
  });

  test('the reply', () => {
    expect(new ProtocolError('invalid bulk length').reply).toBe(
      'ERR Protocol error: invalid bulk length',
    );
  });

  test('limits are read anew each time', () => {
    const limits = { ...DEFAULT_LIMITS };
    const parser = new RequestParser(limits);
    parser.push(Buffer.from('*1\r\n$5\r\nhello\r\n*1\r\n$5\r\nhello\r\n'));
    expect(parser.next()).toBe(true);
    limits.bulkBytes = 4;
    expect(() => parser.next()).toThrow('invalid bulk length');
  });

  test('limits of the caller', () => {
    expect(errorOf('*3\r\n', limited({ multibulkCount: 2 }))).toBe('invalid multibulk length');
    expect(errorOf('PING\n', limited({ inlineBytes: 3 }))).toBe('too big inline request');
  });

  test('unauthenticated clients may send ten arguments of 16 KiB', () => {
    const unauthenticated = (): RequestParser => {
      const parser = new RequestParser();
      parser.authenticated = false;
      return parser;
    };
    expect(errorOf('*10\r\n$16384\r\n', unauthenticated())).toBe('no error');
    expect(errorOf('*11\r\n', unauthenticated())).toBe('unauthenticated multibulk length');
    expect(errorOf('*1\r\n$16385\r\n', unauthenticated())).toBe('unauthenticated bulk length');
  });
});

describe('what is held', () => {
  test('bufferedBytes counts what waits and what a request has so far', () => {
    const parser = new RequestParser();
    const wire = Buffer.from(encodeRequest(['SET', 'key', 'z'.repeat(20_000)]));
    const at = wire.length - 3000;
    parser.push(wire, 0, at);
    expect(parser.next()).toBe(false);
    parser.retain();
    expect(parser.bufferedBytes).toBe(6 + 20_000 - (3000 - 2));
    parser.push(wire, at);
    expect(parser.next()).toBe(true);
    expect(parser.bufferedBytes).toBe(0);
  });

  test('nothing of a request that is done, but room for what was cut', () => {
    const parser = new RequestParser();
    const wire = Buffer.from(`${encodeRequest(['SET', 'key', 'value'])}*1\r\n$4\r\nPI`);
    parser.push(wire);
    expect(parser.next()).toBe(true);
    expect(parser.next()).toBe(false);
    expect(parser.freeBytes).toBe(0);
    parser.retain();
    expect(parser.args).toEqual([]);
    expect([parser.unparsedBytes, parser.pendingBytes]).toEqual([2, 0]);
    expect(parser.freeBytes).toBeGreaterThanOrEqual(0);
  });

  test('an announced length or count allocates nothing', () => {
    const before = process.memoryUsage();
    const parsers = Array.from({ length: 50 }, () => {
      const parser = new RequestParser();
      parser.push(Buffer.from('*2147483647\r\n$536870912\r\nabc'));
      expect(parser.next()).toBe(false);
      parser.retain();
      return parser;
    });
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1_000_000);
    expect(parsers.map((parser) => parser.bufferedBytes)).toEqual(parsers.map(() => 3));
  });
});

describe('work is linear', () => {
  /** Bytes copied for a wire that comes in pieces of one size. */
  function copied(wire: Buffer, pieceBytes: number, parse: boolean): number {
    const input = new InputWindow();
    const parser = new RequestParser(DEFAULT_LIMITS, input);
    for (let at = 0; at < wire.length; at += pieceBytes) {
      parser.push(Buffer.from(wire.subarray(at, at + pieceBytes)));
      while (parse && parser.next());
      parser.retain();
    }
    return input.copiedBytes;
  }

  test('a value of megabytes in 64 KiB reads: at most one chunk and a bit a read is copied', () => {
    const wire = Buffer.from(encodeRequest(['SET', 'k', 'v'.repeat(16 * 1024 * 1024)]));
    const reads = Math.ceil(wire.length / 65_536);
    expect(copied(wire, 65_536, true)).toBeLessThanOrEqual(reads * 2 * CHUNK_BYTES);
  });

  test.each([1, 7, 100])('values in pieces of %i bytes: each is copied a few times', (piece) => {
    const wire = Buffer.from(encodeRequest(['SET', 'k', 'v'.repeat(100_000)]));
    expect(copied(wire, piece, true)).toBeLessThan(4 * wire.length);
  });

  test('pushes that nobody reads are copied a few times', () => {
    const wire = Buffer.from(encodeRequest(['GET', 'k']).repeat(50_000));
    expect(copied(wire, 1000, false)).toBeLessThan(4 * wire.length);
  });

  test('a pipeline in whole reads is not copied but for the request that is cut', () => {
    const wire = Buffer.from(encodeRequest(['GET', 'key:000000012345']).repeat(50_000));
    const reads = Math.ceil(wire.length / 65_536);
    expect(copied(wire, 65_536, true)).toBeLessThan(reads * 100);
  });
});
