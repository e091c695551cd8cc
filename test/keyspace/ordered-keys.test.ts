import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedKeys } from '../../src/keyspace/ordered-keys.js';

const key = fc.string({ unit: 'binary-ascii', maxLength: 3 });
const step = fc.tuple(fc.constantFrom('add', 'delete'), key);

test('is a sorted set with ranks', () => {
  fc.assert(
    fc.property(fc.array(key), fc.array(step, { maxLength: 300 }), key, (initial, steps, probe) => {
      const model = new Set(initial);
      const keys = new OrderedKeys([...model].sort());
      for (const [kind, name] of steps) {
        if (kind === 'add') {
          keys.add(name);
          model.add(name);
        } else {
          keys.delete(name);
          model.delete(name);
        }
        expect(keys.rank(probe)).toBe([...model].filter((other) => other < probe).length);
      }
      const sorted = [...model].sort();
      expect(keys.size).toBe(sorted.length);
      expect(keys.slice(0, keys.size)).toEqual(sorted);
      for (const [rank, name] of sorted.entries()) {
        expect(keys.slice(rank, rank + 1)).toEqual([name]);
        expect(keys.rank(name)).toBe(rank);
      }
      expect(keys.slice(sorted.length, sorted.length + 1)).toEqual([]);
    }),
  );
});

test('holds many keys in many blocks, however they come and go', () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_000);
  const name = (n: number) => String(n).padStart(5, '0');
  for (const order of [numbers, [...numbers].sort((a, b) => a - b)]) {
    const keys = new OrderedKeys();
    for (const n of order) keys.add(name(n));
    expect(keys.slice(9_990, 10_010)).toEqual(
      Array.from({ length: 20 }, (_, i) => name(9_990 + i)),
    );
    for (const n of numbers) if (n % 3 !== 0) keys.delete(name(n));
    expect(keys.size).toBe(6_667);
    expect(keys.slice(5_000, 5_001)).toEqual(['15000']);
    expect(keys.rank('15001')).toBe(5_001);
    for (const n of numbers) keys.delete(name(n));
    expect(keys.slice(0, 10)).toEqual([]);
    expect(keys.rank('x')).toBe(0);
  }
});

test('keys by rank are removed, and others come between, in many blocks', () => {
  const names = Array.from({ length: 5_000 }, (_, i) =>
    String((i * 7919) % 5_000).padStart(4, '0'),
  );
  const keys = new OrderedKeys([...names].sort());
  const model = [...names].sort();
  for (let i = 0; model.length > 0; i = (i * 31 + 17) % 65_521) {
    const rank = i % model.length;
    expect(keys.slice(rank, rank + 1)).toEqual([model[rank]]);
    const added = `${model[i % model.length]}x${i}`;
    if (i % 3 === 0) {
      keys.add(added);
      keys.delete(added);
    }
    const [gone] = model.splice(rank, 1);
    keys.delete(gone as string);
    expect(keys.size).toBe(model.length);
  }
});

test('what a window of many keys leaves behind takes no blocks of its own', () => {
  const keys = new OrderedKeys();
  const name = (n: number) => String(n).padStart(6, '0');
  const window = 2_000;
  const left: string[] = [];
  for (let n = 0; n < 60_000; n++) {
    keys.add(name(n));
    // One of a hundred stays, as of a collection of which pieces are evicted.
    if (n >= window && (n - window) % 100 !== 0) keys.delete(name(n - window));
  }
  for (let n = 0; n < 60_000; n++) if (n >= 58_000 || n % 100 === 0) left.push(name(n));
  expect(keys.slice(0, keys.size)).toEqual(left);
  expect(keys.blocks).toBeLessThan(40);
});
