/** redis-py, RQ and Celery against DiskDB. Skipped, with the reason, where there is no python3 that has them or can get them. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { reasonToSkip } from '../support/application.js';
import { findPython } from '../support/python.js';
import { startServer, subject } from '../support/server.js';

const SESSION_MS = 120_000;
// Protocol 3 came with redis-py 5.
const REDIS = 'import redis; assert int(redis.__version__.split(".")[0]) >= 5';

const sessions = [
  { name: 'redis-py', packages: ['redis'], check: REDIS, script: 'session.py' },
  {
    name: 'RQ',
    packages: ['redis', 'rq'],
    check: `${REDIS}; import rq`,
    script: 'jobs.py',
  },
  {
    name: 'Celery',
    packages: ['redis', 'celery[redis]'],
    check: `${REDIS}; import celery, kombu.transport.redis`,
    script: 'celery_session.py',
  },
] as const;

for (const { name, packages, check, script } of sessions) {
  const python = reasonToSkip === undefined ? findPython(packages, check) : undefined;
  const reason =
    reasonToSkip ?? (python === undefined ? `no python3 with ${packages.join(', ')}` : undefined);
  if (reason !== undefined)
    process.stderr.write(`test/compat/python: ${name} is skipped: ${reason}\n`);

  describe.skipIf(reason !== undefined)(name, () => {
    it(
      'runs a session',
      async () => {
        const server = await startServer(subject());
        const path = join(process.cwd(), 'test', 'compat', script);
        try {
          const run = promisify(execFile);
          const { stdout } = await run(python ?? '', [path, String(server.port)]);
          expect(stdout.trim().split('\n').at(-1)).toBe('session ok');
        } finally {
          await server.stop();
        }
      },
      SESSION_MS,
    );
  });
}
