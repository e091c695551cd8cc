/**
 * The tables of a store, verified and mended before LevelDB opens it: LevelDB notices no damage to a key, an index or a
 * filter, which then hides records, and at some it ends the process.
 */

import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Files } from '../../base/files.js';
import { openLocked } from '../holder.js';
import { LeveldbStore } from '../store/leveldb-store.js';
import { tablesInUse } from './leveldb-manifest.js';
import { damagedBlocks, mendBlock } from './leveldb-table.js';

const TABLE_NAME = /^\d+\.(ldb|sst)$/;

export interface TableDamage {
  readonly where: string;
  readonly offset: number;
  readonly what: string;
}

/** The damaged blocks of all tables. @throws DIRECTORY_LOCKED if a server runs */
export function inspectTables(files: Files, directory: string): Promise<TableDamage[]> {
  return withLock(files, directory, async () => {
    const damage: TableDamage[] = [];
    for (const where of tablesOf(files, directory)) {
      const file = files.openSync(where, 'read');
      try {
        for (const { offset, what } of await damagedBlocks(file))
          damage.push({ where, offset, what });
      } finally {
        file.closeSync();
      }
    }
    return damage;
  });
}

/**
 * Turns back the bits that have turned over, where a block has one such, which its checksum tells. `keep` is called before a
 * table is changed. @throws DIRECTORY_LOCKED if a server runs
 */
export function mendTables(
  files: Files,
  directory: string,
  damaged: readonly string[],
  keep: (path: string) => void,
): Promise<void> {
  return withLock(files, directory, async () => {
    for (const path of damaged) {
      keep(path);
      const file = files.openSync(path, 'read-write');
      try {
        // A mended index may show more.
        for (let found = await damagedBlocks(file); found.length > 0; ) {
          const mended = found.filter((block) => mendBlock(file, block));
          if (mended.length === 0) break;
          found = await damagedBlocks(file);
        }
      } finally {
        file.closeSync();
      }
    }
  });
}

/** Those that LevelDB would read. */
function tablesOf(files: Files, directory: string): string[] {
  const store = `${directory}/store`;
  const inUse = tablesInUse(files, store) ?? new Set();
  const names = files.listSync(store).filter((name) => TABLE_NAME.test(name));
  return names
    .filter((name) => inUse.has(Number.parseInt(name, 10)))
    .map((name) => `${store}/${name}`);
}

/** Holds the store's lock, without opening the store: by an empty one elsewhere, whose lock file is a link to it. */
async function withLock<T>(files: Files, directory: string, work: () => Promise<T>): Promise<T> {
  const elsewhere = mkdtempSync(join(tmpdir(), 'diskdb-lock-'));
  const store = new LeveldbStore(elsewhere, { writeBufferBytes: 65_536, blockCacheBytes: 0 });
  try {
    symlinkSync(resolve(directory, 'store', 'LOCK'), join(elsewhere, 'LOCK'));
    await openLocked(files, directory, () => store.open());
    return await work();
  } finally {
    await store.close();
    rmSync(elsewhere, { recursive: true });
  }
}
