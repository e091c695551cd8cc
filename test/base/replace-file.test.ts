/** What is no file is not replaced by one. */

import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { replaceFile } from '../../src/base/replace-file.js';

const directory = mkdtempSync(join(tmpdir(), 'diskdb-replace-'));

afterAll(() => rmSync(directory, { recursive: true }));

test('a pipe, or a device, stays what it is, and there is an error', () => {
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(() => replaceFile(pipe, 'text')).toThrow('is not a regular file');
  expect(lstatSync(pipe).isFIFO()).toBe(true);
  expect(readdirSync(directory)).toEqual(['pipe']);
});

test('a link stays one, and what it leads to is replaced', () => {
  const [file, link] = [join(directory, 'file'), join(directory, 'link')];
  replaceFile(file, 'first');
  symlinkSync(file, link);
  replaceFile(link, 'second');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('second');
});
