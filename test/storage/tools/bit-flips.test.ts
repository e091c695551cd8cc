/**
 * A bit turns over somewhere in a data directory, in whichever file: check says so, or everything is there and right.
 * DISKDB_FLIPS=n makes more of them.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../native-free-bench/random.js';
import { systemFiles } from '../../../src/base/system-files.js';
import { LeveldbStore } from '../../../src/storage/store/leveldb-store.js';
import { checkDirectory } from '../../../src/storage/tools/check.js';
import { repairDirectory } from '../../../src/storage/tools/repair.js';
import { seed } from '../../support/seed.js';
import { contents, newWorld, type Opened, openWorld, write } from '../harness.js';

const FLIPS = Number(process.env.DISKDB_FLIPS ?? 40);
const FOLDS = 4;
const STORE = { writeBufferBytes: 65_536, blockCacheBytes: 65_536 };

const ROOT = mkdtempSync(join(tmpdir(), 'diskdb-flips-'));
let directories = 0;

type Picture = ReadonlyMap<string, Buffer>;

let sound: Picture;
let expected: Record<string, string>;

beforeAll(async () => {
  const directory = temporaryDirectory();
  const opened = await open(directory);
  const random = seededRandom(seed);
  for (let fold = 0; fold < FOLDS; fold++) {
    writeSome(opened, random, fold);
    await opened.storage.fold(() => 'state');
  }
  writeSome(opened, random, FOLDS);
  await opened.storage.close();
  expected = await read(directory);
  sound = takePicture(directory);
});

afterAll(() => rmSync(ROOT, { recursive: true, force: true }));

function temporaryDirectory(): string {
  return join(ROOT, String(directories++));
}

/** Short and long values, overwritten and deleted later: several tables, of several levels. */
function writeSome({ storage }: Opened, random: () => number, fold: number): void {
  for (let i = 0; i < 150; i++) {
    const key = `m${String(Math.floor(random() * 400)).padStart(5, '0')}`;
    const value = `${fold}.${i}.`.repeat(1 + Math.floor(random() * 60));
    write(storage.log, { [key]: random() < 0.2 ? undefined : value, [`d${key}${i % 7}`]: 'short' });
  }
}

async function open(directory: string): Promise<Opened> {
  const store = new LeveldbStore(join(directory, 'store'), STORE);
  return openWorld(newWorld(), {
    directory,
    files: systemFiles,
    store,
    inProcess: true,
    reserveBytes: 0,
  });
}

async function read(directory: string): Promise<Record<string, string>> {
  const opened = await open(directory);
  try {
    return await contents(opened);
  } finally {
    await opened.storage.close();
  }
}

function takePicture(directory: string): Picture {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(names.map((name) => [name.slice(directory.length + 1), readFileSync(name)]));
}

/** The sound directory anew, but for one bit. */
function directoryWithFlip(name: string, bit: number): string {
  const directory = temporaryDirectory();
  for (const [path, bytes] of sound) {
    const copy = Buffer.from(bytes);
    if (path === name) copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), copy);
  }
  return directory;
}

/** Whether check says that something is wrong. */
async function isNoticed(directory: string): Promise<boolean> {
  try {
    return (await checkDirectory({ directory })).problems.length > 0;
  } catch (error) {
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(STORE_CORRUPT|FORMAT_UNKNOWN)$/),
    });
    return true;
  }
}

const kinds: Readonly<Record<string, RegExp>> = {
  "LevelDB's tables": /\.ldb$/,
  'its list of tables': /MANIFEST/,
  'the name of that list': /CURRENT/,
  'the log': /\.wal$/,
};

test.each(Object.entries(kinds))('a bit of %s', { timeout: 600_000 }, async (_, pattern) => {
  const random = seededRandom(seed);
  for (let flip = 0; flip < FLIPS / 4; flip++) {
    const names = [...sound].filter(([name, bytes]) => pattern.test(name) && bytes.length > 0);
    const [name, bytes] = names[Math.floor(random() * names.length)] ?? [];
    if (name === undefined || bytes === undefined) continue;
    const bit = Math.floor(random() * bytes.length * 8);
    const directory = directoryWithFlip(name, bit);
    const found = (await isNoticed(directory)) || (await read(directory));
    if (found !== true) expect(found, `seed ${seed}: bit ${bit} of ${name}`).toEqual(expected);
    rmSync(directory, { recursive: true });
  }
});

test('a table that a kill left half written is none of the store', async () => {
  const directory = directoryWithFlip('', 0);
  writeFileSync(join(directory, 'store', '999999.ldb'), Buffer.alloc(5000));
  expect((await checkDirectory({ directory })).problems).toEqual([]);
});

describe('repair', () => {
  const tables = () => [...sound].filter(([name]) => name.endsWith('.ldb'));

  test('turns the one bit of a block of a table back', { timeout: 60_000 }, async () => {
    const random = seededRandom(seed);
    for (const [name, bytes] of tables()) {
      // Not in the last 48 bytes, which have no checksum.
      const bit = Math.floor(random() * (bytes.length - 48) * 8);
      const directory = directoryWithFlip(name, bit);
      const report = await checkDirectory({ directory });
      expect(report).toMatchObject({ needsRepair: true, startable: false });
      expect(report.problems).toMatchObject([{ where: expect.stringContaining(name) }]);
      expect((await repairDirectory({ directory })).actions).toHaveLength(1);
      expect((await checkDirectory({ directory })).problems).toEqual([]);
      expect(await read(directory)).toEqual(expected);
    }
  });

  test('refuses a table that is damaged further', async () => {
    const [[name, bytes] = ['', Buffer.alloc(0)]] = tables();
    const directory = directoryWithFlip(name, 0);
    writeFileSync(join(directory, name), Buffer.from(bytes).fill(0x55, 10, 50));
    const refusal = { code: 'STORE_CORRUPT', message: expect.stringContaining('restore a backup') };
    await expect(repairDirectory({ directory })).rejects.toMatchObject(refusal);
    expect(await isNoticed(directory)).toBe(true);
  });
});
