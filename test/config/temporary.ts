/** Config files for tests, in a directory of their own. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Removed when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'diskdb-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function temporaryFile(content: string, name = 'diskdb.conf'): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

export function contentOf(path: string): string {
  return readFileSync(path, 'utf8');
}
