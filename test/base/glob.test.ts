/** Glob patterns: each kind of token, and patterns made to take for ever. */

import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/base/glob.js';
import { seed } from '../support/seed.js';

test.each([
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h*llo', 'heeeello', true],
  ['h[ae]llo', 'hallo', true],
  ['h[ae]llo', 'hillo', false],
  ['h[^e]llo', 'hello', false],
  ['h[^e]llo', 'hbllo', true],
  ['h[a-b]llo', 'hbllo', true],
  ['h[b-a]llo', 'hallo', true],
  ['h\\*llo', 'h*llo', true],
  ['h\\*llo', 'hello', false],
  ['[\\]]', ']', true],
  ['[abc', 'c', true],
  ['[a-]', '^', true],
  ['a\\', 'a\\', true],
  ['*', 'anything', true],
  ['**a**', 'banana', true],
  ['*ab*ac', 'abacab', false],
  ['*ab*ac', 'ababac', true],
  ['', '', true],
  ['*', '', false],
  ['a', 'ab', false],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test('case is ignored on demand, for ASCII only', () => {
  expect(matchesGlob('H[A-C]*', 'hbLLO', true)).toBe(true);
  expect(matchesGlob('H*', 'hello')).toBe(false);
  expect(matchesGlob('\xc0', '\xe0', true)).toBe(false);
});

test('a thousand stars take no longer than one', () => {
  const start = performance.now();
  expect(matchesGlob(`${'a*'.repeat(1000)}b`, 'a'.repeat(20_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});

test('what is long on both sides is given up', () => {
  const [half, all] = ['a'.repeat(500_000), 'a'.repeat(1_000_000)];
  expect(matchesGlob(`*${half}b`, all)).toBe(false);
  expect(matchesGlob(`*[${half}]b`, all)).toBe(false);
  expect(matchesGlob(`*${half.slice(1000)}`, half)).toBe(true);
  expect(matchesGlob(`*${half.slice(1000)}?`, half)).toBe(false);
  expect(matchesGlob(`*${half.slice(10)}`, half)).toBe(true);
  expect(matchesGlob('*[0-9]x', `${all}7x`)).toBe(true);
  expect(matchesGlob(`*${half}b${half}*`, all)).toBe(false);
});

test('patterns of letters, ? and * are regular expressions', () => {
  let state = seed;
  const pick = (letters: string): string => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return letters.charAt(state % letters.length);
  };
  const word = (letters: string, most: number): string =>
    Array.from({ length: 1 + (Number(pick('123456789')) % most) }, () => pick(letters)).join('');
  for (let i = 0; i < 20_000; i++) {
    const pattern = word('ab*?*', 9);
    const text = word('ab', 9);
    const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
    const expected = new RegExp(`^${source}$`).test(text);
    expect(matchesGlob(pattern, text), `${pattern} and ${text}, seed ${seed}`).toBe(expected);
  }
});

test('long text between stars is found quickly', () => {
  const start = performance.now();
  const text = 'a'.repeat(10_000);
  for (let i = 0; i < 50; i++) expect(matchesGlob(`*${'a'.repeat(900)}b*`, text)).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});
