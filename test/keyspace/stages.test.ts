/** A task that lets others change what it has not touched: both are in the log as if one had come after the other, or not at all. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { systemError } from '../../src/base/simulated-files.js';
import type { Database } from '../../src/keyspace/database.js';
import { typeOf, ValueType, versionOf } from '../../src/keyspace/header.js';
import { KeyLocks } from '../../src/keyspace/key-locks.js';
import { suspend } from '../../src/keyspace/suspension.js';
import { List } from '../../src/types/list/list.js';
import { putCollection, readRecord, settled, World } from './world.js';

let world: World;

afterEach(() => world.close());

const locks = new KeyLocks();

function put(key: string, value: string): () => void {
  return () => void world.db.put(key, value);
}

/** The keys must be in the same space before: whoever makes it is alone. */
async function open(...options: Parameters<typeof World.open>): Promise<void> {
  world = await World.open(...options);
  await world.set('first', 'x');
}

test('what others commit beside it stays, though it never ends', async () => {
  await open();
  const steps = [put('a', '1'), put('b', '2'), () => suspend({ ...forEver, locks })];
  void world.run(world.inSteps(steps, put('other', 'y'), locks));
  for (let i = 0; i < 5; i++) await world.endTurn().then(settled);
  await world.restart();
  expect(await world.contents()).toEqual({ '0/first': 'x', '0/other': 'y' });
});

const forEver = {
  resume: (): never => suspend({ ...forEver, locks }),
  abandon: (): void => undefined,
};

test('whoever touches its keys waits for its end', async () => {
  await open();
  const touched = new KeyLocks();
  touched.add('read', false);
  touched.add('written', true);
  const seen: string[] = [];
  const task = (name: string, key: string, writes: boolean) => ({
    run: () => void seen.push(name),
    runsBeside: (all: KeyLocks) => !all.holds(key, writes),
  });
  const { runner } = world.keyspace;
  const start = (): void => {
    void runner.run(task('reads what it writes', 'written', false));
    void runner.run(task('writes what it reads', 'read', true));
    void runner.run({ run: () => void seen.push('does not say') });
    void runner.run(task('reads what it reads', 'read', false));
    void runner.run(task('writes another', 'other', true));
  };
  const nothing = (): void => undefined;
  const steps = [() => setImmediate(start), nothing, nothing, () => void seen.push('it ends')];
  await world.run(world.inSteps(steps, nothing, touched));
  await settled();
  expect(seen).toEqual([
    ...['reads what it reads', 'writes another', 'it ends'],
    ...['reads what it writes', 'writes what it reads', 'does not say'],
  ]);
});

test('no segment begins before it has ended', async () => {
  await open();
  let folded = false;
  const fold = (): void => {
    void world.fold().then(() => {
      folded = true;
    });
  };
  const seen: boolean[] = [];
  const look = (): void => void seen.push(folded);
  const steps = [put('a', '1'), fold, look, look, look, look, look, put('b', '2')];
  await world.run(world.inSteps(steps, put('other', 'y'), locks));
  await world.endTurn();
  await world.fold();
  expect(seen).toEqual([false, false, false, false, false]);
  await world.restart();
  expect(await world.contents()).toEqual({
    '0/a': '1',
    '0/b': '2',
    '0/first': 'x',
    '0/other': 'y',
  });
});

test('collections that both make have versions of their own', async () => {
  await open();
  let made = 0;
  const steps = Array.from({ length: 5 }, (_, i) => () => {
    putCollection(world.db, `own${i}`, { f: `own${i}`, g: 'x' });
  });
  const beside = (): void => putCollection(world.db, `other${made++}`, { f: `other${made}` });
  await world.run(world.inSteps(steps, beside, locks));
  await world.endTurn();
  const names = ['own0', 'own1', 'own2', 'own3', 'own4', 'other0', 'other1', 'other2', 'other3'];
  const versions = await world.run((db) => names.map((name) => versionOf(db.get(name) as never)));
  expect(new Set(versions).size).toBe(names.length);
  await world.restart();
  await world.chill();
  const read = (name: string) => world.run((db) => readRecord(db, name, 'f'));
  expect(await read('own4')).toBe('own4');
  expect(await read('other0')).toBe('other1');
});

