/** Folders of src/ import only what stands lower (docs/architecture.md). */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The path of a request, from the socket down to the disk. */
const PIPELINE = [
  'network',
  'dispatch',
  'commands',
  'protocol',
  'types',
  'eviction',
  'keyspace',
  'storage',
];

/** Folders beside the pipeline, and what each may import besides itself and base. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: [],
  security: ['commands', 'protocol', 'config'],
  observability: ['commands', 'protocol', 'config'],
  pubsub: ['commands', 'config', 'protocol', 'keyspace'],
  scripting: ['dispatch', 'eviction', 'commands', 'protocol', 'types', 'keyspace'],
  cli: ['config', 'observability', 'storage'],
};

/** What any part of the pipeline may import as well, from a folder down. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  network: ['config', 'observability'],
  dispatch: ['config', 'observability'],
  commands: ['config', 'observability'],
};

/** The composition root and the entry see everything; the version is a constant. */
const ROOT_FILES = new Set([
  'server.ts',
  'make-evictor.ts',
  'open-storage.ts',
  'main.ts',
  'version.ts',
]);

/** Inside storage/ the log and the store know nothing of each other: what needs both stands above them. */
const PARTS_OF_STORAGE = ['storage/log', 'storage/store'];
const STORAGE_CONTRACT = ['storage/storage.js', 'storage/errors.js'];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly from: string;
  readonly to: string;
}

function sourceFiles(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
}

function imports(): Import[] {
  return sourceFiles().flatMap((file) => {
    const found = readFileSync(join('src', file), 'utf8').matchAll(
      /(?:from|import)\s*\(?\s*'(\.[^']+)'/g,
    );
    return [...found].map(([, target = '']) => {
      const path = relative('src', join('src', dirname(file), target));
      return { file, target: path, from: folderOf(file), to: folderOf(path) };
    });
  });
}

function folderOf(path: string): string {
  return path.includes('/') ? (path.split('/', 1)[0] ?? '') : path.replace(/\.js$/, '.ts');
}

function allowed({ from, to }: Import): boolean {
  if (from === to || to === 'base' || to === 'version.ts') return true;
  if (ROOT_FILES.has(from)) return true;
  if (from in BESIDE) return BESIDE[from]?.includes(to) === true;
  if (SERVICES[from]?.includes(to) === true) return true;
  const [above, below] = [PIPELINE.indexOf(from), PIPELINE.indexOf(to)];
  return above >= 0 && below > above;
}

describe('src/', () => {
  test('imports only what stands lower', () => {
    const wrong = imports().filter((each) => !allowed(each));
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test.each(PARTS_OF_STORAGE)('%s imports only itself and the contract of storage', (part) => {
    const wrong = imports().filter(({ file, target, to }) => {
      if (!file.startsWith(`${part}/`) || to !== 'storage') return false;
      return !target.startsWith(`${part}/`) && !STORAGE_CONTRACT.includes(target);
    });
    expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  test('has no folder that the directions do not name', () => {
    const known = new Set([...PIPELINE, ...Object.keys(BESIDE), ...ROOT_FILES]);
    expect([...new Set(sourceFiles().map(folderOf))].filter((name) => !known.has(name))).toEqual(
      [],
    );
  });
});
