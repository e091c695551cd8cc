/** SCAN, KEYS and RANDOMKEY: every key that is there all the time is found, whatever happens in between. */

import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { allKeys } from '../../src/keyspace/all-keys.js';
import { inlineString } from '../../src/keyspace/header.js';
import { hashOf, nameOf, slotOf } from '../../src/keyspace/key-name.js';
import { randomKey, scanKeys } from '../../src/keyspace/scan.js';
import { settled, World, type WorldOptions } from './world.js';

let world: World;

afterEach(() => world.close());

async function open(options: WorldOptions = {}): Promise<void> {
  world = await World.open(options);
}

function scan(cursor: number, count: number, w = world) {
  return w.turn(() => scanKeys(w.keyspace, 0, cursor, count));
}

async function scanAll(count: number, between?: () => Promise<void>, w = world): Promise<string[]> {
  const found: string[] = [];
  let cursor = 0;
  do {
    const page = await scan(cursor, count, w);
    found.push(...page.keys.map(({ key }) => key));
    cursor = page.cursor;
    if (cursor !== 0) await between?.();
  } while (cursor !== 0);
  return found;
}

async function keys(): Promise<string[]> {
  const found = await world.turn(() => allKeys(world.keyspace, 0, '*', () => true));
  return found.map(({ key }) => key).sort();
}

