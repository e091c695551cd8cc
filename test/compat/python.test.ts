/**
 * redis-py against DiskDB. Uses a python3 that has `redis`: the system's (Debian: python3-redis), or a virtual environment that is
 * made once in .cache/python. Skipped, with the reason, where neither is possible.
 */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { missing, startServer, subject } from '../support/server.js';

const VENV = join(process.cwd(), '.cache', 'python');
const INSTALL_MS = 120_000;
const SESSION_MS = 60_000;

function hasRedis(python: string): boolean {
  // Protocol 3 came with redis-py 5.
  const check = 'import redis; assert int(redis.__version__.split(".")[0]) >= 5';
  return spawnSync(python, ['-c', check]).status === 0;
}

function makeVenv(): boolean {
  const made = spawnSync('python3', ['-m', 'venv', VENV]).status === 0;
  if (!made) return false;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'redis'];
  return spawnSync(join(VENV, 'bin', 'python'), pip, { timeout: INSTALL_MS }).status === 0;
}

/** A python that can `import redis`, or undefined. */
function findPython(): string | undefined {
  const own = join(VENV, 'bin', 'python');
  for (const candidate of ['python3', '/usr/bin/python3', own])
    if (hasRedis(candidate)) return candidate;
  if (!existsSync(own) && makeVenv() && hasRedis(own)) return own;
  return undefined;
}

const python = findPython();
const reason =
  missing(subject()) ?? (python === undefined ? 'no python3 with redis >= 5' : undefined);
if (reason !== undefined) process.stderr.write(`test/compat/python is skipped: ${reason}\n`);

describe.skipIf(reason !== undefined)('redis-py', () => {
  it(
    'runs a session in RESP2 and RESP3',
    async () => {
      const server = await startServer(subject());
      const script = join(process.cwd(), 'test', 'compat', 'session.py');
      try {
        const run = promisify(execFile);
        const { stdout } = await run(python ?? '', [script, String(server.port)]);
        expect(stdout.trim()).toBe('session ok');
      } finally {
        await server.stop();
      }
    },
    SESSION_MS,
  );
});
