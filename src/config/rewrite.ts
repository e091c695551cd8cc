/** CONFIG REWRITE: puts changed values into the file and leaves everything else in it as it is. */

import { readFileSync } from 'node:fs';
import { replaceFile } from '../base/replace-file.js';
import type { ConfigFile } from './config.js';
import { setDirective } from './redis-edit.js';
import type { Assignment } from './setting.js';
import { setYaml } from './yaml-edit.js';

/** Either the whole new file is there afterwards, on stable storage, or the old one. */
export function rewriteFile({ path, syntax }: ConfigFile, changes: readonly Assignment[]): void {
  const edit = syntax === 'yaml' ? setYaml : setDirective;
  let content = readFileSync(path, 'utf8');
  for (const { entry, value } of changes) content = edit(content, entry, value);
  replaceFile(path, content);
}
