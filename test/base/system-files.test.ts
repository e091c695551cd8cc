/** The real file system, where it differs from what tests put in its place. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemFiles } from '../../src/base/system-files.js';

const directory = mkdtempSync(join(tmpdir(), 'diskdb-files-'));

afterAll(() => rmSync(directory, { recursive: true }));

test('a directory is made with its parents, and may be there already', () => {
  const path = join(directory, 'a', 'b', 'c');
  systemFiles.makeDirectorySync(path);
  systemFiles.makeDirectorySync(path);
  expect(existsSync(path)).toBe(true);
});

test.skipIf(!existsSync('/proc/self'))('no directory can be made in /proc, and it says so', () => {
  expect(() => systemFiles.makeDirectorySync('/proc/diskdb/wal')).toThrow(/ENOENT|EACCES/);
});