test('what it needs is loaded while others run, and only the part that needs it begins again', async () => {
  await open();
  await world.set('cold', 'stored');
  await world.chill();
  const done: string[] = [];
  const part = (): void => {
    const { transaction } = world.keyspace;
    const savepoint = transaction.savepoint();
    world.db.put('a', 'part');
    try {
      done.push(String(world.db.get('cold')));
    } catch (fault) {
      expect(world.db.get('own')).toBe('1');
      transaction.rollBack(savepoint);
      done.push('fault');
      suspend({ resume: part, abandon: () => undefined, locks, faultyPart: 7 });
      throw fault;
    }
  };
  world.storage.holds = true;
  const running = world.run(() => {
    world.db.put('own', '1');
    part();
  });
  await settled();
  expect(done).toEqual(['fault']);
  await world.keyspace.runner.run({ run: put('other', 'y'), runsBeside: () => true });
  await world.storage.releaseAll();
  await running;
  expect(done).toEqual(['fault', 'stored']);
  await world.endTurn();
  await world.restart();
  expect(await world.contents()).toEqual({
    ...{ '0/a': 'part', '0/cold': 'stored', '0/first': 'x' },
    ...{ '0/other': 'y', '0/own': '1' },
  });
});

test('what cannot be loaded fails it, and undoes all of it', async () => {
  await open();
  await world.set('cold', 'stored');
  await world.chill();
  const part = (): void => {
    try {
      world.db.get('cold');
    } catch {
      suspend({ resume: part, abandon: () => undefined, locks, faultyPart: 0 });
    }
  };
  const damaged = new Error('damaged');
  world.storage.load = () => Promise.reject(damaged);
  const running = world.run(() => {
    world.db.put('own', '1');
    part();
  });
  await expect(running).rejects.toBe(damaged);
  expect(contents(['own'])).toEqual([undefined]);
  await world.turn(() => world.db.put('other', 'y'));
  await world.restart();
  expect(contents(['own', 'other'])).toEqual([undefined, 'y']);
});

test('that it has ended is synced, though its last part has changed nothing', async () => {
  await open({ sync: 'always' });
  const running = world.run(
    world.inSteps([put('a', '1'), () => undefined], put('other', 'y'), locks),
  );
  await world.endTurn();
  await running;
  await world.endTurn();
  await world.restart(() => false);
  expect(contents(['a', 'other'])).toEqual(['1', 'y']);
});

test('one that was given up does not come with the next, which begins without a change', async () => {
  await open();
  const fail = (): never => {
    throw new Error('given up');
  };
  const undoable = (): void => world.keyspace.transaction.onUndo(() => undefined);
  const nothing = (): void => undefined;
  const first = world.run(world.inSteps([put('ghost', '1'), fail], nothing, locks));
  await expect(first).rejects.toThrow('given up');
  await world.run(world.inSteps([undoable, put('a', '1'), put('b', '1')], nothing, locks));
  await world.endTurn();
  await world.restart();
  expect(await world.contents()).toEqual({ '0/a': '1', '0/b': '1', '0/first': 'x' });
});

test('what others have deferred is none of its stages', async () => {
  await open();
  await world.turn((db) => List.create(db, 'list').push('tail', ['first']));
  const push = (): void => void List.find(world.db, 'list')?.push('tail', ['x']);
  const undoable = (): void => world.keyspace.transaction.onUndo(() => undefined);
  for (let i = 0; i < 3; i++) await world.run(push);
  await world.run(world.inSteps([undoable, put('a', '1'), put('b', '1')], undefined, locks));
  await world.endTurn();
  await world.restart();
  expect(contents(['list', 'a', 'b'])).toEqual([['first', 'x', 'x', 'x'], '1', '1']);
});

test('one part that is slow to load does not make the next ones block', async () => {
  await open();
  for (const key of ['k0', 'k1', 'k2']) await world.set(key, key);
  await world.chill();
  const load = world.storage.load.bind(world.storage);
  world.storage.load = (keys) => {
    world.clock.milliseconds += 1000;
    return load(keys);
  };
  world.storage.syncLoads = [];
  const partAt = (number: number): void => {
    try {
      world.db.get(`k${number}`);
    } catch {
      suspend({
        resume: () => partAt(number),
        abandon: () => undefined,
        locks,
        faultyPart: number,
      });
    }
    world.keyspace.transaction.endPart();
    if (number < 2) partAt(number + 1);
  };
  await world.run(() => partAt(0));
  expect(world.storage.syncLoads).toEqual([]);
});

const OWN = ['a', 'b', 'c'];
const OTHERS = ['x', 'y', 'z'];

const request = fc.record({
  kind: fc.constantFrom(...(['push', 'push', 'push', 'pop', 'delete', 'rename', 'put'] as const)),
  key: fc.nat(2),
  to: fc.nat(2),
  number: fc.nat(99),
});
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;
const requests = fc.array(request, { maxLength: 4 });
const between = fc.constantFrom(...(['end', 'end', 'nothing', 'fail', 'fold'] as const));
const stretch = fc.record({ own: requests, others: requests, between });
const ending = fc.constantFrom(...(['commit', 'commit', 'throw', 'kill'] as const));

