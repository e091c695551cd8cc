/** The bound of a pattern's steps: what stands for which characters, as Lua itself finds it, and which patterns are watched. */

import { expect, test } from 'vitest';
import { classOf, stepsOf } from '../../src/scripting/lua/pattern-cost.js';
import { ScriptThread } from '../../src/scripting/lua/script-thread.js';

const ITEMS = [
  ...['.', 'a', '*', ']', '%.', '%%', '%]', '%*', '%q', '%1'],
  ...[...'acdlpsuwxz'].flatMap((letter) => [`%${letter}`, `%${letter.toUpperCase()}`]),
  ...[
    '[abc]',
    '[^abc]',
    '[a-f0-9]',
    '[%w_]',
    '[^%s,]',
    '[]]',
    '[^]]',
    '[]a]',
    '[a-]',
    '[-a]',
    '[%a-z]',
  ],
  ...[
    '[%]]',
    '[^%]x]',
    '[%-x]',
    '[a-c-e]',
    '[\x80-\xff]',
    '[^^]',
    '[^]a-c]',
    '[%S]',
    '[.*+?]',
    '[[]',
  ],
];

/** What Lua finds: a 1 for each character. */
function matched(item: string): string {
  const options = { memoryBytes: 64 * 1024 * 1024, addLibraries: () => undefined };
  const thread = new ScriptThread({ clock: { now: () => 0, monotonic: () => 0 }, ...options });
  const quoted = [...item].map((character) => `\\${character.charCodeAt(0)}`).join('');
  const reference = thread.compile(
    `local t = {} for i = 0, 255 do t[i + 1] = string.find(string.char(i), "^${quoted}$") and 1 or 0 end
    return table.concat(t)`,
    '=program',
  );
  expect(thread.start(reference, 1, () => 0)).toBe('done');
  return thread.lua.text(thread.thread, -1);
}

test.each(ITEMS.filter((item) => item !== '%1'))('%j stands for what Lua takes it for', (item) => {
  expect(classOf(item).join('')).toBe(matched(item));
});

function steps(subject: string, pattern: string): number {
  return stepsOf(Buffer.from(subject, 'latin1'), pattern);
}

test('what repeats is as long as its longest run', () => {
  const pairs = 'abc=1,'.repeat(1000);
  expect(steps(pairs, '(%w+)=(%w+)')).toBe(6001 * 4 * 4);
  expect(steps(pairs, '^(%w+)=')).toBe(4);
  expect(steps(pairs, '[^,]-,')).toBe(6001 * 6);
  expect(steps(pairs, 'x?y*')).toBe(6001 * 2);
  expect(steps(pairs, '(.*)(.*)')).toBe(6001 ** 3);
  expect(steps(pairs, 'a%*%+%-b')).toBe(6001);
  expect(steps(pairs, '[*+]c')).toBe(6001);
});

test('pairs of brackets, and captures that come again, look at all there is', () => {
  expect(steps('('.repeat(999), '%b()')).toBe(1000 ** 2);
  expect(steps('a'.repeat(639), '(a*)%1')).toBe(640 * 640 * 11);
});
