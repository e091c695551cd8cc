import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Entry } from '../../src/keyspace/entry.js';
import { EntryTable } from '../../src/keyspace/entry-table.js';
import { MembershipFilter } from '../../src/keyspace/membership-filter.js';
import { Space } from '../../src/keyspace/space.js';

const home = new Space(1, new MembershipFilter());

/** Few hashes for many names, negative ones among them. */
function entryOf(name: number): Entry {
  return new Entry(`k${name}`, `k${name}`, home, 0, (name % 7) * 0x1234_5679 - 0x1fff_ffff);
}

test('holds what a Map would, collisions and all', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 40 })), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (operations) => {
      const table = new EntryTable();
      const model = new Map<string, Entry>();
      for (const [adds, number] of operations) {
        const { name, hash } = entryOf(number);
        const known = model.get(name);
        if (adds && known === undefined) {
          const entry = entryOf(number);
          table.add(entry);
          model.set(name, entry);
        } else if (!adds) {
          table.remove(known ?? entryOf(number));
          model.delete(name);
        }
        expect(table.get(name, hash)).toBe(model.get(name));
        expect(table.size).toBe(model.size);
      }
      expect(new Set(table.entries())).toEqual(new Set(model.values()));
      for (const [name, entry] of model) expect(table.get(name, entry.hash)).toBe(entry);
    }),
  );
});

test('does not take an equal hash for an equal name', () => {
  const table = new EntryTable();
  table.add(entryOf(1));
  expect(table.get('other', entryOf(1).hash)).toBeUndefined();
});

test('between two hashes lie all entries that have one of these, and few others', () => {
  const table = new EntryTable();
  for (let i = 0; i < 1000; i++) {
    table.add(new Entry(`k${i}`, `k${i}`, home, 0, Math.imul(i, 0x9e37_79b1)));
  }
  const [from, to] = [0x7f00_0000, 0x8fff_ffff];
  const wanted = [...table.entries()].filter(({ hash }) => hash >>> 0 >= from && hash >>> 0 <= to);
  const found = new Set(table.between(from, to));
  for (const entry of wanted) expect(found).toContain(entry);
  expect(found.size).toBeLessThan(wanted.length + 10);
});
