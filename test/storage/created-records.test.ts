/**
 * A fold leaves out what was created and deleted again since the last one, and puts patches over what their segment has put. Whatever
 * fails meanwhile, in the end the store holds what a map does that had the same changes, and nothing of collections that are gone.
 */

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { overwrite } from '../../src/base/overwrite.js';
import { dataKey, parseDataKey, spaceRange, versionRange } from '../../src/keyspace/encoding.js';
import { listSegments } from '../../src/storage/log/segment.js';
import { DATA_FAMILY, type Log } from '../../src/storage/storage.js';
import { StorageService } from '../../src/storage/storage-service.js';
import { readCheckpoint } from '../../src/storage/store/checkpoint.js';
import { Codec } from '../../src/storage/store/codec.js';
import type { StoreWrite } from '../../src/storage/store/memory-store.js';
import { LocalBackend } from '../../src/storage/thread/backend.js';
import { repairDirectory } from '../../src/storage/tools/repair.js';
import {
  change,
  DIRECTORY,
  garbage,
  newWorld,
  openWorld,
  patch,
  RecordingSink,
  segmentFile,
  type World,
} from './harness.js';
import { writeRecords } from './store/write-records.js';

type Model = Map<string, string>;

const CODEC = new Codec('none');

/** A field of a collection: `1:a`, or all of it: `1:`. */
const FIELD = /^(\d):(.*)$/s;

const key = fc.nat(7).map((i) => `m${i}`);
const field = fc.tuple(fc.nat(2), fc.constantFrom('a', 'b')).map(([i, name]) => `${i}:${name}`);

/** Bytes that are put over a value, from its middle on. */
interface Bytes {
  readonly over: string;
}

type Given = string | Bytes | null | undefined;

const bytes = fc.string({ unit: 'binary-ascii', maxLength: 40 });
const value = fc.oneof(bytes, fc.record({ over: bytes }), fc.constant(null));
const pair: fc.Arbitrary<readonly [string, Given]> = fc.oneof(
  fc.tuple(fc.oneof(key, field), value),
  fc.tuple(
    fc.nat(2).map((i) => `${i}:`),
    fc.constant(null),
  ),
);

interface FoldSizes {
  readonly gatherBytes: number;
  readonly batchBytes: number;
}

const sizes = fc.record({
  gatherBytes: fc.constantFrom(100, 500, 1_000_000),
  batchBytes: fc.constantFrom(50, 200, 1_000_000),
});

interface FoldStep extends FoldSizes {
  /** The batch that fails; null if none does. */
  readonly failsAt: number | null;
  /** Only the first of the segments is folded. */
  readonly isPart: boolean;
  /** The checkpoint is in the store, but the fold is not told so. */
  readonly flushFails: boolean;
}

type Step =
  | { readonly kind: 'write'; readonly pairs: readonly (readonly [string, Given])[] }
  | ({ readonly kind: 'fold' } & FoldStep)
  | ({ readonly kind: 'lose'; readonly batch: number } & FoldSizes)
  /** A start that folds segment by segment, or the checkpoint goes back before one. */
  | { readonly kind: 'recover' | 'repair' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    pairs: fc.array(pair, { minLength: 1, maxLength: 20 }),
  }),
  sizes.chain((chosen) =>
    fc.record({
      kind: fc.constant('fold' as const),
      failsAt: fc.option(fc.nat(3), { freq: 2 }),
      isPart: fc.boolean(),
      flushFails: fc.boolean(),
      gatherBytes: fc.constant(chosen.gatherBytes),
      batchBytes: fc.constant(chosen.batchBytes),
    }),
  ),
  sizes.chain((chosen) =>
    fc.record({
      kind: fc.constant('lose' as const),
      batch: fc.nat(6),
      gatherBytes: fc.constant(chosen.gatherBytes),
      batchBytes: fc.constant(chosen.batchBytes),
    }),
  ),
  fc.record({ kind: fc.constantFrom('recover' as const, 'repair' as const) }),
);

