/** Where Redis's own test suite comes from: Debian's source package, unpacked into `.cache/`, never into the repository. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { diffieHellmanParameters, makeCertificate } from '../support/certificates.js';
import { ACL_PATCHES, type Patch } from './acl-patches.js';
import { CLIENT_PATCHES } from './client-patches.js';

export const REDIS_VERSION = '7.0.15';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SOURCES = [
  `deb-src [signed-by=${KEYRING}] http://deb.debian.org/debian bookworm main`,
  `deb-src [signed-by=${KEYRING}] http://deb.debian.org/debian-security bookworm-security main`,
];

/** Command → Debian package that has it. */
const TOOLS: ReadonlyMap<string, string> = new Map([
  ['tclsh', 'tcl'],
  ['dpkg-source', 'dpkg-dev'],
  ['redis-server', 'redis-server'],
  ['redis-cli', 'redis-tools'],
  ['openssl', 'openssl'],
]);

/** What the suite starts: the first word of the command is in CONFORMANCE_SERVER (suite-run.ts). */
const SERVER_SCRIPT = '#!/bin/sh\nexec $CONFORMANCE_SERVER "$@"\n';

/**
 * Text of the suite → what stands there instead, wherever it does. The first ones are explained in stepwise.tcl. Of
 * scores 7.0 answered 17 digits, and since 7.2 it is as many as tell the number from others: there the suite, too,
 * compares numbers.  The last one marks a test that wants the process id of a server, which the suite knows only of
 * those that it started itself.
 */
const PATCHES: readonly Patch[] = [
  {
    file: 'tests/support/server.tcl',
    from: 'if {[catch {set retval [uplevel 2 $code]} error]} {\n        if {$::durable}',
    to: 'if {[catch {set retval [run_block_stepwise 2 $code]} error]} {\n        if {$::durable}',
  },
  {
    file: 'tests/support/server.tcl',
    from: 'if {[catch { uplevel 1 $code } error]} {',
    to: 'if {[catch { run_block_stepwise 1 $code } error]} {',
  },
  {
    file: 'tests/support/server.tcl',
    from: 'return\n    }\n    uplevel 1 $code\n    set ::tags',
    to: 'return\n    }\n    run_block_stepwise 1 $code\n    set ::tags',
  },
  {
    file: 'tests/test_helper.tcl',
    from: 'source tests/support/util.tcl\n\n',
    to: 'source tests/support/util.tcl\nsource tests/support/stepwise.tcl\n\n',
  },
  {
    // Another run may use the same directory: it is emptied before both.
    file: 'tests/test_helper.tcl',
    from: 'proc test_server_main {} {\n    cleanup\n',
    to: 'proc test_server_main {} {\n    if {!$::dont_clean} cleanup\n',
  },
  ...['zscore', 'zmscore'].map((command) => ({
    file: 'tests/unit/type/zset.tcl',
    from: `[lindex $aux $i] [r ${command} zscoretest $i]`,
    to: `[lindex $aux $i] [expr {[r ${command} zscoretest $i]}]`,
  })),
  {
    file: 'tests/unit/type/set.tcl',
    from: '{OK} {needs:debug slow}',
    to: '{OK} {needs:debug slow external:skip}',
  },
  ...ACL_PATCHES,
  ...CLIENT_PATCHES,
];

/** Gives the directory of a suite that is ready to run; installs what is missing when it may. */
export function prepareSuite(cacheDir: string): string {
  installTools();
  const suite = join(cacheDir, `redis-${REDIS_VERSION}`);
  if (!existsSync(suite)) fetchSource(cacheDir, suite);
  for (const patch of PATCHES) applyPatch(suite, patch);
  copyFileSync(
    join(process.cwd(), 'test', 'conformance', 'stepwise.tcl'),
    join(suite, 'tests', 'support', 'stepwise.tcl'),
  );
  makePrograms(suite);
  makeCertificates(join(suite, 'tests', 'tls'));
  emptyDirectory(join(suite, 'tests', 'tmp'));
  return suite;
}

