/** The records of a collection behave as a Map of them, while the table grows and shrinks. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { yieldTurn } from '../../src/base/yield-turn.js';
import { RecordTable } from '../../src/keyspace/record-table.js';

const step = fc.record({
  name: fc.integer({ min: 0, max: 300 }).map((i) => `\x02name${i}`),
  adds: fc.boolean(),
});

function contents(table: RecordTable): [string, string | undefined][] {
  const found: [string, string | undefined][] = [];
  table.forEach(({ sub, value }) => {
    found.push([sub, value]);
  });
  return found.sort();
}

test('holds what a Map would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1000 }), (steps) => {
      const table = new RecordTable();
      const model = new Map<string, string>();
      for (const [i, { name, adds }] of steps.entries()) {
        const record = table.find(name);
        expect(record?.value).toBe(model.get(name));
        if (adds && record === undefined) {
          table.add(name, String(i), i);
          model.set(name, String(i));
        } else if (!adds && record !== undefined) {
          table.remove(record);
          model.delete(name);
        }
      }
      expect(table.size).toBe(model.size);
      expect(contents(table)).toEqual([...model].sort());
    }),
  );
});

test('many come and go, and each is found meanwhile', () => {
  const table = new RecordTable();
  const names = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
  for (const name of names) table.add(name, name, 1);
  for (const name of names) expect(table.find(name)?.value).toBe(name);
  for (const [i, name] of names.entries()) {
    const record = table.find(name);
    if (i % 100 !== 0 && record !== undefined) table.remove(record);
  }
  expect(table.size).toBe(200);
  for (const [i, name] of names.entries())
    expect(table.find(name) !== undefined).toBe(i % 100 === 0);
});

test('a part at a time, all are passed in a round, though others go', () => {
  const table = new RecordTable();
  for (let i = 0; i < 1000; i++) table.add(`n${i}`, undefined, 0);
  const seen = new Set<string>();
  for (let parts = 0; parts < 20; parts++) {
    const part = table.next(50);
    expect(part.length).toBeGreaterThanOrEqual(50);
    expect(part.length).toBeLessThan(80);
    for (const { sub } of part) seen.add(sub);
  }
  expect(seen.size).toBe(1000);
  expect(table.next(Number.POSITIVE_INFINITY)).toHaveLength(1000);
  while (table.size > 0) for (const record of table.next(50)) table.remove(record);
  expect(table.next(50)).toEqual([]);
});

test.each([
  ['grow', 40_000],
  ['shrink', 10],
])(
  'what stays is visited once, though others come and go meanwhile: the table is to %s',
  async (_, added) => {
    const table = new RecordTable();
    for (let i = 0; i < 20_000; i++) table.add(`n${i}`, '', 0);
    const seen: string[] = [];
    let isDone = false;
    const done = table
      .forEachPaced(({ sub }) => seen.push(sub))
      .then(() => {
        isDone = true;
      });
    for (let turn = 0; !isDone; turn++) {
      for (let i = turn * 5000; i < (turn + 1) * 5000; i++) {
        const record = i % 10 === 0 ? undefined : table.find(`n${i}`);
        if (record !== undefined) table.remove(record);
        if (i < added) table.add(`new${i}`, '', 0);
      }
      await yieldTurn();
    }
    await done;
    const staying = Array.from({ length: 2_000 }, (_, i) => `n${i * 10}`);
    const isStaying = new Set(staying);
    expect(seen.filter((name) => isStaying.has(name)).sort()).toEqual(staying.sort());
    for (const name of staying) expect(table.find(name)?.sub).toBe(name);
    expect(contents(table)).toHaveLength(table.size);
  },
);
