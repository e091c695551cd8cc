import { describe, expect, test } from 'vitest';
import { splitInline } from '../../src/protocol/inline.js';

function split(line: string): readonly unknown[] | undefined {
  const bytes = Buffer.from(`<${line}>`, 'latin1');
  return splitInline(bytes, 1, bytes.length - 1);
}

describe('words', () => {
  test.each([
    ['', []],
    [' \t ', []],
    ['PING', ['PING']],
    ['  set  key\tvalue ', ['set', 'key', 'value']],
    ['""', ['']],
    ["''", ['']],
    ['set k "a b"', ['set', 'k', 'a b']],
    ['abc"def g"', ['abcdef g']],
    ['"\\x41\\x0a\\xff"', ['A\n\xff']],
    ['"\\xZZ\\x4"', ['xZZx4']],
    ['"\\n\\r\\t\\b\\a\\q\\"\\\\"', ['\n\r\t\b\x07q"\\']],
    ["'a\\nb\\'c\"'", ['a\\nb\'c"']],
    ['a\\nb', ['a\\nb']],
    ['a\x0bb', ['a\x0bb']],
    ['\x0ba "x"\x0b', ['a', 'x']],
    ['a\x00b', ['a\x00b']],
    ['caf\xe9', ['caf\xe9']],
  ])('%j', (line, words) => {
    expect(split(line)).toEqual(words);
  });
});

describe('unbalanced quotes', () => {
  test.each(['"', "'", '"a', "a'b", '"a\\"', '"a\\', "'a\\'", '"a"b', "'a'b", '"a""b"'])(
    '%j',
    (line) => {
      expect(split(line)).toBeUndefined();
    },
  );
});
