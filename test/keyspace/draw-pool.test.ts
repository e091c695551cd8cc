/** A pool has what is put in and not taken out, and draws each record as often as any other. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { DrawPool } from '../../src/keyspace/draw-pool.js';
import { DataRecord } from '../../src/keyspace/record-table.js';

const RECORDS = 30;

const step = fc.oneof(
  fc.record({ kind: fc.constant('toggle' as const), i: fc.nat(RECORDS - 1) }),
  fc.record({ kind: fc.constant('draw' as const), takes: fc.boolean() }),
  fc.record({ kind: fc.constant('sample' as const), count: fc.nat(RECORDS + 5) }),
);

const seed = fc.integer({ min: 1, max: 2 ** 31 - 2 });

function recordsOf(count: number): DataRecord[] {
  return Array.from({ length: count }, (_, i) => new DataRecord(String(i), i, '', 1));
}

test('is a set of records', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), seed, (steps, start) => {
      const random = seededRandom(start);
      const records = recordsOf(RECORDS);
      const model = new Set(records.slice(0, RECORDS / 2));
      const pool = new DrawPool([...model]);
      const remove = (record: DataRecord) => {
        pool.remove(record);
        model.delete(record);
      };
      for (const step of steps) {
        if (step.kind === 'toggle') {
          const record = records[step.i] as DataRecord;
          if (model.has(record)) {
            remove(record);
          } else {
            pool.add(record);
            model.add(record);
          }
        } else if (step.kind === 'draw') {
          const drawn = pool.draw(random);
          if (drawn === undefined) {
            expect(model.size).toBe(0);
          } else {
            expect(model).toContain(drawn);
            if (step.takes) remove(drawn);
          }
        } else {
          const sample = pool.sample(step.count, random);
          expect(sample).toHaveLength(Math.min(step.count, model.size));
          expect(new Set(sample).size).toBe(sample.length);
          for (const record of sample) expect(model).toContain(record);
        }
        expect(pool.size).toBe(model.size);
      }
    }),
  );
});

/** Counts of 10 things that are as likely as each other, of 10,000: beyond six standard deviations is no chance. */
function expectEven(counts: readonly number[]): void {
  expect(counts).toHaveLength(10);
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(6 * 30);
}

test.each(['draw', 'sample'] as const)(
  '%s chooses each as often as any other, some being gone',
  (way) => {
    const random = seededRandom(7);
    const records = recordsOf(20);
    const counts = new Map<DataRecord, number>();
    for (let i = 0; i < 10_000; i++) {
      const pool = new DrawPool([...records]);
      for (let gone = 1; gone < 20; gone += 2) pool.remove(records[gone] as DataRecord);
      const record = way === 'draw' ? pool.draw(random) : pool.sample(1, random)[0];
      counts.set(record as DataRecord, (counts.get(record as DataRecord) ?? 0) + 1);
    }
    expectEven([...counts.values()]);
  },
);
