/** The port for TLS: who gets in, who does not and what is told of it, and certificates that change meanwhile. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectPlain, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encryptKey, type Identity, makeCertificate } from '../support/certificates.js';
import { freePort } from '../support/server.js';
import { bulk, eventually, RawClient, ServerWorld } from './network-world.js';

let authority: Identity;
let serverIdentity: Identity;
let clientIdentity: Identity;
let strangers: Identity;

let world: ServerWorld | undefined;
let directory: string;
let port: number;
let log: string[];

beforeAll(() => {
  authority = makeCertificate('Authority');
  serverIdentity = makeCertificate('localhost', { issuer: authority });
  clientIdentity = makeCertificate('client', { issuer: authority });
  strangers = makeCertificate('Other authority');
});

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'diskdb-tls-'));
  port = await freePort();
  log = [];
  useIdentity(serverIdentity);
  writeFileSync(path('ca.pem'), authority.cert);
});

afterEach(async () => {
  await world?.close();
  world = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function path(name: string): string {
  return join(directory, name);
}

function useIdentity({ cert, key }: Identity): void {
  writeFileSync(path('cert.pem'), cert);
  writeFileSync(path('key.pem'), key);
}

async function open(environment: Readonly<Record<string, string>> = {}): Promise<ServerWorld> {
  world = await ServerWorld.open({
    onLog: (line) => log.push(line),
    environment: {
      DISKDB_TLS_PORT: `${port}`,
      DISKDB_TLS_CERT_FILE: path('cert.pem'),
      DISKDB_TLS_KEY_FILE: path('key.pem'),
      DISKDB_TLS_CA_CERT_FILE: path('ca.pem'),
      ...environment,
    },
  });
  return world;
}

interface Greeting {
  /** What came back to PING. */
  readonly reply: string;
  readonly server: string;
  readonly isResumed: boolean;
}

/** Connects, sends PING, and resolves with what came back until the first byte or the end. */
function greet(options: ConnectionOptions = {}): Promise<Greeting> {
  return new Promise((resolve) => {
    const own = { cert: clientIdentity.cert, key: clientIdentity.key };
    const socket = connect({ port, host: 'localhost', ca: authority.cert, ...own, ...options });
    const done = (reply: string): void => {
      const server = String(socket.getPeerCertificate()?.subject?.CN);
      const isResumed = socket.isSessionReused();
      socket.destroy();
      resolve({ reply, server, isResumed });
    };
    socket.on('error', ({ message }) => done(`error: ${message}`));
    socket.on('data', (bytes) => done(bytes.toString()));
    socket.on('close', () => done('closed'));
    socket.write('PING\r\n');
  });
}

async function sessionOfGreeting(): Promise<Buffer> {
  const { cert, key } = clientIdentity;
  const socket = connect({ port, host: 'localhost', ca: authority.cert, cert, key });
  const client = new RawClient(socket);
  await client.ask('+PONG\r\n', ['PING']);
  const session = socket.getSession();
  client.destroy();
  if (session === undefined) throw new Error('no session');
  return session;
}

const NO_CERTIFICATE = { cert: undefined, key: undefined };

function configSet(...pairs: readonly string[]): Promise<string> {
  return (world as ServerWorld)
    .connect()
    .then((client) => client.ask('\r\n', ['CONFIG', 'SET', ...pairs]));
}

function warnings(): string[] {
  return log.filter((line) => line.includes('refused on the TLS port'));
}

describe('clients', () => {
  test('with a certificate of the authority are served, with either version', async () => {
    await open();
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { reply } = await greet({ minVersion: version, maxVersion: version });
      expect(reply).toBe('+PONG\r\n');
    }
  });

  test('without one are refused, unless it is optional', async () => {
    await open();
    expect((await greet(NO_CERTIFICATE)).reply).not.toContain('PONG');
    await configSet('tls-auth-clients', 'optional');
    expect((await greet(NO_CERTIFICATE)).reply).toBe('+PONG\r\n');
    await configSet('tls-auth-clients', 'no');
    expect((await greet(NO_CERTIFICATE)).reply).toBe('+PONG\r\n');
    await configSet('tls-auth-clients', 'yes');
    expect((await greet(NO_CERTIFICATE)).reply).not.toContain('PONG');
  });

  test.each(['yes', 'optional'])('with a wrong certificate are refused if %s', async (policy) => {
    await open({ DISKDB_TLS_AUTH_CLIENTS: policy });
    const wrong = [
      makeCertificate('client', { issuer: strangers }),
      makeCertificate('client', { issuer: authority, days: -1 }),
    ];
    for (const { cert, key } of wrong) {
      expect((await greet({ cert, key })).reply).not.toContain('PONG');
    }
    expect((await greet()).reply).toBe('+PONG\r\n');
    expect(warnings()).toHaveLength(1);
  });

  test('that speak plain text, or nothing, hold nothing, and the log is told once', async () => {
    await open({ DISKDB_TLS_HANDSHAKE_TIMEOUT: '300ms' });
    const sockets = Array.from({ length: 60 }, (_, i) => {
      const socket = connectPlain(port, '127.0.0.1').on('error', () => undefined);
      if (i % 3 === 1) socket.write('PING\r\nPING\r\n');
      // The beginning of a hello that never ends.
      if (i % 3 === 2) socket.write(Buffer.from([22, 3, 1, 2, 0, 1]));
      return socket.resume();
    });
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.on('close', done))));
    expect((await greet()).reply).toBe('+PONG\r\n');
    await eventually(() => world?.connections === 0);
    expect(warnings()).toHaveLength(1);
  });

  test('that are at their handshake count among those that may connect', async () => {
    await open({ DISKDB_LIMITS_MAX_CLIENTS: '5' });
    const idle = Array.from({ length: 5 }, () => connectPlain(port, '127.0.0.1'));
    await Promise.all(idle.map((socket) => new Promise((done) => socket.on('connect', done))));
    expect((await greet()).reply).not.toContain('PONG');
    expect(world?.context.statistics.connectionsRejected).toBe(1);
    for (const socket of idle) socket.destroy();
    for (let reply = ''; reply !== '+PONG\r\n'; ) ({ reply } = await greet());
  });
});

