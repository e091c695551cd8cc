/** JSON documents against plain values, with folds, evictions, undone changes and restarts between the steps. */

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { CHUNK_BYTES } from '../../src/base/large-string.js';
import type { Database } from '../../src/keyspace/database.js';
import type { Header } from '../../src/keyspace/header.js';
import { CommandTooLarge } from '../../src/keyspace/limits.js';
import type { JsonDocument } from '../../src/types/json/document.js';
import * as json from '../../src/types/json/json.js';
import { parseJson } from '../../src/types/json/parse.js';
import { parsePath } from '../../src/types/json/path.js';
import { type Place, select } from '../../src/types/json/path-walk.js';
import { COMPACT, jsonText } from '../../src/types/json/text.js';
import type { Json } from '../../src/types/json/value.js';
import { countedBytes, World } from '../keyspace/world.js';

const KEY = 'doc';
type Model = null | number | string | Model[] | { [key: string]: Model };

const scalar = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -5, max: 1_000_000 }),
  fc.constantFrom('', 'text', 'x'.repeat(3000), 'y'.repeat(20_000)),
);
const key = fc.integer({ min: 0, max: 4 }).map((n) => `k${n}`);
const model: fc.Arbitrary<Model> = fc.letrec<{ node: Model }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'json' },
    scalar,
    fc.array(tie('node'), { maxLength: 6, depthIdentifier: 'json' }),
    fc.dictionary(key, tie('node'), { maxKeys: 4, noNullPrototype: true, depthIdentifier: 'json' }),
  ),
})).node;

/** Where in a value: which child of the value, of that child, and so on, as far as there are any. */
const route = fc.array(fc.nat(20), { maxLength: 4 });
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('whole' as const), value: model }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), route, value: model }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), route }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('append' as const), route, value: model }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('undone' as const), route, value: model }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('fold', 'evict', 'chill', 'restart', 'expire') }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function isContainer(value: Model): value is Model[] | { [key: string]: Model } {
  return typeof value === 'object' && value !== null;
}

/** The path to what the route leads to in the value. */
function pathTo(value: Model, steps: readonly number[]): (string | number)[] {
  const [first, ...rest] = steps;
  if (first === undefined || !isContainer(value)) return [];
  const children = Object.entries(value);
  const child = children[first % Math.max(1, children.length)];
  if (child === undefined) return [];
  const name = Array.isArray(value) ? Number(child[0]) : child[0];
  return [name, ...pathTo(child[1], rest)];
}

function modelAt(value: Model, path: readonly (string | number)[]): Model {
  return path.reduce<Model>((at, name) => (at as Record<string, Model>)[name] as Model, value);
}

function placeAt(root: Json, path: readonly (string | number)[]): Place {
  const text = `$${path.map((name) => `[${JSON.stringify(name)}]`).join('')}`;
  return select(parsePath(text).segments, root)[0] as Place;
}

/** The last key takes the place of the one that goes. */
function removeKey(object: Record<string, Model>, key: string): void {
  const entries = Object.entries(object);
  const last = entries.pop() as [string, Model];
  const after = entries.map((entry) => (entry[0] === key ? last : entry));
  for (const each of Object.keys(object)) delete object[each];
  Object.assign(object, Object.fromEntries(after));
}

/** A document and what it must be. */
class Subject {
  readonly world: World;
  model: Model = {};

  constructor(world: World) {
    this.world = world;
  }

  async run(each: Step): Promise<void> {
    const { world } = this;
    if (each.kind === 'whole') await this.#setWhole(each.value);
    else if (each.kind === 'put') await this.#put(each.route, each.value);
    else if (each.kind === 'remove') await this.#remove(each.route);
    else if (each.kind === 'append') await this.#append(each.route, each.value);
    else if (each.kind === 'undone') await this.#undo(each.route, each.value);
    else if (each.kind === 'fold') await world.fold();
    else if (each.kind === 'evict') world.residents.evictAll();
    else if (each.kind === 'chill') await world.chill();
    else if (each.kind === 'restart') await world.restart();
    else await world.turn((db) => db.setExpiry(KEY, db.now + 1000));
  }

