/** What is generated from the table is in step with it. If this fails: npm run write-reference. */

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { entries } from '../../src/config/catalog.js';
import { loadConfig } from '../../src/config/load.js';
import { exampleFile, referenceLists } from '../../src/config/reference.js';
import { contentOf, temporaryFile } from './temporary.js';

test('diskdb.conf.example is in step', () => {
  expect(contentOf('diskdb.conf.example')).toBe(exampleFile());
});

test('docs/configuration.md is in step', () => {
  const page = contentOf('docs/configuration.md');
  expect(page.slice(page.indexOf('-->\n') + 5)).toBe(referenceLists());
});

test('the example documents every option, and sets none to another value', () => {
  const all = exampleFile()
    .replaceAll(/^# redis:$/gm, 'redis:')
    .replaceAll(/^# {3}(?=[a-z_]+: )/gm, '  ');
  const { config } = loadConfig({ file: temporaryFile(all) });
  expect(config.get('*')).toEqual(loadConfig({}).config.get('*'));
  for (const { path } of entries) expect(all).toContain(`${path.split('.').at(-1)}: `);
});

test.each(readdirSync('config'))('config/%s is valid, and warns of nothing', (name) => {
  expect(loadConfig({ file: `config/${name}` }).warnings).toEqual([]);
});