function names(count: number, prefix = 'key'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`).sort();
}

async function fill(list: readonly string[]): Promise<void> {
  await world.turn((db) => {
    for (const key of list) db.put(key, 'x');
  });
}

test.each([1, 3, 10, 1000])(
  'COUNT %i: every key once, in memory, stored, and mixed',
  async (count) => {
    await open();
    await fill(names(50, 'stored'));
    expect((await scanAll(count)).sort()).toEqual(names(50, 'stored'));
    await world.chill();
    expect((await scanAll(count)).sort()).toEqual(names(50, 'stored'));
    await fill(names(50, 'fresh'));
    await world.turn((db) => {
      for (let i = 0; i < 10; i++) db.delete(`stored${i}`);
      for (let i = 10; i < 20; i++) db.put(`stored${i}`, 'again');
    });
    const expected = [
      ...names(50, 'fresh'),
      ...names(50, 'stored').filter((key) => key.length > 7),
    ];
    expect((await scanAll(count)).sort()).toEqual(expected.sort());
    expect(await keys()).toEqual(expected.sort());
  },
);

test('a page is about as long as asked, and the walk ends', async () => {
  await open();
  await fill(names(1000));
  for (const isCold of [false, true]) {
    if (isCold) await world.chill();
    let calls = 0;
    let cursor = 0;
    do {
      const page = await scan(cursor, 10);
      expect(page.keys.length).toBeLessThanOrEqual(11);
      cursor = page.cursor;
      calls++;
    } while (cursor !== 0);
    expect(calls).toBeLessThanOrEqual(110);
  }
});

test('cursors are stateless: any of them may be used again, after a restart too', async () => {
  await open();
  await fill(names(60));
  await world.fold();
  await fill(names(60, 'fresh'));
  const first = await scan(0, 30);
  const second = await scan(first.cursor, 30);
  expect(await scan(first.cursor, 30)).toEqual(second);
  await world.restart();
  const again = await scan(first.cursor, 30);
  expect(new Set(again.keys.map(({ key }) => key))).toEqual(
    new Set(second.keys.map(({ key }) => key)),
  );
  expect((await scan(Number.MAX_SAFE_INTEGER, 10)).cursor).toBe(0);
  expect((await scan(2 ** 46, 10)).keys).toEqual([]);
});

test.each(['', '{tag}'])(
  'many dirty keys among stored ones, of any slot or of one: %s',
  async (tag) => {
    await open();
    await fill(names(1000, `${tag}stored`));
    await world.chill();
    await fill(names(1000, `${tag}fresh`));
    const expected = [...names(1000, `${tag}stored`), ...names(1000, `${tag}fresh`)].sort();
    for (const count of [1, 7, 300]) expect((await scanAll(count)).sort()).toEqual(expected);
  },
);

test('KEYS reads nothing of the store while all keys are in memory', async () => {
  await open();
  await fill(names(5, 'folded'));
  await world.fold();
  await fill(names(5, 'fresh'));
  world.storage.ranges = 0;
  expect(await keys()).toEqual([...names(5, 'folded'), ...names(5, 'fresh')]);
  expect(world.storage.ranges).toBe(0);
});

test('walks side by side read the store ahead of where they are', async () => {
  await open();
  await fill(names(2000));
  await world.chill();
  world.storage.ranges = 0;
  const walks = Array.from({ length: 4 }, () => ({ cursor: 0, found: [] as string[] }));
  do {
    for (const walk of walks) {
      const page = await scan(walk.cursor, 10);
      walk.found.push(...page.keys.map(({ key }) => key));
      walk.cursor = page.cursor;
    }
  } while (walks.every(({ cursor }) => cursor !== 0));
  for (const { cursor, found } of walks) {
    expect(cursor).toBe(0);
    expect(found.sort()).toEqual(names(2000));
  }
  // Four pages of 512 records for each walk, of which the later ones find those of the first.
  expect(world.storage.ranges).toBeLessThanOrEqual(16);
});

test('what was read ahead is not shown after a fold has changed it', async () => {
  await open();
  await fill(names(100));
  await world.chill();
  const first = await scan(0, 10);
  await world.turn((db) => {
    for (const key of names(100)) db.delete(key);
    db.put('fresh', 'x');
  });
  await world.chill();
  const rest = await scan(first.cursor, 100);
  expect(rest.keys.map(({ key }) => key)).toEqual(
    slotOf('fresh') * 2 ** 32 >= first.cursor ? ['fresh'] : [],
  );
});

test('large records are read ahead up to a bound of bytes', async () => {
  await open();
  await world.turn((db) => {
    for (const key of names(200)) db.put(key, 'x'.repeat(16_000));
  });
  await world.chill();
  const pages: number[] = [];
  const { inner } = world.storage;
  const range = vi.spyOn(inner, 'range').mockImplementation(async (query) => {
    const page = await Object.getPrototypeOf(inner).range.call(inner, query);
    pages.push(page.values.join('').length);
    return page;
  });
  expect((await scanAll(10)).sort()).toEqual(names(200));
  range.mockRestore();
  expect(pages.length).toBeGreaterThan(10);
  expect(Math.max(...pages)).toBeLessThan(300 * 1024);
});

test('RANDOMKEY reads no more of the store than it needs', async () => {
  await open();
  await fill(names(2000));
  await world.chill();
  const range = vi.spyOn(world.storage.inner, 'range');
  await world.turn(() => randomKey(world.keyspace, 0));
  expect(range.mock.calls.map(([{ maxRecords }]) => maxRecords)).toEqual([11]);
  range.mockRestore();
});

test('keys that share slot and hash are found together, however many', async () => {
  await open();
  // Not to be had from the hash function: 200 entries are put at one position by hand.
  await fill(['seed']);
  const space = world.keyspace.databases.spaces[0];
  if (space === undefined) throw new Error('no space');
  await world.run((db) => {
    for (let i = 0; i < 200; i++) {
      const key = `same${i}`;
      world.residents.add({ key, name: key, slot: slotOf(key), hash: 5 }, space);
    }
    return db.size;
  });
  const entries = [...space.residents()].filter(({ key }) => key.startsWith('same'));
  for (const entry of entries) {
    space.remove(entry);
    Object.assign(entry, { slot: 7 });
    space.add(entry);
    world.residents.setRecord(entry, 'x');
    world.residents.markDirty(entry);
  }
  const expected = [...names(200, 'same'), 'seed'].sort();
  expect((await scanAll(10)).sort()).toEqual(expected);
});

test('stored keys that share slot and hash are found together', async () => {
  await open();
  // Short enough to find by force: keys of one tag whose hashes meet.
  const seen = new Map<number, string>();
  let pair: [string, string] | undefined;
  for (let i = 0; pair === undefined; i++) {
    const key = `{t}${i}`;
    const hash = hashOf(nameOf(key), world.keyspace.names.seed);
    const other = seen.get(hash);
    if (other !== undefined) pair = [other, key];
    seen.set(hash, key);
  }
  await fill([...pair, ...names(20)]);
  const expected = [...pair, ...names(20)].sort();
  for (const isCold of [false, true]) {
    if (isCold) await world.chill();
    for (const count of [1, 2, 5]) expect((await scanAll(count)).sort()).toEqual(expected);
  }
});

test('expired keys are left out', async () => {
  await open();
  await world.set('a', inlineString('x', world.clock.now() + 10));
  await world.set('b', 'x');
  for (const isCold of [false, true]) {
    if (isCold) await world.chill();
    world.clock.milliseconds += 10;
    expect(await scanAll(10)).toEqual(['b']);
    expect(await keys()).toEqual(['b']);
    for (let i = 0; i < 20; i++) {
      expect(await world.turn(() => randomKey(world.keyspace, 0))).toBe('b');
    }
  }
});

test('long keys appear in full', async () => {
  await open();
  const long = 'long'.repeat(1000);
  await fill([long]);
  expect(await scanAll(10)).toEqual([long]);
  await world.chill();
  expect(await scanAll(10)).toEqual([long]);
  expect(await keys()).toEqual([long]);
});

test('a random key is any of them', async () => {
  await open();
  expect(await world.turn(() => randomKey(world.keyspace, 0))).toBeUndefined();
  await fill(names(5));
  await world.fold();
  await fill(names(5, 'fresh'));
  const drawn = async (): Promise<unknown[]> => {
    const found = new Set<string | undefined>();
    for (let i = 0; i < 500; i++) found.add(await world.turn(() => randomKey(world.keyspace, 0)));
    return [...found].sort();
  };
  const all = [...names(5), ...names(5, 'fresh')].sort();
  world.storage.ranges = 0;
  expect(await drawn()).toEqual(all);
  expect(world.storage.ranges).toBe(0);
  await world.chill();
  await fill(['key0', 'later']);
  expect(await drawn()).toEqual([...all, 'later'].sort());
});

test('a random key has not expired, though all others in memory have', async () => {
  await open();
  await fill(['lasting']);
  await world.turn((db) => {
    for (let i = 0; i < 200; i++) db.put(`brief${i}`, inlineString('x', db.now + 10));
  });
  world.clock.milliseconds += 20;
  for (let i = 0; i < 20; i++) {
    expect(await world.turn(() => randomKey(world.keyspace, 0))).toBe('lasting');
  }
});

test('KEYS reads pages while keys come, go and are folded: it shows the moment it runs', async () => {
  await open();
  await fill(names(25_000));
  await world.chill();
  let page = 0;
  world.storage.beforeRange = async () => {
    page++;
    await world.turn((db) => {
      db.delete(`key${page}`);
      db.put(`fresh${page}`, 'x');
      db.put(`key${page + 100}`, 'again');
    });
    await world.chill();
  };
  const found = new Set(await keys());
  world.storage.beforeRange = undefined;
  expect(page).toBeGreaterThan(2);
  const expected = new Set([...names(25_000), ...names(page + 1, 'fresh')]);
  expected.delete('fresh0');
  for (let i = 1; i <= page; i++) expected.delete(`key${i}`);
  expect(found).toEqual(expected);
  await world.fold();
  world.residents.evictNow(0);
  expect(world.residents.entries).toBe(0); // no pin is left
});

test('a scan whose page was read before a fold ended is not misled by it', async () => {
  await open();
  await fill(names(30));
  await world.chill();
  let folds = 0;
  world.storage.beforeRange = async () => {
    if (folds++ > 2) return;
    await world.turn((db) => {
      for (let i = 0; i < 30; i += 3) db.delete(`key${i}`);
      for (let i = 1; i < 30; i += 3) db.put(`key${i}`, 'again');
    });
    await world.chill();
  };
  const expected = names(30).filter((key) => Number(key.slice(3)) % 3 !== 0);
  expect((await scanAll(1000)).sort()).toEqual(expected);
});

test('a page that was read before a fold is not merged with what came after it', async () => {
  await open();
  await fill(names(30));
  await world.chill();
  let folds = 0;
  world.storage.afterRange = async () => {
    if (folds++ > 0) return;
    await world.turn((db) => {
      for (let i = 0; i < 30; i += 2) db.delete(`key${i}`);
    });
    await world.chill(); // the deletions are in the store, and nothing in memory tells of them
  };
  const expected = names(30).filter((key) => Number(key.slice(3)) % 2 !== 0);
  expect((await scanAll(1000)).sort()).toEqual(expected);
});

test('random changes between the calls: whoever was there all the time is found, nobody unknown is', async () => {
  const change = fc.record({
    kind: fc.constantFrom('add', 'delete', 'rewrite', 'fold', 'evict', 'chill', 'restart'),
    which: fc.integer({ min: 0, max: 39 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 10, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      async (changes, count) => {
        const w = await World.open();
        const stable = names(20, 'stable');
        await w.turn((db) => {
          for (const key of [...stable, ...names(20, 'other')]) db.put(key, 'x');
        });
        const pending = [...changes];
        const apply = async (): Promise<void> => {
          for (const { kind, which } of pending.splice(0, 3)) {
            if (kind === 'fold') await w.fold();
            else if (kind === 'evict') w.residents.evictAll();
            else if (kind === 'chill') await w.chill();
            else if (kind === 'restart') await w.restart();
            else {
              await w.turn((db) => {
                if (kind === 'add') db.put(`other${which}`, 'x');
                if (kind === 'delete') db.delete(`other${which}`);
                if (kind === 'rewrite') db.put(`stable${which % 20}`, `${which}`);
              });
            }
          }
        };
        const found = await scanAll(count, apply, w);
        for (const key of stable) expect(found.filter((each) => each === key)).toEqual([key]);
        for (const key of found) expect(key).toMatch(/^(stable|other)\d+$/);
        expect(new Set(await scanAll(count, undefined, w)).size).toBe(w.db.size);
        await w.close();
      },
    ),
    { numRuns: 60 },
  );
  await open();
});

test('a scan while folds never stop is escalated and ends', async () => {
  await open();
  await fill(names(50));
  await world.chill();
  let running = true;
  const folding = (async () => {
    for (let i = 0; running; i++) {
      await world.set(`fresh${i % 5}`, 'x');
      await world.fold();
    }
  })();
  await settled();
  const found = await scanAll(7);
  running = false;
  await folding;
  expect(new Set(found.filter((key) => key.startsWith('key'))).size).toBe(50);
});

test('a transaction that has emptied the database, or is the first in it, reads what it has put there', async () => {
  await open();
  await fill(names(50));
  await world.chill();
  const { keyspace } = world;
  const found = await world.turn(() => {
    keyspace.flush(0);
    keyspace.swap(0, 7);
    for (const index of [7, 9]) keyspace.database(index).put(`in ${index}`, 'x');
    return [7, 9].map((index) => [
      scanKeys(keyspace, index, 0, 10).keys.map(({ key }) => key),
      allKeys(keyspace, index, '*', () => true).map(({ key }) => key),
      randomKey(keyspace, index),
    ]);
  });
  expect(found).toEqual([7, 9].map((index) => [[`in ${index}`], [`in ${index}`], `in ${index}`]));
  expect(keyspace.runner.faults).toBe(0);
  await world.chill();
  expect(await scanAll(10)).toEqual([]);
});
