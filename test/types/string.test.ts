/** The string type against a plain Buffer: any sequence of changes, resident or cold. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../../src/base/large-string.js';
import type { Header } from '../../src/keyspace/header.js';
import * as string from '../../src/types/string/string.js';
import { textOf } from '../../src/types/string/value.js';
import { CommandHarness } from '../support/command-harness.js';

const LONGEST = 512 * 1024 * 1024;
const KEY = 'key';

let harness: CommandHarness | undefined;

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

/** Runs the change as a request of its own. */
async function run<T>(change: (db: ReturnType<typeof database>) => T): Promise<T> {
  const result = await opened().keyspace.runner.run({ run: () => change(database()) });
  opened().endTurn();
  return result;
}

function opened(): CommandHarness {
  if (harness === undefined) throw new Error('not open');
  return harness;
}

function database() {
  return opened().keyspace.database(0);
}

/** The bytes between two offsets, as GETRANGE takes them. */
function getRange(first: number, last: number): Promise<string> {
  return run((db) => {
    const entry = string.find(db, KEY);
    if (entry?.record === undefined) return '';
    const range = string.rangeWithin(string.lengthOf(entry.record), first, last);
    return range === undefined ? '' : string.readRange(db, entry, ...range).join('');
  });
}

async function read(): Promise<string | undefined> {
  return run((db) => {
    const value = string.get(db, KEY);
    return value === undefined ? undefined : textOf(value);
  });
}

/** Offsets and lengths that fall around the borders of fragments. */
const nearBorder = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -3, max: 3 }))
  .map(([chunks, offset]) => Math.max(0, chunks * CHUNK_BYTES + offset));

const bytes = fc
  .tuple(nearBorder, fc.integer({ min: 0x61, max: 0x7a }))
  .map(([length, letter]) => String.fromCharCode(letter).repeat(length));

const change = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), bytes }),
  fc.record({ kind: fc.constant('append' as const), bytes }),
  fc.record({ kind: fc.constant('setRange' as const), bytes, offset: nearBorder }),
  fc.record({ kind: fc.constant('getRange' as const), first: nearBorder, last: nearBorder }),
  fc.record({ kind: fc.constant('evict' as const) }),
  fc.record({ kind: fc.constant('delete' as const) }),
);

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Applies the change to both; returns what the value must be then. */
async function apply(step: Change, model: string | undefined): Promise<string | undefined> {
  const old = model ?? '';
  switch (step.kind) {
    case 'set':
      await run((db) => string.set(db, KEY, step.bytes));
      return step.bytes;
    case 'append':
      expect(await run((db) => string.append(db, KEY, step.bytes, LONGEST))).toBe(
        old.length + step.bytes.length,
      );
      return old + step.bytes;
    case 'setRange': {
      const after = step.bytes === '' ? model : overwritten(old, step.offset, step.bytes);
      const length = await run((db) => string.setRange(db, KEY, step.offset, step.bytes, LONGEST));
      expect(length).toBe(after?.length ?? 0);
      return after;
    }
    case 'getRange': {
      const range = await getRange(step.first, step.last);
      expect(range === old.slice(step.first, step.last + 1)).toBe(true);
      return model;
    }
    case 'evict':
      await opened().evict();
      return model;
    case 'delete':
      await run((db) => db.delete(KEY));
      return undefined;
  }
}

function overwritten(old: string, offset: number, text: string): string {
  const after = Buffer.alloc(Math.max(old.length, offset + text.length));
  after.write(old, 0, 'latin1');
  after.write(text, offset, 'latin1');
  return after.toString('latin1');
}

test('any sequence of changes leaves what a plain buffer would hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (steps) => {
      harness = await CommandHarness.open([]);
      try {
        let model: string | undefined;
        for (const step of steps) {
          model = await apply(step, model);
          expect((await read()) === model).toBe(true);
          expect(await run((db) => string.length(db, KEY))).toBe(model?.length ?? 0);
        }
      } finally {
        await harness.close();
        harness = undefined;
      }
    }),
    { numRuns: 150 },
  );
});

test('SETRANGE far beyond the end writes one fragment, and what lies between is zero', async () => {
  harness = await CommandHarness.open([]);
  await run((db) => string.setRange(db, KEY, 100 * 1024 * 1024, 'x', LONGEST));
  const record = await run((db) => db.get(KEY) as Header);
  expect(record.count).toBe(100 * 1024 * 1024 + 1);
  const table = await run((db) => db.entry(KEY)?.data?.size);
  expect(table).toBe(1);
  const tail = await getRange(-3, -1);
  expect(tail).toBe('\0\0x');
});

test('APPEND to a long cold value loads no more than its last fragment', async () => {
  harness = await CommandHarness.open([]);
  await run((db) => string.set(db, KEY, 'a'.repeat(50 * CHUNK_BYTES + 5)));
  await harness.evict();
  const before = harness.keyspace.loader.loads;
  await run((db) => string.append(db, KEY, 'bc', LONGEST));
  expect(harness.keyspace.loader.loads - before).toBe(2);
  expect(await getRange(-4, -1)).toBe('aabc');
});

test('a value that is replaced by a shorter one keeps no fragments of the longer', async () => {
  harness = await CommandHarness.open([]);
  await run((db) => string.set(db, KEY, 'a'.repeat(3 * CHUNK_BYTES)));
  await run((db) => string.set(db, KEY, 'b'.repeat(2 * CHUNK_BYTES)));
  await run((db) => string.setRange(db, KEY, 3 * CHUNK_BYTES, 'c', LONGEST));
  const gap = await getRange(2 * CHUNK_BYTES, 3 * CHUNK_BYTES);
  expect(gap).toBe(`${'\0'.repeat(CHUNK_BYTES)}c`);
});

test('encodings are those of Redis', async () => {
  harness = await CommandHarness.open([]);
  const encoding = (): Promise<string> =>
    run((db) => string.encodingOf(db.get(KEY) as string | Header));
  const cases: [string, string][] = [
    ['12', 'int'],
    ['-9223372036854775808', 'int'],
    ['9223372036854775808', 'embstr'],
    ['012', 'embstr'],
    ['', 'embstr'],
    ['x'.repeat(44), 'embstr'],
    ['x'.repeat(45), 'raw'],
    ['x'.repeat(CHUNK_BYTES + 1), 'raw'],
  ];
  for (const [value, expected] of cases) {
    await run((db) => string.set(db, KEY, value));
    expect(await encoding()).toBe(expected);
  }
  await run((db) => string.set(db, KEY, '1'));
  await run((db) => string.append(db, KEY, '2', LONGEST));
  expect(await encoding()).toBe('raw');
  await harness.evict();
  expect(await encoding()).toBe('raw');
});
