import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resp2, resp3 } from '../../src/protocol/encoder.js';
import type { Reply, ReplyEncoder } from '../../src/protocol/reply.js';
import {
  AttributedReply,
  PushMessage,
  ReplyFailure,
  ReplyParser,
  type ReplyValue,
  VerbatimText,
} from '../../src/protocol/reply-parser.js';

function parse(wire: string): ReplyValue[] {
  return new ReplyParser().feed(wire);
}

const byteText = fc
  .uint8Array({ maxLength: 30 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

const scalar = fc.oneof(
  byteText,
  fc.integer(),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 80n }),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noInteger: true }),
  byteText.map((text) => new VerbatimText('txt', text)),
  fc.stringMatching(/^ERR [a-z ]*$/).map((text) => new ReplyFailure(text)),
);

const { value: anyValue } = fc.letrec<{ value: ReplyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.uniqueArray(byteText, { maxLength: 5 }).map((items) => new Set<ReplyValue>(items)),
    fc
      .uniqueArray(fc.tuple(byteText, tie('value')), { maxLength: 5, selector: ([key]) => key })
      .map((entries) => new Map<ReplyValue, ReplyValue>(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new PushMessage(items)),
  ),
}));

function encodeAll(to: ReplyEncoder, values: Iterable<ReplyValue>): Reply[] {
  return Array.from(values, (value) => encode(to, value));
}

function encode(to: ReplyEncoder, value: ReplyValue): Reply {
  if (value === null) return to.nullBulk;
  if (typeof value === 'string') return to.bulk(value);
  if (typeof value === 'bigint') return to.bigNumber(value);
  if (typeof value === 'boolean') return to.boolean(value);
  if (typeof value === 'number') {
    return Number.isInteger(value) ? to.integer(value) : to.double(value);
  }
  if (value instanceof ReplyFailure) return to.error(value.message);
  if (value instanceof VerbatimText) return to.verbatim(value.format, value.text);
  return encodeMany(to, value);
}

function encodeMany(to: ReplyEncoder, value: ReplyValue): Reply {
  if (Array.isArray(value)) return to.array(encodeAll(to, value));
  if (value instanceof Set) return to.set(encodeAll(to, value));
  if (value instanceof Map) return to.map(encodeAll(to, [...value].flat(1) as ReplyValue[]));
  if (value instanceof PushMessage) return to.push(encodeAll(to, value.items));
  throw new Error('not a value of this test');
}

describe('round trip', () => {
  test('what RESP3 says comes back, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(anyValue), fc.array(fc.integer({ min: 1, max: 20 })), (values, cuts) => {
        const wire = encodeAll(resp3, values).join('');
        const parser = new ReplyParser();
        const parsed: ReplyValue[] = [];
        let at = 0;
        for (const size of [...cuts, wire.length]) {
          parsed.push(...parser.feed(Buffer.from(wire.slice(at, at + size), 'latin1')));
          at += size;
        }
        expect(parsed).toEqual(values);
      }),
      { verbose: 1 },
    );
  });

  test('RESP2 flattens', () => {
    const values = [new Map([['a', true]]), new Set(['b']), 1.5, null, 10n ** 20n];
    expect(parse(encodeAll(resp2, values as ReplyValue[]).join(''))).toEqual([
      ['a', 1],
      ['b'],
      '1.5',
      null,
      '100000000000000000000',
    ]);
  });

  test('an attribute goes with the reply after it', () => {
    const wire = `${resp3.attribute([resp3.bulk('ttl'), resp3.integer(3)])}${resp3.bulk('v')}`;
    expect(parse(wire)).toEqual([new AttributedReply(new Map([['ttl', 3]]), 'v')]);
  });
});

describe('by hand', () => {
  test.each<[string, ReplyValue]>([
    ['+\r\n', ''],
    ['*-1\r\n', null],
    ['_\r\n', null],
    ['!8\r\nERR a\r\nb\r\n', new ReplyFailure('ERR a\r\nb')],
    [':9223372036854775807\r\n', 9223372036854775807n],
    [',inf\r\n', Infinity],
    [',-inf\r\n', -Infinity],
    [',nan\r\n', Number.NaN],
    [',3\r\n', 3],
  ])('%j', (wire, value) => {
    expect(parse(wire)).toEqual([value]);
  });

  test.each([
    '?1\r\n',
    'hello\r\n',
    ':x\r\n',
    ':\r\n',
    ',x\r\n',
    '$x\r\n',
    '$-2\r\n',
    '%-1\r\n',
    '$1\r\nabc\r\n',
    '\r\n',
  ])('%j is no reply', (wire) => {
    expect(() => parse(wire)).toThrow();
  });
});