function perform(db: Database, keys: readonly string[], { kind, key, to, number }: Request): void {
  const [name, other] = [keys[key] as string, keys[to] as string];
  const record = db.get(name);
  const list =
    record !== undefined && typeOf(record) === ValueType.list ? List.find(db, name) : undefined;
  if (kind === 'push')
    (list ?? List.create(db, name)).push(number % 2 ? 'head' : 'tail', [`${number}`]);
  else if (kind === 'pop') list?.pop('head', 1);
  else if (kind === 'delete') db.delete(name);
  else if (kind === 'rename' && record !== undefined) db.rename(name, other);
  else if (kind === 'put') db.put(name, `${number}`);
}

function valueAt(db: Database, key: string): unknown {
  const record = db.get(key);
  if (record === undefined || typeOf(record) !== ValueType.list) return record;
  const list = List.find(db, key);
  return list?.slice(0, list.length);
}

/** What is there of the keys, whoever is suspended. */
function contents(keys: readonly string[]): unknown[] {
  const { runner } = world.keyspace;
  const run = (): unknown[] => keys.map((key) => valueAt(world.db, key));
  return runner.isSuspended ? runner.runBeside({ run }) : runner.runEscalated({ run });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Stretch = typeof stretch extends fc.Arbitrary<infer T> ? T : never;

/** The task, and what is done beside it. */
class Play {
  /** What must be there of the others' keys: what was safe when their last turn ended. */
  others = contents(OTHERS);
  /** The log has failed while the task was not done: none of it is left. */
  hasFailed = false;
  outcome: 'committed' | 'failed' | undefined;
  readonly #folds: Promise<void>[] = [];

  start(stretches: readonly Stretch[], fails: boolean): void {
    // After a kill it goes on where it is: with the keyspace that nobody has any more.
    const { db } = world;
    const runFrom = (at: number): void => {
      for (const each of stretches[at]?.own ?? []) perform(db, OWN, each);
      if (at < stretches.length - 1) {
        suspend({ resume: () => runFrom(at + 1), abandon: () => undefined, locks });
      }
      if (fails) throw new Error('it ends so');
    };
    world
      .run(() => runFrom(0))
      .then(
        () => {
          this.outcome = 'committed';
        },
        () => {
          this.outcome = 'failed';
        },
      );
  }

  async runOthers({ others, between: then }: Stretch): Promise<void> {
    const run = (): void => {
      for (const one of others) perform(world.db, OTHERS, one);
    };
    await world.keyspace.runner.run({ run, runsBeside: () => true });
    if (then === 'fold') this.#folds.push(world.fold());
    if (then === 'fail') await this.#fail();
    else if (then !== 'nothing') await this.endTurn();
  }

  async endTurn(): Promise<void> {
    await world.endTurn();
    this.others = contents(OTHERS);
  }

  async #fail(): Promise<void> {
    if (!world.storage.log.pending) return;
    this.hasFailed = true;
    world.files.failWrite = (path) =>
      path.endsWith('.wal') ? systemError('ENOSPC', path) : undefined;
    await expect(world.endTurn()).rejects.toMatchObject({ code: 'DISK_FULL' });
    world.files.failWrite = undefined;
  }

  async end(): Promise<void> {
    while (this.outcome === undefined) await nextTurn();
    await this.endTurn();
    await Promise.all(this.#folds);
  }
}

test('whatever is done beside it, all of it is there after a restart or nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(stretch, { minLength: 1, maxLength: 8 }),
      ending,
      async (all, how) => {
        await open({ cacheBytes: 4_000 });
        await world.turn((db) => {
          for (const key of ['a', 'x']) List.create(db, key).push('tail', ['1', '2']);
        });
        let own = contents(OWN);
        const play = new Play();
        play.start(all, how === 'throw');
        await nextTurn();
        for (const one of all) {
          if (play.outcome !== undefined) break;
          await play.runOthers(
            how === 'kill' && one.between === 'fold' ? { ...one, between: 'end' } : one,
          );
          if (how === 'kill' && one === all.at(-2)) break;
          await nextTurn();
        }
        if (how !== 'kill') {
          await play.end();
          expect(play.outcome).toBe(play.hasFailed || how === 'throw' ? 'failed' : 'committed');
          if (play.outcome === 'committed') own = contents(OWN);
          expect(contents(OWN)).toEqual(own);
        }
        await world.restart();
        expect(contents(OWN)).toEqual(own);
        expect(contents(OTHERS)).toEqual(play.others);
        await world.chill();
        expect(contents([...OWN, ...OTHERS])).toEqual([...own, ...play.others]);
        await world.close();
      },
    ),
    { numRuns: 300 },
  );
  await open();
}, 120_000);
