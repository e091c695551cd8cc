/** What is counted of the event loop, in sum and in the last second. */

import { expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandTable } from '../../src/commands/registry.js';
import { eventLoopWork } from '../../src/observability/event-loop.js';
import { Statistics } from '../../src/observability/statistics.js';

test('turns of the event loop, and how long they were', () => {
  let work = { cycles: 100, microseconds: 5_000 };
  const statistics = new Statistics(new CommandTable(commandGroups), () => work);
  expect(statistics.eventLoop).toEqual({ cycles: 0, microseconds: 0 });
  statistics.sample(10_000, 0);
  work = { cycles: 140, microseconds: 9_000 };
  statistics.sample(12_000, 0);
  expect(statistics.eventLoop).toEqual({ cycles: 40, microseconds: 4_000 });
  expect(statistics.rates.eventLoop).toEqual({ cycles: 20, microseconds: 2_000 });
  statistics.commandMicroseconds = 7;
  statistics.reset();
  expect(statistics.eventLoop).toEqual({ cycles: 0, microseconds: 0 });
  expect(statistics.commandMicroseconds).toBe(0);
});

test('Node tells of its own', async () => {
  const before = eventLoopWork();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const after = eventLoopWork();
  expect(after.microseconds).toBeGreaterThan(before.microseconds);
  if (after.cycles !== undefined) expect(after.cycles).toBeGreaterThan(before.cycles ?? 0);
});
