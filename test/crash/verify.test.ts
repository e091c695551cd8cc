/** The crash loop's judgement: what a kill may leave, and what it may not. */

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { makeGenerator } from './generator.js';
import { apply, type Command } from './model.js';
import type { KeyState } from './model-value.js';
import { applySent, possibleStates } from './transactions.js';
import { differencesOf, type Reading } from './verify.js';

const KEYS = ['a', 'b', 'c'];
const NOW = 1_000_000;

function stateOf(...commands: Command[]): KeyState {
  const state: KeyState = new Map();
  for (const command of commands) apply(state, command);
  return state;
}

function readingOf(...commands: Command[]): Reading {
  return { state: stateOf(...commands), from: NOW, to: NOW + 5 };
}

/** Whether a reading is one of the states that the kill may have left. */
function isAllowed(acknowledged: KeyState, inFlight: Command[], reading: Reading): boolean {
  return possibleStates(acknowledged, inFlight).some(
    (state) => differencesOf(KEYS, state, reading).length === 0,
  );
}

describe('what a kill may leave', () => {
  const acknowledged = stateOf(['SET', 'a', '1'], ['SET', 'b', '2']);
  const inFlight: Command[] = [
    ['MSET', 'a', 'x', 'b', 'y'],
    ['RENAME', 'a', 'c'],
  ];

  it.each([
    ['nothing in flight happened', [['MSET', 'a', '1', 'b', '2']]],
    ['the first happened', [['MSET', 'a', 'x', 'b', 'y']]],
    ['all happened', [['MSET', 'c', 'x', 'b', 'y']]],
  ] as [string, Command[]][])('allows that %s', (_, commands) => {
    expect(isAllowed(acknowledged, inFlight, readingOf(...commands))).toBe(true);
  });

  it.each([
    ['an acknowledged key is lost', [['SET', 'a', '1']]],
    ['an acknowledged value is old', [['MSET', 'a', '0', 'b', '2']]],
    ['half of an MSET happened', [['MSET', 'a', 'x', 'b', '2']]],
    ['a renamed key is there twice', [['MSET', 'a', 'x', 'b', 'y', 'c', 'x']]],
    ['a renamed key is nowhere', [['MSET', 'b', 'y']]],
    ['the second happened without the first', [['MSET', 'c', '1', 'b', '2']]],
  ] as [string, Command[]][])('refuses that %s', (_, commands) => {
    expect(isAllowed(acknowledged, inFlight, readingOf(...commands))).toBe(false);
  });
});

describe('expiry', () => {
  const at = (time: number): KeyState => stateOf(['SET', 'a', '1', 'PXAT', String(time)]);

  it('wants an expired key gone, a living one there, and leaves the moment itself open', () => {
    const [absent, present] = [
      readingOf(),
      (time: number) => ({ ...readingOf(), state: at(time) }),
    ];
    expect(differencesOf(KEYS, at(NOW - 1), absent)).toEqual([]);
    expect(differencesOf(KEYS, at(NOW - 1), present(NOW - 1))).toEqual(['a: should have expired']);
    expect(differencesOf(KEYS, at(NOW + 100), absent)).toEqual(['a: is lost']);
    expect(differencesOf(KEYS, at(NOW + 2), absent)).toEqual([]);
    expect(differencesOf(KEYS, at(NOW + 2), present(NOW + 2))).toEqual([]);
  });

  it('notices a wrong or missing time to live', () => {
    const withoutExpiry = readingOf(['SET', 'a', '1']);
    expect(differencesOf(KEYS, at(NOW + 100), withoutExpiry)).toEqual([
      `a: expires at 0, not ${NOW + 100}`,
    ]);
  });
});

describe('values', () => {
  it('tells where a mixed value goes wrong', () => {
    const expected = stateOf(['SET', 'a', 'xxxxyyyy']);
    const [difference] = differencesOf(KEYS, expected, readingOf(['SET', 'a', 'xxxxzzzz']));
    expect(difference).toContain('from 4 on');
  });

  it('pads and overwrites as SETRANGE does', () => {
    expect(stateOf(['SETRANGE', 'a', '2', 'xy']).get('a')?.value).toBe('\0\0xy');
    expect(stateOf(['SET', 'a', 'abcdef'], ['SETRANGE', 'a', '1', 'XY']).get('a')?.value).toBe(
      'aXYdef',
    );
    expect(stateOf(['SETRANGE', 'a', '2', '']).has('a')).toBe(false);
    expect(stateOf(['APPEND', 'a', '']).get('a')?.value).toBe('');
  });
});

describe('the generator', () => {
  it('makes only commands that the model knows, on its own keys', () => {
    const generator = makeGenerator(3, seededRandom(1));
    const state: KeyState = new Map();
    const names = new Set<string>();
    for (let index = 0; index < 5000; index++) {
      const command = generator.next(state);
      names.add(command[0] ?? '');
      applySent(state, command);
    }
    expect([...state.keys()].every((key) => generator.keys.includes(key))).toBe(true);
    expect(names.size).toBe(47);
  });
});
