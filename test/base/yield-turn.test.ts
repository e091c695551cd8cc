/** Long work in slices: how many go on in a turn of the event loop. */

import { expect, test } from 'vitest';
import { yieldTurn } from '../../src/base/yield-turn.js';

test('of many that wait, one goes on each turn, in the order in which they came', async () => {
  const log: string[] = [];
  const work = async (name: string): Promise<void> => {
    for (let i = 0; i < 2; i++) {
      await yieldTurn();
      log.push(name);
    }
  };
  const all = Promise.all(['a', 'b', 'c'].map(work));
  const turns: number[] = [];
  while (log.length < 6) {
    await new Promise((resolve) => setImmediate(resolve));
    turns.push(log.length);
  }
  await all;
  expect(log).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  for (const [i, count] of turns.entries()) expect(count - (turns[i - 1] ?? 0)).toBeLessThan(3);
});
