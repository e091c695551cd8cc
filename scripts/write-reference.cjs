'use strict';

// Writes diskdb.conf.example and the lists of docs/configuration.md from the table of options, as it is in
// dist/. test/config/reference.test.ts fails when they are not in step.

const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const ROOT = join(__dirname, '..');
const MARKER = '<!-- Below: made by `npm run write-reference` from src/config/options.ts. -->\n';

async function main() {
  const module = pathToFileURL(join(ROOT, 'dist', 'config', 'reference.js'));
  const { exampleFile, referenceLists } = await import(module);
  writeFileSync(join(ROOT, 'diskdb.conf.example'), exampleFile());
  const page = join(ROOT, 'docs', 'configuration.md');
  const [written] = readFileSync(page, 'utf8').split(MARKER);
  writeFileSync(page, `${written}${MARKER}\n${referenceLists()}`);
}

main();
