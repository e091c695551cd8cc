/** CONFIG REWRITE: puts changed values into the file and leaves everything else in it as it is. */

import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { replaceFile } from '../base/replace-file.js';
import type { ConfigFile } from './config.js';
import { setDirective, setUserDirectives } from './redis-edit.js';
import type { Assignment } from './setting.js';
import { setYaml, setYamlUsers } from './yaml-edit.js';

const editors = {
  yaml: { setOption: setYaml, setUsers: setYamlUsers },
  redis: { setOption: setDirective, setUsers: setUserDirectives },
} as const;

/**
 * Either the whole new file is there afterwards, on stable storage, or the old one.
 * @param users names and rules, as bytes, to take the place of those in the file
 */
export function rewriteFile(
  { path, syntax }: ConfigFile,
  changes: readonly Assignment[],
  users: readonly (readonly string[])[] | undefined,
): void {
  const { setOption, setUsers } = editors[syntax];
  const bytes = readFileSync(path);
  if (!isUtf8(bytes)) throw new Error(`${path} is not UTF-8, and would not be the same`);
  let content = bytes.toString('utf8');
  for (const { entry, value } of changes) content = setOption(content, entry, value);
  if (users !== undefined) content = setUsers(content, users);
  replaceFile(path, content);
}
