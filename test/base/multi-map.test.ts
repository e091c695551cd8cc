/** The map with several values to a key, against a map of sets. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MultiMap } from '../../src/base/multi-map.js';

const VALUES = [{ name: 'a' }, { name: 'b' }, { name: 'c' }] as const;
type Value = (typeof VALUES)[number];

const action = fc.record({
  kind: fc.constantFrom('add', 'delete', 'take'),
  key: fc.integer({ min: 0, max: 3 }),
  value: fc.constantFrom(...VALUES),
});

test('is a map of sets without the empty ones', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const map = new MultiMap<number, Value>();
      const model = new Map<number, Set<Value>>();
      for (const { kind, key, value } of actions) {
        const values = model.get(key) ?? new Set();
        if (kind === 'add') {
          expect(map.add(key, value)).toBe(!values.has(value));
          model.set(key, values.add(value));
        } else if (kind === 'delete') {
          expect(map.delete(key, value)).toBe(values.delete(value));
        } else {
          expect(map.take(key)).toEqual([...values]);
          values.clear();
        }
        if (values.size === 0) model.delete(key);
        expect([...map.keys()]).toEqual([...model.keys()]);
        expect(map.oldest(2)).toEqual([...model.keys()].slice(0, 2));
        expect(map.size).toBe(model.size);
        expect(map.pairs).toBe([...model.values()].reduce((sum, { size }) => sum + size, 0));
        for (let each = 0; each <= 3; each++) {
          expect(map.has(each)).toBe(model.has(each));
          expect(map.get(each)).toEqual([...(model.get(each) ?? [])]);
        }
      }
    }),
  );
});
