/** Times that are not folded yet: taken when due, each key's last one, in memory bounded by the keys. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import { ActiveExpiry } from '../../src/keyspace/active-expiry.js';
import { Entry } from '../../src/keyspace/entry.js';
import { ExpiryQueue } from '../../src/keyspace/expiry-queue.js';
import { inlineString } from '../../src/keyspace/header.js';
import { MembershipFilter } from '../../src/keyspace/membership-filter.js';
import { Space } from '../../src/keyspace/space.js';
import { World } from './world.js';

function entriesOf(count: number): Entry[] {
  const space = new Space(0, new MembershipFilter());
  return Array.from({ length: count }, (_, i) => new Entry(`${i}`, `${i}`, space, 0, 0));
}

const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ key: fc.nat(20), at: fc.nat(100) }) },
  { weight: 3, arbitrary: fc.record({ now: fc.nat(100), limit: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ fold: fc.boolean() }) },
);

test('what is taken is due, is what was noted last in its segment, and comes once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ExpiryQueue();
      const entries = entriesOf(21);
      const model = new Map<number, Map<Entry, number>>([[0, new Map()]]);
      let segment = 0;
      for (const each of steps) {
        if ('key' in each) {
          const entry = entries[each.key] as Entry;
          queue.schedule(entry, each.at);
          model.get(segment)?.set(entry, each.at);
        } else if ('fold' in each) {
          queue.cut(++segment);
          model.set(segment, new Map());
          if (each.fold) queue.advance(segment - 1);
          if (each.fold) for (const old of model.keys()) if (old < segment) model.delete(old);
        } else {
          checkTaken(queue.take(each.now, each.limit), model, each);
        }
        const sizes = [...model.values()].map(({ size }) => size);
        expect(queue.size).toBe(sizes.reduce((a, b) => a + b));
      }
    }),
  );
});

function checkTaken(
  taken: readonly Entry[],
  model: ReadonlyMap<number, Map<Entry, number>>,
  { now, limit }: { now: number; limit: number },
): void {
  const expected: number[] = [];
  for (const times of model.values()) {
    const due = [...times.values()].filter((at) => at <= now).sort((a, b) => a - b);
    expected.push(...due.slice(0, limit - expected.length));
  }
  expect(taken.length).toBe(expected.length);
  for (const entry of taken) {
    const at = expected.shift();
    const times = [...model.values()].find((each) => each.get(entry) === at);
    expect(times?.delete(entry)).toBe(true);
  }
}

test('setting the time of a key again and again takes no memory', async () => {
  const world = await World.open();
  for (let i = 0; i < 1000; i++) {
    const at = world.clock.now() + 10_000 + i;
    await world.turn((db) => void db.put('a', inlineString('x', at)));
    await world.turn((db) => void db.setExpiry('a', at + 5000));
  }
  expect(world.keyspace.expiry.size).toBe(1);
  await world.close();
});

test('a time whose change is undone counts again', async () => {
  const world = await World.open();
  await world.set('a', inlineString('x', world.clock.now() + 10));
  world.files.failWrite = (path) => systemError('ENOSPC', path);
  const later = world.clock.now() + 10_000;
  await expect(world.turn((db) => void db.setExpiry('a', later))).rejects.toThrow();
  world.files.failWrite = undefined;
  await world.set('b', 'x');
  world.clock.milliseconds += 10;
  let expired = 0;
  await new ActiveExpiry(world.keyspace, world.logger, () => expired++).run();
  expect(expired).toBe(1);
  await world.endTurn();
  await world.close();
});
