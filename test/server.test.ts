/** The composition root. Needs the built code, for the storage thread: `npm run build`. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../src/config/load.js';
import type { startServer as StartServer } from '../src/server.js';

const BUILT = new URL('../dist/server.js', import.meta.url);

describe.skipIf(!existsSync(BUILT))('a server', { timeout: 60_000 }, () => {
  let directory: string;
  let startServer: typeof StartServer;

  beforeEach(async () => {
    ({ startServer } = await import(BUILT.href));
    directory = mkdtempSync(join(tmpdir(), 'diskdb-server-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function start(unixSocket: string) {
    const { config } = loadConfig({
      environment: {
        DISKDB_DIR: join(directory, 'data'),
        DISKDB_PORT: '0',
        DISKDB_UNIX_SOCKET: unixSocket,
      },
    });
    return startServer(config, pino({ level: 'silent' }));
  }

  test('that cannot listen lets its directory go', async () => {
    await expect(start(join(directory, 'nowhere', 'socket'))).rejects.toThrow('listen');
    expect(existsSync(join(directory, 'data', 'holder'))).toBe(false);
    const server = await start(join(directory, 'socket'));
    await server.close();
  });

  test('that finds its directory locked says so, and leaves the holder alone', async () => {
    const holder = await start(join(directory, 'socket'));
    await expect(start(join(directory, 'other'))).rejects.toThrow('in use');
    expect(existsSync(join(directory, 'data', 'holder'))).toBe(true);
    await holder.close();
  });
});
