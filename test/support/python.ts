/** A python3 with the packages that a test needs: the system's, or a virtual environment that is made once in .cache/python. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const VENV = join(process.cwd(), '.cache', 'python');
const OWN = join(VENV, 'bin', 'python');
const INSTALL_MS = 120_000;

function has(python: string, check: string): boolean {
  return spawnSync(python, ['-c', check]).status === 0;
}

function install(packages: readonly string[]): boolean {
  const made = existsSync(OWN) || spawnSync('python3', ['-m', 'venv', VENV]).status === 0;
  if (!made) return false;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  return spawnSync(OWN, pip, { timeout: INSTALL_MS }).status === 0;
}

/** A python for which the check, a line of Python, succeeds; undefined where neither it nor a registry is to be had. */
export function findPython(packages: readonly string[], check: string): string | undefined {
  const found = ['python3', '/usr/bin/python3', OWN].find((python) => has(python, check));
  if (found !== undefined) return found;
  return install(packages) && has(OWN, check) ? OWN : undefined;
}