test('large requests and replies go through, and half a connection can be closed', async () => {
  await open();
  const { cert, key } = clientIdentity;
  const socket = connect({ port, host: 'localhost', ca: authority.cert, cert, key });
  const client = new RawClient(socket);
  const value = 'x'.repeat(3_000_000);
  expect(await client.ask('+OK\r\n', ['SET', 'big', value])).toBe('+OK\r\n');
  client.send(...Array.from({ length: 20 }, () => ['GET', 'big']), ['PING']);
  client.finish();
  expect(await client.untilEnd()).toBe(`${bulk(value).repeat(20)}+PONG\r\n`);
}, 30_000);

describe('configuration', () => {
  test('CONFIG GET shows it', async () => {
    const client = await (await open()).connect();
    expect(await client.ask('cert.pem\r\n', ['CONFIG', 'GET', 'tls-cert-file'])).toContain(
      directory,
    );
  });

  test('versions and ciphers can be chosen', async () => {
    await open({ DISKDB_TLS_PROTOCOLS: 'TLSv1.2' });
    expect((await greet({ minVersion: 'TLSv1.3' })).reply).toContain('error');
    expect(await configSet('tls-protocols', 'TLSv1.3')).toBe('+OK\r\n');
    expect((await greet({ maxVersion: 'TLSv1.2' })).reply).toContain('error');
    const suite = 'TLS_CHACHA20_POLY1305_SHA256';
    expect(await configSet('tls-protocols', '', 'tls-ciphersuites', suite)).toBe('+OK\r\n');
    const only = { ciphers: 'TLS_AES_128_GCM_SHA256', minVersion: 'TLSv1.3' } as const;
    expect((await greet(only)).reply).toContain('error');
    expect((await greet({ ...only, ciphers: suite })).reply).toBe('+PONG\r\n');
    const cipher = 'ECDHE-ECDSA-AES256-GCM-SHA384';
    expect(await configSet('tls-ciphers', cipher)).toBe('+OK\r\n');
    const older = { maxVersion: 'TLSv1.2' } as const;
    expect((await greet({ ...older, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).reply).toContain(
      'error',
    );
    expect((await greet({ ...older, ciphers: cipher })).reply).toBe('+PONG\r\n');
  });

  test('sessions are resumed only where they may be', async () => {
    await open({ DISKDB_TLS_PROTOCOLS: 'TLSv1.2' });
    const reuses = async (): Promise<boolean> => {
      const { reply, isResumed } = await greet({ session: await sessionOfGreeting() });
      expect(reply).toBe('+PONG\r\n');
      return isResumed;
    };
    expect(await reuses()).toBe(true);
    await configSet('tls-session-caching', 'no');
    expect(await reuses()).toBe(false);
    await configSet('tls-session-caching', 'yes');
    expect(await reuses()).toBe(true);
    expect(await configSet('tls-session-cache-timeout', '0')).toBe('+OK\r\n');
    expect(await reuses()).toBe(false);
  });

  test('an encrypted key needs its password', async () => {
    writeFileSync(path('key.pem'), encryptKey(serverIdentity.key, 'secret'));
    await expect(open()).rejects.toThrow(/tls\.key_file \(tls-key-file\): .*key\.pem: /);
    await open({ DISKDB_TLS_KEY_FILE_PASS: 'secret' });
    expect((await greet()).reply).toBe('+PONG\r\n');
  });

  test('authorities may stand in a directory', async () => {
    await open({ DISKDB_TLS_CA_CERT_FILE: '', DISKDB_TLS_CA_CERT_DIR: directory });
    expect((await greet()).reply).toBe('+PONG\r\n');
  });

  test.each([
    ['no certificate', { DISKDB_TLS_CERT_FILE: '' }, 'tls.cert_file (tls-cert-file): not set'],
    ['no key', { DISKDB_TLS_KEY_FILE: '' }, 'tls.key_file (tls-key-file): not set'],
    ['no authority', { DISKDB_TLS_CA_CERT_FILE: '' }, 'tls.ca_cert_file (tls-ca-cert-file): not'],
    ['a file that is not there', { DISKDB_TLS_CERT_FILE: '/no/file' }, '/no/file: ENOENT'],
    ['a version of old', { DISKDB_TLS_PROTOCOLS: 'TLSv1.1' }, 'tls.protocols: "TLSv1.1": must be'],
    ['an unknown cipher', { DISKDB_TLS_CIPHERS: 'nonsense' }, 'tls.ciphers (tls-ciphers)'],
    ['an unknown suite', { DISKDB_TLS_CIPHERSUITES: 'TLS_X' }, 'TLS_X is no cipher suite'],
  ])('%s is refused at the start', async (_, environment, message) => {
    await expect(open(environment)).rejects.toThrow(message);
  });

  test('a key of another certificate, and text that is no certificate', async () => {
    writeFileSync(path('key.pem'), clientIdentity.key);
    await expect(open()).rejects.toThrow('is not the key of the certificate');
    writeFileSync(path('key.pem'), serverIdentity.key);
    writeFileSync(path('ca.pem'), 'nothing');
    await expect(open()).rejects.toThrow('ca.pem: holds no certificate in PEM');
    writeFileSync(path('cert.pem'), 'nothing');
    await expect(open()).rejects.toThrow(/tls\.cert_file .*cert\.pem: /);
  });
});

describe('ports that change', () => {
  test('from TLS to plain and back, on the same number', async () => {
    await open();
    const plain = (): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectPlain(port, '127.0.0.1', () => socket.write('PING\r\n'));
        socket.on('error', () => resolve('refused'));
        socket.on('data', (bytes) => resolve(bytes.toString()));
        socket.on('close', () => resolve('closed'));
        socket.on('data', () => socket.destroy());
      });
    const { cert, key } = clientIdentity;
    const early = new RawClient(
      connect({ port, host: 'localhost', ca: authority.cert, cert, key }),
    );
    await early.ask('+PONG\r\n', ['PING']);
    expect(await configSet('tls-port', '0')).toBe('+OK\r\n');
    expect(await plain()).toBe('refused');
    expect(await configSet('port', `${port}`)).toBe('+OK\r\n');
    expect(await plain()).toBe('+PONG\r\n');
    expect(await configSet('port', '0', 'tls-port', `${await freePort()}`)).toBe('+OK\r\n');
    expect(await configSet('tls-port', `${port}`)).toBe('+OK\r\n');
    expect((await greet()).reply).toBe('+PONG\r\n');
    expect(await early.ask('+PONG\r\n', ['PING'])).toBe('+PONG\r\n');
    early.destroy();
  });

  test('to one that is taken are refused, and nothing changes', async () => {
    await open();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.on('listening', done));
    const { port: taken } = other.address() as AddressInfo;
    const reply = await configSet('tls-port', `${taken}`);
    expect(reply).toMatch(/^-ERR CONFIG SET failed .*'tls-port'.* Unable to listen on this port/);
    expect((await greet()).reply).toBe('+PONG\r\n');
    other.close();
  });
});