/** Writes the changes as one segment, each with its flag as the keyspace would give it. */
async function writeAll(
  world: World,
  model: Model,
  pairs: readonly (readonly [string, Given])[],
): Promise<void> {
  const { storage } = await openWorld(world);
  const { log } = storage;
  const segment: Segment = { log, model, put: new Set() };
  for (const [name, given] of pairs) {
    const [, collection, fieldName] = FIELD.exec(name) ?? [];
    log.beginTransaction();
    if (collection === undefined) put(segment, name, given);
    else if (fieldName !== '') putField(segment, Number(collection), fieldName as string, given);
    else drop(segment, Number(collection));
    log.endTransaction();
  }
  log.flush();
  await storage.close();
}

interface Segment {
  readonly log: Log;
  readonly model: Model;
  /** What it has put: patches may go over that. */
  readonly put: Set<string>;
}

function put({ log, model, put }: Segment, name: string, given: Given): void {
  const before = model.get(name);
  const offset = (before?.length ?? 0) >> 1;
  const isPatch = typeof given === 'object' && given !== null;
  const after = isPatch ? overwrite(before ?? '', offset, given.over) : (given ?? undefined);
  if (isPatch && put.has(name)) patch(log, name, offset, given.over);
  else change(log, name, after, before === undefined);
  if (after === undefined) {
    model.delete(name);
    put.delete(name);
  } else {
    model.set(name, after);
    put.add(name);
  }
}

/** The records of the collection, which stands for a space of its own here. */
function recordsIn(model: Model, collection: number): string[] {
  const { from, to } = spaceRange('d', collection);
  return [...model.keys()].filter((name) => from <= name && name < to);
}

/** With its last field the collection goes. */
function putField(segment: Segment, collection: number, name: string, given: Given): void {
  const { log, model } = segment;
  const [first] = recordsIn(model, collection);
  const version = first === undefined ? log.nextLsn : versionIn(first);
  const full = dataKey(collection, 0, version, name);
  if (given === null && !model.has(full)) return;
  put(segment, full, given);
  if (recordsIn(model, collection).length === 0) logGone(log, collection, version);
}

function drop({ log, model }: Segment, collection: number): void {
  const records = recordsIn(model, collection);
  const [first] = records;
  if (first === undefined) return;
  for (const name of records) model.delete(name);
  logGone(log, collection, versionIn(first));
}

function versionIn(record: string): number {
  return parseDataKey(record).version;
}

function logGone(log: Log, collection: number, version: number): void {
  const { from, to } = versionRange(collection, 0, version);
  for (const [name, range] of Object.entries(garbage(log.nextLsn, from, to))) {
    change(log, name, range, false);
  }
}

/** Folds what was written. Returns the batches that reached the store. */
async function fold(
  world: World,
  { failsAt = null, isPart = false, flushFails = false, ...chosen }: Partial<FoldStep> = {},
): Promise<readonly (readonly StoreWrite[])[]> {
  // The newest segment stays in the log.
  await (await openWorld(world)).storage.close();
  const { files, store } = world;
  const { segment } = await readCheckpoint(store, CODEC);
  const newest = Math.max(...listSegments(files, DIRECTORY));
  const options = { files, directory: DIRECTORY, store, codec: CODEC };
  const service = new StorageService({ ...options, reserveBytes: 0, reopenBytes: 0, ...chosen });
  const backend = new LocalBackend(service);
  await backend.open();
  const batches: (readonly StoreWrite[])[] = [];
  store.failWrite = (batch) => {
    if (batches.length === failsAt) return new Error('failed on purpose');
    batches.push(batch.map(({ key, value }) => ({ key, value })));
    return undefined;
  };
  if (flushFails) store.flush = () => Promise.reject(new Error('failed on purpose'));
  try {
    await backend.fold(isPart ? Math.min(segment + 1, newest - 1) : newest - 1);
  } catch (error) {
    if (failsAt === null && !flushFails) throw error;
  } finally {
    store.failWrite = undefined;
    store.flush = () => Promise.resolve();
    await backend.close();
  }
  return batches;
}

/** Starts, and folds each segment but the newest on the way. */
async function recover(world: World): Promise<void> {
  const sink = new RecordingSink();
  sink.foldBetween = true;
  await (await openWorld(world, { sink })).storage.close();
}

/** The head behind the checkpoint is lost: what the last fold read is replayed over what it wrote. All must be folded. */
async function loseHeadAndRepair({ files, store }: World): Promise<readonly string[]> {
  const { segment } = await readCheckpoint(store, CODEC);
  files.flip(segmentFile(segment + 1), 70);
  return (await repairDirectory({ directory: DIRECTORY, files, store })).actions;
}