/** What the suite expects to have been built. */
function makePrograms(suite: string): void {
  const scripts = {
    'redis-server': SERVER_SCRIPT,
    'redis-cli': '#!/bin/sh\nexec redis-cli "$@"\n',
    'redis-benchmark': '#!/bin/sh\nexec redis-benchmark "$@"\n',
  };
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(suite, 'src', name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
  }
}

/** Under the names that the suite's own script gives them. With RSA, whose older ciphers one of its tests is about. */
function makeCertificates(directory: string): void {
  if (existsSync(join(directory, 'redis.dh'))) return;
  mkdirSync(directory, { recursive: true });
  const authority = makeCertificate('Certificate Authority', { keyType: 'rsa', days: 36_500 });
  writeFileSync(join(directory, 'ca.crt'), authority.cert);
  for (const name of ['server', 'client', 'redis']) {
    const options = { issuer: authority, keyType: 'rsa', days: 36_500 } as const;
    const { cert, key } = makeCertificate(name, options);
    writeFileSync(join(directory, `${name}.crt`), cert);
    writeFileSync(join(directory, `${name}.key`), key);
  }
  writeFileSync(join(directory, 'redis.dh'), diffieHellmanParameters());
}

/** Servers of earlier runs have left their data there: two runs at once may not, so the suite does not clean up. */
function emptyDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
}

function installTools(): void {
  const packages = [...TOOLS].filter(([tool]) => !isInstalled(tool)).map(([, name]) => name);
  if (!knowsTls()) packages.push('tcl-tls');
  if (packages.length === 0) return;
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    throw new Error(`the conformance run needs ${packages.join(', ')}: ${command.join(' ')}`);
  }
  execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
  execFileSync('apt-get', command.slice(1), { stdio: 'ignore', env: quietInstall() });
}

function quietInstall(): NodeJS.ProcessEnv {
  return { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
}

function knowsTls(): boolean {
  const { stdout } = spawnSync('tclsh', { input: 'puts [catch {package require tls}]' });
  return stdout?.toString().startsWith('0') ?? false;
}

function isInstalled(tool: string): boolean {
  return spawnSync('which', [tool]).status === 0;
}

/** Uses apt with lists and sources of its own, so that it needs no root and leaves the system's configuration alone. */
function fetchSource(cacheDir: string, suite: string): void {
  if (!isInstalled('apt-get') || !existsSync(KEYRING)) {
    throw new Error(
      `the suite comes from Debian's source package, and apt-get or ${KEYRING} is missing. ` +
        `Unpack the source of Redis ${REDIS_VERSION} as ${suite} to go without them.`,
    );
  }
  const work = join(cacheDir, 'download');
  rmSync(work, { recursive: true, force: true });
  const apt = aptOptions(work);
  runApt([...apt, 'update', '-q'], work);
  runApt([...apt, 'source', '-q', 'redis'], work);
  const unpacked = join(work, `redis-${REDIS_VERSION}`);
  if (!existsSync(unpacked)) throw new Error(`Debian's redis is not ${REDIS_VERSION} any more`);
  renameSync(unpacked, suite);
  rmSync(work, { recursive: true, force: true });
}

function aptOptions(work: string): string[] {
  const [lists, archives] = [join(work, 'lists'), join(work, 'cache')];
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(archives, 'archives', 'partial'), { recursive: true });
  const sources = join(work, 'sources.list');
  writeFileSync(sources, `${SOURCES.join('\n')}\n`);
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': lists,
    'Dir::Cache': archives,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

function runApt(args: readonly string[], cwd: string): void {
  const result = spawnSync('apt-get', args, { cwd, encoding: 'utf8' });
  if (result.status !== 0) {
    throw new Error(`apt-get ${args.at(-1)} failed:\n${result.stdout}${result.stderr}`);
  }
}

function applyPatch(suite: string, patch: (typeof PATCHES)[number]): void {
  const path = join(suite, patch.file);
  const text = readFileSync(path, 'utf8');
  const patched = text.replaceAll(patch.from, () => patch.to);
  if (!patched.includes(patch.to)) throw new Error(`${path}: the place to patch is not there`);
  if (patched !== text) writeFileSync(path, patched);
}
