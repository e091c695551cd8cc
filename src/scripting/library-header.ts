/** The first line of a library: `#!lua name=mylib`. */

import { fail } from '../commands/command-error.js';
import { headerWords } from './script-header.js';

const NAME = /^[a-zA-Z0-9_]+$/;

export interface LibraryHeader {
  readonly name: string;
  /** The code behind the header, with the header's end of line. */
  readonly body: string;
}

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** @throws CommandError */
export function parseLibrary(code: string): LibraryHeader {
  if (!code.startsWith('#!')) fail('ERR Missing library metadata');
  const end = code.indexOf('\n');
  if (end < 0) fail('ERR Invalid library metadata');
  const words = headerWords(code.slice(0, end));
  if (words === undefined) return fail('ERR Invalid library metadata');
  const [mark = '', ...options] = words;
  const engine = mark.slice(2);
  const name = nameFrom(options);
  if (engine.toLowerCase() !== 'lua') fail(`ERR Engine '${engine}' not found`);
  if (!isName(name)) {
    const rule = 'can only contain letters, numbers, or underscores(_)';
    fail(`ERR Library names ${rule} and must be at least one character long`);
  }
  return { name, body: code.slice(end) };
}

function nameFrom(options: readonly string[]): string {
  let name: string | undefined;
  for (const option of options) {
    if (!option.toLowerCase().startsWith('name='))
      fail(`ERR Invalid metadata value given: ${option}`);
    if (name !== undefined) {
      fail('ERR Invalid metadata value, name argument was given multiple times');
    }
    name = option.slice('name='.length);
  }
  if (name === undefined) fail('ERR Library name was not given');
  return name;
}