async function recordsOf({ store }: World): Promise<Map<string, Buffer>> {
  const records = new Map<string, Buffer>();
  const range = { from: Buffer.from('\0'), to: Buffer.from('z') };
  await store.scan(range, (key, value) => {
    records.set(key.toString('latin1'), Buffer.from(value));
    return true;
  });
  return records;
}

/** Folds, and then the store has lost one of the batches but the last, as LevelDB drops a damaged part of its log. */
async function foldAndLose(world: World, lost: number, chosen: FoldSizes): Promise<void> {
  await (await openWorld(world)).storage.close(); // what was lost before is folded again
  const before = await recordsOf(world);
  const batches = await fold(world, chosen);
  const all = [...(await recordsOf(world)).keys()].map((name) => Buffer.from(name, 'latin1'));
  await writeRecords(
    world.store,
    all.map((key) => ({ key, value: undefined })),
  );
  const first = [...before].map(([name, value]) => ({ key: Buffer.from(name, 'latin1'), value }));
  await writeRecords(world.store, first);
  for (const [i, batch] of batches.entries()) {
    if (batches.length === 1 || i !== lost % (batches.length - 1))
      await writeRecords(world.store, batch);
  }
}

/** All that the store has of keys and collections, once everything is folded and cleared. */
async function folded(world: World): Promise<Record<string, string>> {
  await fold(world);
  const { storage } = await openWorld(world);
  while ((await storage.statistics()).garbage > 0) await new Promise((go) => setImmediate(go));
  const { keys, values } = await storage.range({
    from: 'd',
    to: 'n',
    maxRecords: 1e6,
    maxBytes: 1e9,
  });
  await storage.close();
  return Object.fromEntries(keys.map((name, i) => [name, values[i] ?? '']));
}

function writtenKeys(batches: readonly (readonly StoreWrite[])[]): string[] {
  const keys = batches.flat().map((write) => write.key.toString('latin1'));
  return keys.filter((name) => name.startsWith('m'));
}

describe('what a fold has written before', () => {
  const long = 'a'.repeat(60);

  it('has patches that come later in its segment put over it', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [
      ['m1', long],
      ['m2', long],
      ['m1', { over: 'b'.repeat(40) }],
      ['m1', { over: 'c' }],
    ]);
    await fold(world, { gatherBytes: 100 });
    expect(model.get('m1')).toBe(`${long.slice(0, 30)}${'b'.repeat(5)}c${'b'.repeat(34)}`);
    expect(await folded(world)).toEqual(Object.fromEntries(model));
  });

  it('has none put over it if it is put, or deleted, again behind them', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [
      ['m1', long],
      ['m2', long],
      ['m3', long.repeat(7)],
      ['m1', { over: 'b' }],
      ['m2', { over: 'b' }],
      ['m1', 'c'],
      ['m2', null],
    ]);
    // All that comes behind the third is gathered at once.
    const batches = await fold(world, { gatherBytes: 500 });
    expect(writtenKeys(batches)).toEqual(['m1', 'm2', 'm3', 'm1', 'm2']);
    expect(await folded(world)).toEqual({ m1: 'c', m3: long.repeat(7) });
  });

  it('is not looked for if it has become garbage behind them', async () => {
    const world = newWorld();
    await writeAll(world, new Map(), [
      ['1:a', long],
      ['m2', long.repeat(7)],
      ['1:a', { over: 'b' }],
      ['1:', null],
    ]);
    const read = vi.spyOn(world.store, 'getMany');
    await fold(world, { gatherBytes: 500 });
    const isField = (key: Buffer) => key[0] === DATA_FAMILY;
    expect(read.mock.calls.flat(2).filter(isField)).toEqual([]);
    expect(await folded(world)).toEqual({ m2: long.repeat(7) });
  });

  it('must be there, or the fold fails and says of what', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [
      ['m1', long],
      ['m2', long],
      ['m1', { over: 'b' }],
    ]);
    const read = world.store.getMany.bind(world.store);
    world.store.getMany = (keys) => read(keys.filter(([family]) => family !== 'm'.charCodeAt(0)));
    const failing = fold(world, { gatherBytes: 100 });
    await expect(failing).rejects.toThrow('a patch for byte 30 of "m1", which has no value');
    world.store.getMany = read;
    expect(await folded(world)).toEqual(Object.fromEntries(model));
  });
});

