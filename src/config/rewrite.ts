/** CONFIG REWRITE: puts changed values into the file and leaves everything else in it as it is. */

import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { ConfigFile } from './config.js';
import { setDirective } from './redis-edit.js';
import type { Assignment } from './setting.js';
import { setYaml } from './yaml-edit.js';

/** Either the whole new file is there afterwards, on stable storage, or the old one. */
export function rewriteFile({ path, syntax }: ConfigFile, changes: readonly Assignment[]): void {
  const target = realpathSync(path); // a link stays a link
  const edit = syntax === 'yaml' ? setYaml : setDirective;
  let content = readFileSync(target, 'utf8');
  for (const { entry, value } of changes) content = edit(content, entry, value);
  replaceFile(target, content);
}

function replaceFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeSynced(temporary, content, statSync(path).mode & 0o777);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

function writeSynced(path: string, content: string, mode: number): void {
  const descriptor = openSync(path, 'w', mode);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
