/** What is no file is not replaced by one. */

import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { replaceFile } from '../../src/base/replace-file.js';

const directory = mkdtempSync(join(tmpdir(), 'diskdb-replace-'));

afterAll(() => rmSync(directory, { recursive: true }));

test('a socket, or a device, stays what it is, and there is an error', async () => {
  const socket = join(directory, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  expect(() => replaceFile(socket, 'text')).toThrow('is not a regular file');
  expect(lstatSync(socket).isSocket()).toBe(true);
  expect(readdirSync(directory)).toEqual(['socket']);
  server.close();
});

test('a link stays one, and what it leads to is replaced', () => {
  const [file, link] = [join(directory, 'file'), join(directory, 'link')];
  replaceFile(file, 'first');
  symlinkSync(file, link);
  replaceFile(link, 'second');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('second');
});