  change<T>(
    update: (place: Place, document: Parameters<Parameters<typeof json.change>[2]>[0]) => T,
    path: readonly (string | number)[],
  ): Promise<T> {
    return this.world.turn((db) => {
      const entry = json.find(db, KEY);
      if (entry === undefined) throw new Error('no document');
      return json.change(db, entry, (document) =>
        update(placeAt(document.root as Json, path), document),
      );
    });
  }

  async #setWhole(value: Model): Promise<void> {
    await this.world.turn((db) => json.set(db, KEY, parseJson(JSON.stringify(value))));
    this.model = structuredClone(value);
  }

  async #put(steps: readonly number[], value: Model): Promise<void> {
    const path = pathTo(this.model, steps);
    const fresh = parseJson(JSON.stringify(value));
    await this.change((place, document) => document.replace(place, fresh), path);
    this.#setModel(path, structuredClone(value));
  }

  #setModel(path: readonly (string | number)[], value: Model): void {
    const last = path.at(-1);
    if (last === undefined) this.model = value;
    else (modelAt(this.model, path.slice(0, -1)) as Record<string, Model>)[last] = value;
  }

  async #remove(steps: readonly number[]): Promise<void> {
    const path = pathTo(this.model, steps);
    const last = path.at(-1);
    if (last === undefined) return;
    await this.change((place, document) => document.remove([place]), path);
    const parent = modelAt(this.model, path.slice(0, -1));
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else removeKey(parent as Record<string, Model>, String(last));
  }

  async #append(steps: readonly number[], value: Model): Promise<void> {
    const path = pathTo(this.model, steps);
    const target = modelAt(this.model, path);
    if (!Array.isArray(target)) return;
    const fresh = parseJson(JSON.stringify(value));
    await this.change((place, document) => {
      (place.value as Json[]).push(fresh);
      document.noteChange(place);
    }, path);
    target.push(structuredClone(value));
  }

  /** A change whose transaction fails afterwards: nothing of it may be seen. */
  async #undo(steps: readonly number[], value: Model): Promise<void> {
    const path = pathTo(this.model, steps);
    const failing = this.world.turn((db) => {
      const entry = json.find(db, KEY);
      if (entry === undefined) throw new Error('no document');
      json.change(db, entry, (document) => {
        document.replace(placeAt(document.root as Json, path), parseJson(JSON.stringify(value)));
      });
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    await this.world.endTurn();
  }

  async verify(): Promise<void> {
    const text = JSON.stringify(this.model);
    expect(await this.world.run((db) => readText(db))).toBe(text);
    expect(await this.world.run((db) => parsedText(db))).toBe(text);
    expect(this.world.residents.bytes).toBe(countedBytes(this.world.keyspace));
    await this.world.run((db) => checkPieces(db, text));
  }
}

function readText(db: Database): string {
  const entry = json.find(db, KEY);
  return entry === undefined ? 'none' : json.textOf(db, entry);
}

/** What is parsed, or was parsed before and kept. */
function parsedText(db: Database): string {
  const entry = json.find(db, KEY);
  return entry === undefined ? 'none' : JSON.stringify(plain(json.read(db, entry)));
}

function plain(value: Json): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, item]) => [name, plain(item)]));
}

function checkPieces(db: Database, text: string): void {
  const entry = db.entry(KEY);
  const header = entry?.record as Header;
  if (entry === undefined || header.version === 0) return;
  expect(header.count).toBe(text.length);
  expect(text.length).toBeGreaterThan(CHUNK_BYTES);
  for (const name of db.allData(entry)) {
    expect((db.readData(entry, name) as string).length).toBeLessThanOrEqual(CHUNK_BYTES);
  }
}

test('a document is what it would be in memory', async () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const world = await World.open();
      const subject = new Subject(world);
      await world.turn((db) => json.set(db, KEY, new Map()));
      for (const each of script) {
        await subject.run(each);
        await subject.verify();
      }
      await world.close();
    }),
    { numRuns: 60 },
  );
}, 60_000);

