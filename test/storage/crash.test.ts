/**
 * The power fails at any moment, and any prefix of what was not synced reached the disk: what comes back is a
 * prefix of whole transactions, with all that had been synced.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contents, newWorld, openWorld, transaction, type World, write } from './harness.js';

type Step =
  | { readonly kind: 'write'; readonly group: readonly number[] }
  | { readonly kind: 'sync' | 'fold' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), group: sizes() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sync' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fold' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

/** Changes per transaction of one group. */
function sizes(): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 });
}

/** What there must be after each transaction; a run appends one state per transaction. */
interface History {
  readonly states: Record<string, string>[];
  synced: number;
}

async function run(world: World, steps: readonly Step[], ahead = false): Promise<History> {
  const history: History = { states: [{}], synced: 0 };
  const options = { spillBytes: 300, writeAhead: () => ahead };
  let opened = await openWorld(world, options);
  for (const next of steps) {
    const { storage } = opened;
    if (next.kind === 'write') writeGroup(history, storage.log, next.group);
    else if (next.kind === 'sync') await storage.log.sync();
    else if (next.kind === 'fold') await storage.fold(() => 'state');
    else {
      await storage.close();
      opened = await openWorld(world, options);
    }
    if (next.kind !== 'write') history.synced = history.states.length - 1;
  }
  return history;
}

function writeGroup(
  history: History,
  log: Parameters<typeof transaction>[0],
  group: readonly number[],
): void {
  for (const size of group) {
    const number = history.states.length;
    const pairs: Record<string, string | undefined> = {};
    for (let i = 0; i < size; i++) pairs[`m${(number * 7 + i * i) % 20}`] = `${number}:${i}`;
    pairs[`m${(number * 3) % 20}`] = undefined;
    transaction(log, pairs);
    const state = { ...history.states.at(-1), ...pairs };
    history.states.push(
      Object.fromEntries(
        Object.entries(state).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ),
    );
  }
  log.flush();
}

/** The index of the state that came back; -1 if it is none of them. */
async function recoveredState(world: World, { states }: History): Promise<number> {
  const found = JSON.stringify(sorted(await contents(await openWorld(world))));
  return states.findLastIndex((state) => JSON.stringify(sorted(state)) === found);
}

function sorted(record: Record<string, string>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('after a crash', { timeout: 60_000 }, () => {
  it('a prefix of transactions comes back, the synced ones among them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.nat(),
        fc.nat({ max: 200 }),
        fc.boolean(),
        async (steps, cut, torn, ahead) => {
          const world = newWorld();
          const history = await run(world, steps, ahead);
          const unsynced = world.files.unsynced();
          const last = unsynced[cut % (unsynced.length + 1)]?.sequence ?? Number.POSITIVE_INFINITY;
          world.files.crash(({ sequence, bytes }) => {
            if (sequence === last) return bytes > 0 ? Math.min(torn, bytes) : false;
            return sequence < last;
          });
          const state = await recoveredState(world, history);
          expect(state).toBeGreaterThanOrEqual(history.synced);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('the same holds if the disk reordered what was not synced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        fc.boolean(),
        async (steps, kept, ahead) => {
          const world = newWorld();
          const history = await run(world, steps, ahead);
          world.files.crash(() => kept.next().value === true);
          const state = await recoveredState(world, history);
          expect(state).toBeGreaterThanOrEqual(history.synced);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('every prefix of one run comes back as a prefix, in order', async () => {
    const steps: Step[] = [1, 2, 3, 4, 5].map((size) => ({ kind: 'write', group: [size, 12, 1] }));
    const reached: number[] = [];
    for (let kept = 0; ; kept++) {
      const world = newWorld();
      const history = await run(world, steps);
      const order = world.files.unsynced().map(({ sequence }) => sequence);
      world.files.crash(({ sequence }) => order.indexOf(sequence) < kept);
      reached.push(await recoveredState(world, history));
      if (kept >= order.length) break;
    }
    expect(reached[0]).toBe(0);
    expect(reached.at(-1)).toBe(15);
    expect(reached).toEqual([...reached].sort((a, b) => a - b));
    // Groups of three transactions come back whole.
    expect(new Set(reached)).toEqual(new Set([0, 3, 6, 9, 12, 15]));
  });

  it('nothing is half there when the crash comes within a fold', async () => {
    const { files, store } = newWorld();
    const world = { files, store };
    const opened = await openWorld(world);
    for (let i = 0; i < 50; i++) write(opened.storage.log, { [`ma${i}`]: '1', [`mb${i}`]: '1' });
    let batches = 0;
    store.failWrite = () => (++batches > 1 ? new Error('the crash') : undefined);
    await expect(opened.storage.fold(() => 'state')).rejects.toMatchObject({
      code: 'STORE_FAILED',
    });
    store.failWrite = undefined;
    files.crash();
    const again = await openWorld(world);
    expect(Object.keys(await contents(again))).toHaveLength(100);
  });
});
