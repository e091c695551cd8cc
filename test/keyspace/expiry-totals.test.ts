/** The sum of times is exact whatever their number and size; a change that is undone counts as never made. */

import { expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import { ExpiryTotals } from '../../src/keyspace/expiry-totals.js';
import { inlineString } from '../../src/keyspace/header.js';
import { World } from './world.js';

test('a hundred thousand times, and the largest there are, leave nothing behind', () => {
  const totals = new ExpiryTotals();
  const times = Array.from({ length: 100_000 }, (_, i) => 1_700_000_000_001 + i * 7919);
  times.push(Number.MAX_SAFE_INTEGER, 2 ** 62);
  for (const at of times) totals.add(at);
  totals.add(1_700_000_000_003);
  const copy = new ExpiryTotals();
  copy.restore(totals.save());
  for (const each of [totals, copy]) {
    for (const at of times) each.remove(at);
    expect([each.count, each.mean]).toEqual([1, 1_700_000_000_003]);
    each.remove(1_700_000_000_003);
    expect(each.save()).toEqual({ count: 0, sum: '0', hashes: 0 });
  }
});

test('what is undone was not counted', async () => {
  const world = await World.open();
  const at = world.clock.now() + 1000;
  for (const key of ['extended', 'persisted', 'deleted'])
    await world.set(key, inlineString('x', at));
  const totals = () => world.keyspace.databases.spaces[0]?.expiries.save();
  const before = totals();
  world.files.failWrite = (path) => systemError('ENOSPC', path);
  const turn = world.turn((db) => {
    db.setExpiry('extended', at + 5);
    db.setExpiry('persisted', 0);
    db.delete('deleted');
    db.put('new', inlineString('x', at));
    expect(totals()).toEqual({ count: 2, sum: String(2 * at + 5), hashes: 0 });
  });
  await expect(turn).rejects.toThrow();
  world.files.failWrite = undefined;
  expect(totals()).toEqual(before);
  await world.close();
});
