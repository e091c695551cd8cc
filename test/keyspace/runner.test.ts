/** Requests run as often as they fault, always the same, and happen once. */

import { afterEach, expect, test } from 'vitest';
import { settled, World } from './world.js';

let world: World;

afterEach(() => world.close());

async function openCold(count: number): Promise<void> {
  world = await World.open();
  for (let i = 0; i < count; i++) await world.run((db) => db.put(`key${i}`, `${i}`));
  await world.endTurn();
  await world.chill();
}

test('what is resident runs at once, without a promise', async () => {
  await openCold(1);
  await world.get('key0');
  expect(world.keyspace.runner.run({ run: () => world.db.get('key0') })).toBe('0');
  expect(world.keyspace.runner.run({ run: () => world.db.get('absent') })).toBeUndefined();
});

test('every attempt has the same time and the same chance, whatever time passes between them', async () => {
  await openCold(3);
  const seen: number[][] = [];
  await world.run((db) => {
    seen.push([db.now, db.random(), db.random()]);
    world.clock.milliseconds += 1;
    for (let i = 0; i < 3; i++) db.get(`key${i}`);
  });
  expect(seen).toHaveLength(4);
  for (const attempt of seen) expect(attempt).toEqual(seen[0]);
});

test('another request has another chance', async () => {
  await openCold(0);
  const chances = new Set<number>();
  for (let i = 0; i < 100; i++) chances.add(await world.run((db) => db.random()));
  expect(chances.size).toBe(100);
  for (const chance of chances) expect(chance >= 0 && chance < 1).toBe(true);
});

test('a request that faults on each of a hundred keys is escalated, and ends', async () => {
  await openCold(100);
  let attempts = 0;
  const values = await world.run((db) => {
    attempts++;
    return Array.from({ length: 100 }, (_, i) => db.get(`key${i}`));
  });
  expect(values).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  expect(attempts).toBe(5);
  expect(world.keyspace.runner.escalations).toBe(1);
  expect(world.storage.loads).toHaveLength(4);
  expect(world.storage.syncLoads).toHaveLength(96);
});

test('a request that waits for another thing on each attempt is escalated, and can do without', async () => {
  await openCold(1);
  const { transaction, runner } = world.keyspace;
  let attempts = 0;
  await world.turn(() => {
    attempts++;
    if (!transaction.escalated) transaction.await(`thing ${attempts}`, async () => undefined);
  });
  expect(attempts).toBe(41);
  expect(runner.escalations).toBe(1);
});

test('a request whose loads are slow is escalated sooner', async () => {
  await openCold(3);
  const load = world.storage.load.bind(world.storage);
  world.storage.load = async (keys) => {
    world.clock.milliseconds += 51;
    return load(keys);
  };
  let attempts = 0;
  await world.run((db) => {
    attempts++;
    for (let i = 0; i < 3; i++) db.get(`key${i}`);
  });
  expect(attempts).toBe(2);
  expect(world.storage.syncLoads).toHaveLength(2);
});

test('the request after an escalated one faults as usual', async () => {
  await openCold(20);
  await world.run((db) => {
    for (let i = 0; i < 10; i++) db.get(`key${i}`);
  });
  const blocking = world.storage.syncLoads.length;
  expect(await world.get('key15')).toBe('15');
  expect(world.storage.syncLoads).toHaveLength(blocking);
});

test('requests that evict each other still end', async () => {
  await openCold(60);
  const evict = setInterval(() => world.residents.evictAll(), 0);
  const requests = Array.from({ length: 30 }, (_, r) =>
    world.run((db) => Array.from({ length: 20 }, (__, i) => db.get(`key${r + i}`)).join()),
  );
  const results = await Promise.all(requests);
  clearInterval(evict);
  results.forEach((result, r) => {
    expect(result).toBe(Array.from({ length: 20 }, (_, i) => `${r + i}`).join());
  });
});

test('what a request did before its fault is undone before it runs again: it happens once', async () => {
  await openCold(4);
  await world.set('counter', '0');
  const happened: number[] = [];
  await world.turn((db) => {
    const next = Number(db.get('counter')) + 1;
    db.put('counter', `${next}`);
    db.put('new', 'x');
    world.keyspace.transaction.effect(() => happened.push(next));
    for (let i = 0; i < 4; i++) db.get(`key${i}`);
  });
  expect(await world.get('counter')).toBe('1');
  expect(happened).toEqual([1]);
  expect(world.db.size).toBe(6);
});

test('between the attempts of one request others see nothing of it', async () => {
  await openCold(1);
  world.storage.holds = true;
  const request = world.run((db) => {
    db.put('a', 'half');
    db.get('key0');
    db.put('b', 'half');
  });
  world.storage.holds = false;
  expect(await world.run((db) => [db.get('a'), db.get('b'), db.size])).toEqual([
    undefined,
    undefined,
    1,
  ]);
  expect(world.storage.log.pending).toBe(false);
  await settled();
  await world.storage.releaseAll();
  await request;
  expect(await world.run((db) => [db.get('a'), db.get('b'), db.size])).toEqual(['half', 'half', 3]);
});

test('an attempt sees what others did since the one before it', async () => {
  await openCold(1);
  world.storage.holds = true;
  const request = world.run((db) => {
    const seen = db.get('a');
    db.get('key0');
    return seen;
  });
  world.storage.holds = false;
  await world.set('a', 'meanwhile');
  await world.storage.releaseAll();
  expect(await request).toBe('meanwhile');
});

test('an error undoes the request, in the first attempt and in a later one', async () => {
  await openCold(1);
  for (const isCold of [false, true]) {
    const attempt = world.run((db) => {
      db.put('a', 'x');
      if (isCold) db.get('key0');
      throw new Error('no');
    });
    await expect(attempt).rejects.toThrow('no');
    expect(await world.get('a')).toBeUndefined();
    expect(world.storage.log.pending).toBe(false);
  }
});

test('a wait is started once; its result and its error reach the attempt that follows', async () => {
  await openCold(1);
  const { transaction } = world.keyspace;
  let starts = 0;
  let released = 0;
  const result = await world.run((db) => {
    const value = transaction.await(
      'w',
      async () => ++starts,
      () => released++,
    );
    db.get('key0'); // one more attempt
    return value;
  });
  expect([result, starts, released]).toEqual([1, 1, 1]);
  const failing = world.run(() => transaction.await('w', () => Promise.reject(new Error('no'))));
  await expect(failing).rejects.toThrow('no');
});

test('every commit is told, faults and errors are not', async () => {
  await openCold(1);
  let commits = 0;
  world.keyspace.runner.onCommit = () => commits++;
  await world.run((db) => db.get('key0'));
  await world.run((db) => db.put('a', 'x'));
  await expect(
    world.run(() => {
      throw new Error('no');
    }),
  ).rejects.toThrow();
  expect(commits).toBe(2);
});