describe('records that were created and deleted again', () => {
  it('are not written, and do not come back, whatever fails', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20, size: 'max' }), async (steps) => {
        const world = newWorld();
        const model: Model = new Map();
        for (const next of steps) {
          if (next.kind === 'write') await writeAll(world, model, next.pairs);
          else if (next.kind === 'fold') await fold(world, next);
          else if (next.kind === 'lose') await foldAndLose(world, next.batch, next);
          else if (next.kind === 'recover') await recover(world);
          else {
            await fold(world);
            await loseHeadAndRepair(world);
          }
        }
        expect(await folded(world)).toEqual(Object.fromEntries([...model].sort()));
      }),
      { numRuns: 300 },
    );
  });

  it('are left out of a fold, if it is the first to see them', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [
      ['m1', 'a'],
      ['m2', 'b'],
      ['m1', 'longer'],
      ['m1', null],
    ]);
    expect(writtenKeys(await fold(world))).toEqual(['m2']);
    await writeAll(world, model, [
      ['m2', null],
      ['m2', 'c'],
      ['m2', null],
      ['m3', 'd'],
      ['m3', null],
    ]);
    expect(writtenKeys(await fold(world))).toEqual(['m2']);
    expect(await folded(world)).toEqual({});
  });

  it('are deleted if an attempt that failed has written them', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [
      ['m1', 'a'],
      ['m2', 'b'.repeat(60)],
      ['m1', null],
    ]);
    // What was gathered first has m1 as it was created.
    expect(writtenKeys(await fold(world, { gatherBytes: 100, failsAt: 1 }))).toEqual(['m1', 'm2']);
    expect(writtenKeys(await fold(world))).toEqual(['m1', 'm2']);
    expect(await folded(world)).toEqual({ m2: 'b'.repeat(60) });
  });

  it('are deleted though a fold of a part came between, and did not go as far as the attempt', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [['m1', 'a']]);
    await writeAll(world, model, [
      ['m2', 'b'],
      ['m3', 'c'.repeat(60)],
    ]);
    // What is in both segments has reached the store, but for the checkpoint.
    expect(writtenKeys(await fold(world, { gatherBytes: 100, failsAt: 1 }))).toContain('m2');
    await writeAll(world, model, [['m2', null]]);
    await fold(world, { isPart: true });
    expect(await folded(world)).toEqual({ m1: 'a', m3: 'c'.repeat(60) });
  });

  it('are deleted if nobody knows how far a fold has come', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [['m0', 'first']]);
    await fold(world);
    await writeAll(world, model, [
      ['m1', 'a'],
      ['m2', 'b'.repeat(60)],
      ['m1', null],
    ]);
    await fold(world, { gatherBytes: 100, failsAt: 1 });
    for (const value of [undefined, Buffer.from('damaged')]) {
      await writeRecords(world.store, [{ key: Buffer.from('c!reached'), value }]);
      expect(writtenKeys(await fold(world, { failsAt: 1 }))).toContain('m1');
    }
    expect(await folded(world)).toEqual({ m0: 'first', m2: 'b'.repeat(60) });
  });

  it('are deleted if the fold is done again, whose batch with their deletion was lost', async () => {
    const world = newWorld();
    const model: Model = new Map();
    const value = 'b'.repeat(60);
    await writeAll(world, model, [
      ['m1', 'a'],
      ['m2', value],
      ['m1', null],
    ]);
    await foldAndLose(world, 1, { gatherBytes: 100, batchBytes: 1_000_000 });
    expect([...(await recordsOf(world)).keys()]).toContain('m1');
    expect(await folded(world)).toEqual({ m2: value });
  });

  it('are deleted by what is folded after repair has moved the checkpoint back', async () => {
    const world = newWorld();
    const model: Model = new Map();
    await writeAll(world, model, [['m0', 'first']]);
    await fold(world);
    await writeAll(world, model, [['m1', 'a']]);
    await fold(world);
    const actions = await loseHeadAndRepair(world);
    expect(actions.join()).toContain('moved the checkpoint back');
    await writeAll(world, model, [['m1', null]]);
    expect(await folded(world)).toEqual({ m0: 'first' });
  });
});
