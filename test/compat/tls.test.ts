/** The clients that people use, over TLS; and the signal that renews the certificate. */

import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Identity, makeCertificate } from '../support/certificates.js';
import {
  freePort,
  missing,
  type Server,
  startServer,
  temporaryDirectory,
} from '../support/server.js';

const HAS_CLI = spawnSync('redis-cli', ['--help']).stdout?.includes('--tls') ?? false;

describe.skipIf(missing('diskdb') !== undefined)('TLS', { timeout: 60_000 }, () => {
  const authority = makeCertificate('Authority');
  const own = makeCertificate('client', { issuer: authority });
  const credentials = { ca: authority.cert, cert: own.cert, key: own.key };
  let directory: string;
  let port: number;
  let server: Server;

  beforeAll(async () => {
    directory = temporaryDirectory('tls');
    port = await freePort();
    useIdentity('server', makeCertificate('localhost', { issuer: authority }));
    useIdentity('client', own);
    writeFileSync(join(directory, 'ca.crt'), authority.cert);
    const files = ['--tls-cert-file', 'server.crt', '--tls-key-file', 'server.key'];
    const flags = [...files, '--tls-ca-cert-file', 'ca.crt'].map((each) =>
      each.startsWith('--') ? each : join(directory, each),
    );
    server = await startServer('diskdb', { arguments: ['--tls-port', String(port), ...flags] });
  });
  afterAll(() => server?.stop());

  function useIdentity(name: string, { cert, key }: Identity): void {
    writeFileSync(join(directory, `${name}.crt`), cert);
    writeFileSync(join(directory, `${name}.key`), key);
  }

  function nameOfServer(): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: 'localhost', ...credentials }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  test('ioredis, with a pipeline', async () => {
    const client = new Redis({ host: 'localhost', port, tls: credentials });
    const pipeline = client.pipeline();
    for (let i = 0; i < 1000; i++) pipeline.set(`io:${i}`, 'x'.repeat(i));
    await pipeline.exec();
    expect(await client.strlen('io:999')).toBe(999);
    expect(await client.client('INFO')).toMatch(/addr=(127\.0\.0\.1|::1):\d+/);
    client.disconnect();
  });

  test('node-redis, with RESP3 and without', async () => {
    for (const RESP of [2, 3] as const) {
      const socket = { host: 'localhost', port, tls: true, ...credentials } as const;
      const client = createClient({ RESP, socket });
      await client.connect();
      await client.hSet('node', { a: '1', b: 'x'.repeat(200_000) });
      const { a, b } = await client.hGetAll('node');
      expect([a, b?.length]).toEqual(['1', 200_000]);
      client.destroy();
    }
  });

  test.skipIf(!HAS_CLI)('redis-cli', async () => {
    const names = ['--cacert', 'ca.crt', '--cert', 'client.crt', '--key', 'client.key'];
    const files = names.map((each) => (each.startsWith('--') ? each : join(directory, each)));
    const { stdout } = await promisify(execFile)('redis-cli', [
      ...['--tls', '-h', 'localhost', '-p', String(port), ...files, 'ECHO', 'hello'],
    ]);
    expect(stdout).toBe('hello\n');
  });

  test('SIGHUP takes a renewed certificate into use', async () => {
    expect(await nameOfServer()).toBe('localhost');
    useIdentity('server', makeCertificate('renewed', { issuer: authority }));
    process.kill(server.pid, 'SIGHUP');
    while (!server.output().includes('read again')) await sleep(10);
    // The name is no longer the host's, but the address is.
    expect(await nameOfServer()).toBe('renewed');
    expect(server.isRunning()).toBe(true);
  });
});
