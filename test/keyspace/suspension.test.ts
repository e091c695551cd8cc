/** A task that lets the event loop turn keeps what it has done, whatever is committed beside it, and ends once. */

import { afterEach, expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import { World } from './world.js';

let world: World;

afterEach(() => world.close());

const inSteps = (steps: readonly (() => void)[], beside: () => void) =>
  world.inSteps(steps, beside);

function put(key: string, value: string): () => void {
  return () => void world.db.put(key, value);
}

test('what it changed between its pauses is one transaction, after what its turn had committed before', async () => {
  world = await World.open();
  const events: string[] = [];
  const note = (event: string) => () => world.keyspace.transaction.effect(() => events.push(event));
  await world.run(() => {
    world.db.put('first', 'x');
    note('first')();
  });
  let beside = 0;
  const steps = [put('a', '1'), note('task'), put('a', '2'), put('b', '3')];
  await world.run(inSteps(steps, () => note(`beside ${++beside}`)()));
  await world.endTurn();
  expect(events).toEqual(['first', 'beside 1', 'beside 2', 'beside 3', 'task']);
  await world.restart();
  expect(await world.contents()).toEqual({ '0/a': '2', '0/b': '3', '0/first': 'x' });
});

test('of requests that met a fault and waited for another task, none runs while one of them is paused', async () => {
  world = await World.open();
  await world.set('k', 'old');
  await world.chill();
  const nothing = (): void => undefined;
  const pausing = inSteps([put('k', 'half'), nothing, put('k', 'whole')], nothing);
  let seen: unknown;
  const first = world.run((db) => {
    db.get('k');
    pausing();
  });
  const second = world.run((db) => {
    seen = db.get('k');
  });
  // What both have asked for comes while this one is paused.
  await Promise.all([world.run(inSteps([nothing, nothing, nothing], nothing)), first, second]);
  expect(seen).toBe('whole');
  await world.endTurn();
  await world.restart();
  expect(await world.contents()).toEqual({ '0/k': 'whole' });
});

test('what runs beside a task reads what is cold without a fault', async () => {
  world = await World.open();
  await world.set('k', 'cold');
  await world.chill();
  let seen: unknown;
  const look = (): void => {
    seen = world.db.get('k');
  };
  await world.run(inSteps([put('a', '1'), put('a', '2')], look));
  expect(seen).toBe('cold');
});

test('a savepoint holds over pauses, though what stands before the task may have left', async () => {
  world = await World.open();
  await world.run(put('first', 'x'));
  const { transaction } = world.keyspace;
  let before = transaction.savepoint();
  let place = 0;
  const take = (): void => {
    put('kept', '1')();
    before = transaction.savepoint();
    place = transaction.place;
    put('gone', '1')();
  };
  const undo = (): void => {
    transaction.rollBack(before);
    expect(transaction.place).toBe(place);
    expect([...transaction.lastChanges().values()]).toEqual([place - 1]);
  };
  const endTurn = (): void => void world.endTurn();
  await world.run(inSteps([take, put('gone', '2'), undo], endTurn));
  await world.endTurn();
  expect(await world.contents()).toEqual({ '0/first': 'x', '0/kept': '1' });
});

test('all of it is undone with its group', async () => {
  world = await World.open();
  await world.set('a', 'old');
  await world.run(put('a', 'first'));
  let beside = 0;
  const count = (): void => {
    beside++;
    world.keyspace.transaction.onUndo(() => void beside--);
  };
  await world.run(inSteps([put('a', '1'), put('b', '2'), put('a', '3')], count));
  expect(beside).toBe(2);
  world.files.failWrite = (path) => systemError('ENOSPC', path);
  await expect(world.endTurn()).rejects.toThrow();
  world.files.failWrite = undefined;
  expect(beside).toBe(0);
  expect(await world.contents()).toEqual({ '0/a': 'old' });
});

test('it is undone when the log fails meanwhile, and does not go on', async () => {
  world = await World.open();
  await world.set('a', 'old');
  await world.run(put('a', 'first'));
  world.files.failWrite = (path) => systemError('ENOSPC', path);
  const fail = (): void => void world.endTurn().catch(() => undefined);
  let isResumed = false;
  const resumed = (): void => {
    isResumed = true;
  };
  await expect(world.run(inSteps([put('a', '1'), resumed], fail))).rejects.toThrow();
  world.files.failWrite = undefined;
  expect(isResumed).toBe(false);
  expect(await world.contents()).toEqual({ '0/a': 'old' });
});
