'use strict';

// Brings a checkout into a state that runs: installs what package-lock.json names if node_modules has not got
// it, compiles src/ if dist/ does not come from it. Plain Node without dependencies, since on a bare clone
// there are none; synchronous, so that scripts/start.cjs can set the size of libuv's pool afterwards.

const { createHash } = require('node:crypto');
const { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { join, relative } = require('node:path');

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.built-from');
const COMPILER = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

function prepare() {
  if (!isInstalled()) install();
  const state = sourceState();
  if (readIfThere(STAMP) !== state) build(state);
}

/** Every package of the lock file is installed in its version; those for other platforms need not be. */
function isInstalled() {
  const installed = readIfThere(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const present = JSON.parse(installed).packages;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

/** npm's own checks make sure that what comes is what the lock file says. */
function install() {
  say('installing dependencies (npm ci)');
  const flags = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath; // set when npm runs us
  if (npm !== undefined && /\.c?js$/.test(npm)) run(process.execPath, [npm, ...flags]);
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', flags);
}

function build(state) {
  say('compiling (tsc)');
  run(process.execPath, [COMPILER, '-p', 'tsconfig.build.json']);
  removeStale();
  writeFileSync(STAMP, state);
}

/** Names, sizes and times of all that the compiler reads. */
function sourceState() {
  const files = [...filesUnder(join(ROOT, 'src')), ...configFiles()].sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(ROOT, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function configFiles() {
  const names = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  return names.map((name) => join(ROOT, name));
}

function filesUnder(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** What was compiled from a source that is gone. */
function removeStale() {
  for (const file of filesUnder(DIST)) {
    if (!/\.js(\.map)?$/.test(file)) continue;
    const source = join(ROOT, 'src', relative(DIST, file)).replace(/\.js(\.map)?$/, '.ts');
    if (!existsSync(source)) rmSync(file);
  }
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  say(`failed: ${command} ${args.join(' ')}${error === undefined ? '' : `: ${error.message}`}`);
  process.exit(1);
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function say(message) {
  process.stderr.write(`diskdb: ${message}\n`);
}

prepare();