describe('certificates that change', () => {
  test('are those of the next client when the option is set again', async () => {
    await open();
    useIdentity(makeCertificate('renewed', { issuer: authority }));
    expect((await greet()).server).toBe('localhost');
    const files = ['tls-cert-file', path('cert.pem'), 'tls-key-file', path('key.pem')];
    expect(await configSet(...files)).toBe('+OK\r\n');
    expect((await greet()).server).toBe('renewed');
  });

  test('and when the server is told to read them again; the present clients stay', async () => {
    const { server } = await open();
    const { cert, key } = clientIdentity;
    const old = new RawClient(connect({ port, host: 'localhost', ca: authority.cert, cert, key }));
    await old.ask('+PONG\r\n', ['PING']);
    useIdentity(makeCertificate('renewed', { issuer: authority }));
    expect(server.reload()).toBe(true);
    expect((await greet()).server).toBe('renewed');
    expect(await old.ask('+PONG\r\n', ['PING'])).toBe('+PONG\r\n');
    old.destroy();
  });

  test('to wrong ones are not taken into use', async () => {
    const { server } = await open();
    writeFileSync(path('key.pem'), clientIdentity.key);
    const reply = await configSet('tls-key-file', path('key.pem'));
    expect(reply).toMatch(/^-ERR CONFIG SET failed .*'tls-key-file'.*Unable to update TLS/);
    expect(() => server.reload()).toThrow('is not the key');
    expect((await greet()).server).toBe('localhost');
  });

  test('no longer let in whom the new authority does not know, by a session of old', async () => {
    await open({ DISKDB_TLS_PROTOCOLS: 'TLSv1.2' });
    const session = await sessionOfGreeting();
    writeFileSync(path('ca.pem'), strangers.cert);
    await configSet('tls-ca-cert-file', path('ca.pem'));
    expect((await greet({ session })).reply).not.toContain('PONG');
  });
});
