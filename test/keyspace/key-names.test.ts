/** Where keys are, worked out in one go and once, is where each part of it alone would say. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, locate, NAME_BYTES, nameOf, slotOf } from '../../src/keyspace/key-name.js';
import { KeyNames } from '../../src/keyspace/key-names.js';

const anyByte = fc.nat({ max: 255 }).map((byte) => String.fromCharCode(byte));
const tagged = fc.tuple(fc.string(), fc.string(), fc.string()).map(([a, b, c]) => `${a}{${b}}${c}`);
const anyKey = fc.oneof(
  fc.string({ unit: anyByte }),
  fc.string({ unit: fc.constantFrom('{', '}', 'a') }),
  tagged,
  fc.string({ unit: anyByte, minLength: NAME_BYTES - 1, maxLength: NAME_BYTES + 2 }),
);

test('a key is located where its name, its slot and its hash say', () => {
  fc.assert(
    fc.property(anyKey, fc.integer(), (key, seed) => {
      const name = nameOf(key);
      expect(locate(key, seed)).toEqual({ key, name, slot: slotOf(key), hash: hashOf(name, seed) });
    }),
  );
});

test('keys are found whatever was expected, and in whatever order they are asked for', () => {
  const fewKeys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '{a}', '{b}c'), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fewKeys, fewKeys), { maxLength: 4 }), (batches) => {
      const names = new KeyNames(7);
      for (const [expected, asked] of batches) {
        expect(names.expect(expected)).toEqual(expected.map((key) => locate(key, 7)));
        for (const key of asked) expect(names.of(key)).toEqual(locate(key, 7));
      }
    }),
  );
});

test('what was expected is not worked out again, though some requests ask for none, or for the same', () => {
  const names = new KeyNames(7);
  const [a, , c, d] = names.expect(['a', 'b', 'c', 'd']);
  expect(names.of('a')).toBe(a);
  expect(names.of('a')).toBe(a);
  expect(names.of('c')).toBe(c);
  expect(names.of('other')).toEqual(locate('other', 7));
  expect(names.of('d')).toBe(d);
  const repeated = names.expect(['a', 'a', 'a', 'b', 'PUBLISH', 'CONFIG', 'c']);
  for (const i of [0, 0, 0, 3, 6]) {
    const expected = repeated[i];
    expect(names.of(expected?.key ?? '')).toBe(expected);
  }
});

test('another seed puts every key elsewhere', () => {
  const names = new KeyNames(7);
  names.expect(['a', 'b']);
  names.of('a');
  names.seed = 8;
  for (const key of ['a', 'b', '']) expect(names.of(key)).toEqual(locate(key, 8));
});