describe('a change of a large document', () => {
  const items = Array.from({ length: 20_000 }, (_, i) => `"item number ${i} of them all"`);
  const large = `[${items.join(',')}]`;

  async function writes(path: string, update: (place: Place) => Json): Promise<number> {
    const world = await World.open();
    await world.turn((db) => json.set(db, KEY, parseJson(large)));
    await world.chill();
    let count = 0;
    await world.turn((db) => {
      const spy = vi.spyOn(db, 'writeData');
      const entry = json.find(db, KEY);
      if (entry === undefined) throw new Error('no document');
      json.change(db, entry, (document) => {
        const [place] = select(parsePath(path).segments, document.root as Json);
        if (place !== undefined) document.replace(place, update(place));
      });
      count = spy.mock.calls.length;
      spy.mockRestore();
    });
    await world.close();
    return count;
  }

  test('writes the pieces that it touches', async () => {
    expect(await writes('$[0]', () => 'longer than the item that was there')).toBeLessThanOrEqual(
      3,
    );
    expect(await writes('$[10000]', () => 'short')).toBeLessThanOrEqual(3);
    expect(await writes('$[19999]', () => new Map([['an', 'object']]))).toBeLessThanOrEqual(3);
    expect(await writes('$[5]', () => 'z'.repeat(100_000))).toBeLessThanOrEqual(10);
    expect(await writes('$[7]', ({ value }) => value)).toBe(0);
  });

  test('finds room for new pieces again and again', async () => {
    const world = await World.open();
    await world.turn((db) => json.set(db, KEY, parseJson(large)));
    for (let i = 0; i < 60; i++) {
      await world.turn((db) => {
        const entry = json.find(db, KEY);
        if (entry === undefined) throw new Error('no document');
        json.change(db, entry, (document) => {
          const root = placeAt(document.root as Json, []);
          (root.value as Json[]).splice(10_000, 0, String(i).padStart(20_000, '-'));
          document.noteChange(root);
        });
      });
    }
    await world.chill();
    const text = await world.run((db) => readText(db));
    expect(text.length).toBe(large.length + 60 * 20_003);
    expect((JSON.parse(text) as string[])[10_000]).toBe('59'.padStart(20_000, '-'));
    await world.close();
  });
});

test('what was parsed is kept only as long as the cache has room for it', async () => {
  const world = await World.open({ cacheBytes: 1 << 20 });
  const text = `[${Array.from({ length: 20_000 }, (_, i) => i).join(',')}]`;
  await world.turn((db) => json.set(db, KEY, parseJson(text)));
  const entry = world.resident(KEY);
  expect(entry?.data?.derived).toBeDefined();
  world.residents.evictAll();
  expect(entry?.data?.derived).toBeUndefined();
  await world.chill();
  expect(world.resident(KEY)).toBeUndefined();
  expect(world.residents.bytes).toBe(countedBytes(world.keyspace));
  expect(await world.run((db) => readText(db))).toBe(text);
  await world.close();
});

describe('a request takes no more memory than it may', () => {
  async function fails(prepare: string, task: (db: Database) => void): Promise<void> {
    const world = await World.open({ transactionBytes: 4 << 20 });
    await world.turn((db) => json.set(db, KEY, parseJson(prepare)));
    await expect(world.run(task)).rejects.toThrow(CommandTooLarge);
    await world.endTurn();
    expect(await world.run((db) => readText(db))).toBe(prepare);
    await world.close();
  }

  function change(db: Database, update: (document: JsonDocument) => void): void {
    const entry = json.find(db, KEY);
    if (entry !== undefined) json.change(db, entry, update);
  }

  test('for values that are larger than their text', async () => {
    const small = `[${'{},'.repeat(100_000)}{}]`;
    await fails('1', (db) => parseJson(small, json.budgetOf(db)));
  });

  test('for copies', async () => {
    const places = JSON.stringify(Array.from({ length: 5000 }, () => 0));
    await fails(places, (db) => {
      change(db, (document) => {
        for (const place of document.select(parsePath('$[*]').segments)) {
          document.replace(place, 'x'.repeat(1000));
        }
      });
    });
  });

  test('for places', async () => {
    const deep = `${'['.repeat(100)}${'0,'.repeat(5000)}0${']'.repeat(100)}`;
    await fails(deep, (db) =>
      change(db, (document) => document.select(parsePath('$..*..*').segments)),
    );
  });

  test('for text', async () => {
    const text = JSON.stringify('x'.repeat(100_000));
    await fails(text, (db) => {
      const value = Array.from({ length: 40 }, () => parseJson(text));
      jsonText(value, COMPACT, json.budgetOf(db));
    });
  });
});
