import { describe, expect, test } from 'vitest';
import { PIECE_BYTES, resp2, resp3 } from '../../src/protocol/encoder.js';
import { LargeReply, type Reply, type ReplyEncoder } from '../../src/protocol/reply.js';

type Case = readonly [name: string, make: (to: ReplyEncoder) => Reply, two: string, three: string];

const same = (name: string, make: (to: ReplyEncoder) => Reply, wire: string): Case => [
  name,
  make,
  wire,
  wire,
];

const cases: readonly Case[] = [
  same('ok', (to) => to.ok, '+OK\r\n'),
  ['null bulk', (to) => to.nullBulk, '$-1\r\n', '_\r\n'],
  ['null array', (to) => to.nullArray, '*-1\r\n', '_\r\n'],
  same('empty array', (to) => to.emptyArray, '*0\r\n'),
  same('simple', (to) => to.simple('PONG'), '+PONG\r\n'),
  same('error', (to) => to.error('ERR a\r\nb'), '-ERR a  b\r\n'),
  same('integer', (to) => to.integer(42), ':42\r\n'),
  same('smallest cached integer', (to) => to.integer(-1), ':-1\r\n'),
  same('below the cached', (to) => to.integer(-2), ':-2\r\n'),
  same('largest cached integer', (to) => to.integer(10_000), ':10000\r\n'),
  same('above the cached', (to) => to.integer(10_001), ':10001\r\n'),
  same('minus zero', (to) => to.integer(-0), ':0\r\n'),
  same('64 bits', (to) => to.integer(-(2n ** 63n)), ':-9223372036854775808\r\n'),
  same('bulk', (to) => to.bulk('a\r\n\xff'), '$4\r\na\r\n\xff\r\n'),
  same('empty bulk', (to) => to.bulk(''), '$0\r\n\r\n'),
  same('1023 bytes', (to) => to.bulk('x'.repeat(1023)), `$1023\r\n${'x'.repeat(1023)}\r\n`),
  same('1024 bytes', (to) => to.bulk('x'.repeat(1024)), `$1024\r\n${'x'.repeat(1024)}\r\n`),
  same('bulk or null', (to) => to.bulkOrNull('a'), '$1\r\na\r\n'),
  ['bulk or null: null', (to) => to.bulkOrNull(undefined), '$-1\r\n', '_\r\n'],
  same('array', (to) => to.array([to.integer(1), to.bulk('a')]), '*2\r\n:1\r\n$1\r\na\r\n'),
  same('bulks', (to) => to.bulks(['a', '']), '*2\r\n$1\r\na\r\n$0\r\n\r\n'),
  [
    'map',
    (to) => to.map([to.bulk('a'), to.integer(1)]),
    '*2\r\n$1\r\na\r\n:1\r\n',
    '%1\r\n$1\r\na\r\n:1\r\n',
  ],
  ['set', (to) => to.set([to.integer(1)]), '*1\r\n:1\r\n', '~1\r\n:1\r\n'],
  ['double', (to) => to.double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  ['infinity', (to) => to.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
  ['true', (to) => to.boolean(true), ':1\r\n', '#t\r\n'],
  ['false', (to) => to.boolean(false), ':0\r\n', '#f\r\n'],
  [
    'big number',
    (to) => to.bigNumber(10n ** 20n),
    `$21\r\n1${'0'.repeat(20)}\r\n`,
    `(1${'0'.repeat(20)}\r\n`,
  ],
  ['verbatim', (to) => to.verbatim('txt', 'hi'), '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
  ['push', (to) => to.push([to.bulk('a')]), '*1\r\n$1\r\na\r\n', '>1\r\n$1\r\na\r\n'],
  ['attribute', (to) => to.attribute([to.bulk('a'), to.integer(1)]), '', '|1\r\n$1\r\na\r\n:1\r\n'],
];

describe('every type', () => {
  test.each(cases)('%s', (_name, make, two, three) => {
    expect(make(resp2)).toBe(two);
    expect(make(resp3)).toBe(three);
  });

  test('versions', () => {
    expect([resp2.version, resp3.version]).toEqual([2, 3]);
  });

  test('a map with a key too many is a bug', () => {
    expect(() => resp3.map(['+a\r\n'])).toThrow('bug');
  });
});

describe('large replies', () => {
  const textOf = (reply: Reply): string => {
    expect(reply).toBeInstanceOf(LargeReply);
    return (reply as LargeReply).pieces.join('');
  };

  test('a large bulk', () => {
    expect(textOf(resp2.largeBulk(6, ['abc', 'def']))).toBe('$6\r\nabcdef\r\n');
  });

  test('inside aggregates, in order, sources untouched', () => {
    const source: AsyncIterator<string, undefined> = {
      next: async () => ({ done: true, value: undefined }),
    };
    const large = resp3.largeBulk(3, ['abc', source]);
    const reply = resp3.map([resp3.bulk('k'), resp3.array([large, resp3.integer(1)])]);
    expect((reply as LargeReply).pieces).toEqual([
      '%1\r\n$1\r\nk\r\n',
      '*2\r\n',
      '$3\r\n',
      'abc',
      source,
      '\r\n',
      ':1\r\n',
    ]);
  });

  test('an aggregate is a string up to PIECE_BYTES, and pieces above', () => {
    const item = 'x'.repeat(1000);
    expect(typeof resp2.bulks([item])).toBe('string');
    const items = Array.from({ length: 5000 }, () => item);
    const reply = resp2.bulks(items);
    const wire = `*5000\r\n${items.map((text) => resp2.bulk(text)).join('')}`;
    expect(textOf(reply) === wire).toBe(true);
    for (const piece of (reply as LargeReply).pieces) {
      expect((piece as string).length).toBeLessThan(PIECE_BYTES + 1100);
    }
    expect(textOf(resp2.array(items.map((text) => resp2.bulk(text)))) === wire).toBe(true);
  });
});
