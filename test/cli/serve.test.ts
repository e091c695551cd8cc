import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory, temporaryFile } from '../config/temporary.js';
import { type Launched, type LaunchOptions, launch } from './launch.js';

const READY = /"msg":"[^"]*ready to accept connections/;

/** A server without a port, which nobody else can have taken. */
async function serve(args: readonly string[] = [], options: LaunchOptions = {}): Promise<Launched> {
  const place = ['--port', '0', '--dir', temporaryDirectory()];
  const server = launch([...place, ...args], options);
  await server.waitFor(READY);
  return server;
}

function loggedPid({ output }: Launched): number {
  return Number(/"pid":(\d+)/.exec(output())?.[1]);
}

/** A refusal to start that says what is wrong, without a stack of ours. */
function expectOneLine(output: string): void {
  expect(output.trim().split('\n')).toEqual([expect.stringContaining('"msg":"cannot start: ')]);
  expect(output).not.toContain('stack');
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // no such process
  }
}

/** The first thread serves a small cache, one with a heap of its own a large one. */
describe.each(['64MB', '2GB'])('with a cache of %s', (cacheSize) => {
  const CACHE = ['--cache-size', cacheSize];

  test.each(['SIGTERM', 'SIGINT'] as const)('%s closes the server', async (signal) => {
    const server = await serve(CACHE);
    server.child.kill(signal);
    const { code, output } = await server.exited;
    expect(code).toBe(0);
    expect(output).toContain(`${signal}: closing`);
  });

  test('SIGHUP has nothing to read again without TLS, and ends nothing', async () => {
    const server = await serve(CACHE);
    server.child.kill('SIGHUP');
    await server.waitFor(/SIGHUP: nothing to read again/);
    server.child.kill('SIGTERM');
    const { code, output } = await server.exited;
    expect(code).toBe(0);
    expect(output).toContain('SIGTERM: closing');
  });

  test('a data directory in use is refused with code 3', async () => {
    const dir = temporaryDirectory();
    const first = await serve(['--dir', dir]);
    const { code, output } = await launch([...CACHE, '--dir', dir, '--port', '0']).exited;
    expect(code).toBe(3);
    expect(output).toContain(String(loggedPid(first)));
    expectOneLine(output);
  });

  test('a config file may be a pipe, which can be read once', async () => {
    const dir = temporaryDirectory();
    const script = `printf 'port: 0\\ndir: ${dir}\\n' | node bin/diskdb.js /dev/stdin --cache-size ${cacheSize}`;
    const server = launch(['-c', script], { command: 'sh' });
    const [, directory] = await server.waitFor(/"directory":"([^"]*)","milliseconds"/);
    expect(directory).toBe(dir);
    process.kill(loggedPid(server), 'SIGTERM');
    expect(await server.exited).toMatchObject({ code: 0 });
  });

  test('there is one process', async () => {
    const server = await serve(CACHE);
    expect(loggedPid(server)).toBe(server.child.pid);
  });
});

test('a port in use is one line, too', async () => {
  const other = createServer();
  onTestFinished(() => void other.close());
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port));
  });
  const place = ['--dir', temporaryDirectory(), '--port', String(port)];
  const { code, output } = await launch(place).exited;
  expect(code).toBe(1);
  expect(output).toContain('EADDRINUSE');
  expectOneLine(output);
});

test('a config file, the environment and flags reach the server', async () => {
  const file = temporaryFile('databases: 3\npersistence:\n  sync: always\n');
  const server = launch([file, '--port', '0', '--hz', '20'], {
    environment: { DISKDB_DIR: temporaryDirectory() },
  });
  await server.waitFor(READY);
  expect(server.output()).toContain('these options have no effect in DiskDB: hz');
});

describe('the launcher', () => {
  /** Threads of a server that has opened its store, and so has used libuv's pool. */
  async function threads(poolSize?: string): Promise<number> {
    const server = await serve([], { environment: { UV_THREADPOOL_SIZE: poolSize } });
    return readdirSync(`/proc/${loggedPid(server)}/task`).length;
  }

  test.runIf(process.platform === 'linux')('makes the pool of libuv larger in time', async () => {
    expect((await threads()) - (await threads('4'))).toBe(4);
  });
});

test('npm start takes flags, and passes signals on', async () => {
  const dir = join(temporaryDirectory(), 'd');
  const flags = ['--port', '0', '--dir', dir, '--sync', 'always', '--max-log-size', '100MB'];
  const npm = launch(['start', '--', ...flags, '--cache-size', '64MB'], { command: 'npm' });
  await npm.waitFor(READY);
  const server = loggedPid(npm);
  npm.child.kill('SIGTERM');
  expect(await npm.exited).toMatchObject({ code: 0 });
  expect(isRunning(server)).toBe(false);
});
