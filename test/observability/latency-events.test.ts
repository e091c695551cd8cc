/** Samples of events: one a second, the greatest, and not for ever. */

import { beforeEach, expect, test } from 'vitest';
import { SlowEvents } from '../../src/observability/latency-events.js';
import { ManualClock } from '../support/command-harness.js';

let clock: ManualClock;
let events: SlowEvents;

beforeEach(() => {
  clock = new ManualClock();
  events = new SlowEvents(clock);
  events.setThreshold(10);
});

const START = 1_700_000_000;

test('what is shorter than the threshold is not noted, and nothing is when it is 0', () => {
  events.note('command', 9.99);
  expect(events.all()).toEqual([]);
  events.setThreshold(0);
  events.note('command', 10_000);
  expect(events.all()).toEqual([]);
  expect(events.thresholdUs).toBe(Number.POSITIVE_INFINITY);
});

test('a second has one sample, its greatest', () => {
  for (const latency of [20, 50.7, 30]) events.note('command', latency);
  clock.milliseconds += 1000;
  events.note('command', 40);
  expect(events.find('command')).toEqual({
    name: 'command',
    greatest: 50,
    samples: [
      { at: START, latency: 50 },
      { at: START + 1, latency: 40 },
    ],
  });
});

test('160 samples are kept, and the greatest of all', () => {
  for (let second = 0; second < 200; second++) {
    events.note('fold', 1000 - second);
    clock.milliseconds += 1000;
  }
  const event = events.find('fold');
  expect(event?.samples).toHaveLength(160);
  expect(event?.samples[0]?.at).toBe(START + 40);
  expect(event?.greatest).toBe(1000);
});

test('some are forgotten, or all', () => {
  for (const name of ['fold', 'command', 'expire-cycle']) events.note(name, 20);
  expect(events.all().map(({ name }) => name)).toEqual(['command', 'expire-cycle', 'fold']);
  expect(events.reset(['fold', 'unknown'])).toBe(1);
  expect(events.reset()).toBe(2);
  expect(events.all()).toEqual([]);
});
