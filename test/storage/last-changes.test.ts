/** The last change of each record, beside a plain map. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overwrite } from '../../src/base/overwrite.js';
import { LastChanges } from '../../src/storage/last-changes.js';
import { readPatch } from '../../src/storage/log/patch.js';
import { ENVELOPE_BYTES } from '../../src/storage/store/codec.js';
import { patchOf } from './harness.js';

const name = fc.constantFrom(
  '',
  'a',
  'b',
  'ab',
  'ba',
  'a long name, the first',
  'a long name, the other',
);
const length = fc.oneof(
  fc.nat(20),
  fc.nat(300),
  fc.constantFrom(127, 128, 129, 200_000, 262_136, 262_137, 300_000, 1_048_576, 3_000_000),
);
/** Of a patch: how much of the value stands before its bytes. */
const share = fc.constantFrom(0, 0.5, 0.99, 1);
const change = fc.record({
  name,
  length: fc.option(length, { freq: 6 }),
  patchAt: fc.option(share, { freq: 1 }),
});
/** Of which names there are records before. */
const initial = fc.uniqueArray(name);

function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 97) bytes[at] = (seed + at) % 251;
  return bytes;
}

function put(last: LastChanges, name: string, value: Buffer, creates = false): void {
  last.put(
    Buffer.concat([Buffer.from(`..${name}`), value]),
    2,
    2 + name.length,
    2 + name.length + value.length,
    creates,
  );
}

function patch(last: LastChanges, name: string, offset: number, bytes: Buffer): boolean {
  const source = patchOf(name, offset, bytes);
  return last.patch(source, 0, name.length, readPatch(source, name.length, source.length));
}

/** What a fold would write, in its order. */
async function contents(last: LastChanges): Promise<[string, string | undefined][]> {
  return Array.from(await last.sorted(), (place) => [
    last.keyOf(place).toString('latin1'),
    last.storedOf(place)?.toString('latin1', ENVELOPE_BYTES),
  ]);
}

function inOrder(model: ReadonlyMap<string, string | undefined>): [string, string | undefined][] {
  return [...model].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('is a map from names to the last value, or to nothing if there was one, in the order of the names', async () => {
  const changes = fc.array(change, { maxLength: 80 });
  const property = fc.asyncProperty(initial, changes, async (existing, steps) => {
    const last = new LastChanges();
    const model = new Map<string, string | undefined>();
    const created = new Set<string>();
    steps.forEach(({ name, length, patchAt }, index) => {
      const value = length === null ? undefined : bytesOf(length, index);
      const before = model.get(name);
      if (patchAt !== null && value !== undefined && before !== undefined) {
        const offset = Math.floor(before.length * patchAt);
        expect(patch(last, name, offset, value)).toBe(true);
        model.set(name, overwrite(before, offset, value.toString('latin1')));
        return;
      }
      const exists = model.has(name) ? model.get(name) !== undefined : existing.includes(name);
      if (value === undefined) last.delete(Buffer.from(`.${name}`), 1, 1 + name.length);
      else put(last, name, value, !exists);
      if (value !== undefined && !exists && !model.has(name)) created.add(name);
      model.set(name, value?.toString('latin1'));
    });
    for (const name of created) if (model.get(name) === undefined) model.delete(name);
    expect(await contents(last)).toEqual(inOrder(model));
  });
  await fc.assert(property, { numRuns: 100 });
});

test('a patch of a record that is not here changes nothing, one of a deleted one is refused', async () => {
  const last = new LastChanges();
  expect(patch(last, 'a', 0, Buffer.from('b'))).toBe(false);
  expect(await contents(last)).toEqual([]);
  last.delete(Buffer.from('a'), 0, 1);
  const patching = () => patch(last, 'a', 0, Buffer.from('b'));
  expect(patching).toThrow('the log has a patch for byte 0 of "a", which has no value');
  put(last, 'a', Buffer.from('abc'));
  const behind = () => patch(last, 'a', 4, Buffer.from('b'));
  expect(behind).toThrow('the log has a patch for byte 4 of "a", which has 3 bytes');
});

test('a value that patches have made longer is still one that its first change created', async () => {
  const last = new LastChanges();
  put(last, 'a', Buffer.from('abc'), true);
  patch(last, 'a', 3, Buffer.alloc(1000));
  last.delete(Buffer.from('a'), 0, 1);
  expect(await contents(last)).toEqual([]);
});

test('patches that make a value longer and longer do not copy it each time', () => {
  const last = new LastChanges();
  put(last, 'a', Buffer.alloc(100));
  for (let i = 0; i < 10_000; i++) patch(last, 'a', 100 + i, Buffer.from('b'));
  expect(last.bytes).toBeLessThan(60_000);
});

test('a value in the place of one before it takes no further memory', () => {
  const last = new LastChanges();
  put(last, 'a', Buffer.alloc(100));
  const { bytes } = last;
  for (const each of [100, 0, 100, 50]) put(last, 'a', Buffer.alloc(each));
  last.delete(Buffer.from('a'), 0, 1);
  put(last, 'a', Buffer.alloc(100));
  expect(last.bytes).toBe(bytes);
  put(last, 'a', Buffer.alloc(101));
  expect(last.bytes).toBeGreaterThan(bytes);
});

test('counts what it takes: the record, room for its envelope, and what sorting it will', () => {
  const last = new LastChanges();
  put(last, 'name', Buffer.alloc(100));
  expect(last.bytes).toBe(12 + 4 + ENVELOPE_BYTES + 100 + 16);
});

test('many small values share their buffers, and each is found', async () => {
  const last = new LastChanges();
  const names = Array.from({ length: 200_000 }, (_, i) => `name ${i}`);
  for (const name of names) put(last, name, Buffer.from(name));
  expect(last.bytes).toBeLessThan(200_000 * 200);
  const model = new Map(names.map((name) => [name, name]));
  expect(await contents(last)).toEqual(inOrder(model));
});
