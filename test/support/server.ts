/**
 * Starts servers for tests and harnesses: DiskDB as built in dist/, or Debian's redis-server to compare with. Each gets a
 * free port and a directory of its own, and is ended by its process id, at the latest when this process ends.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type ServerKind = 'diskdb' | 'redis';
export type SyncPolicy = 'always' | 'interval' | 'no';

export interface ServerOptions {
  /** A free one when absent. */
  readonly port?: number;
  /** A fresh temporary directory, removed by `stop`, when absent. */
  readonly dir?: string;
  /** When a write is on the disk; `interval` when absent. */
  readonly sync?: SyncPolicy;
  /** DiskDB only, such as `64MB`. */
  readonly cacheSize?: string;
  /** DiskDB only, such as `100MB`. */
  readonly maxLogSize?: string;
  /** DiskDB only: a module that runs in the server before everything else (`node --import`). */
  readonly preload?: string;
  /** Further arguments, as on the command line. */
  readonly arguments?: readonly string[];
  /** How long to wait for the first PONG; 30 seconds when absent. */
  readonly readyMs?: number;
}

export interface Server {
  readonly kind: ServerKind;
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Whether its process is still there. */
  isRunning(): boolean;
  /** Ends it with SIGTERM (SIGKILL after 20 s) and removes a directory made for it. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; the directory stays. */
  kill(): Promise<void>;
}

interface Launch {
  readonly command: string;
  readonly arguments: readonly string[];
}

const HOST = '127.0.0.1';
const READY_MS = 30_000;
const STOP_MS = 20_000;
const POLL_MS = 20;
const OUTPUT_LIMIT = 200_000;
const START_ATTEMPTS = 3;
/** Where DiskDB is built: another checkout with HARNESS_DISKDB_ROOT. */
const ROOT = process.env.HARNESS_DISKDB_ROOT ?? process.cwd();
const DISKDB_ENTRY = join(ROOT, 'bin', 'diskdb.js');
const DISKDB_BUILD = join(ROOT, 'dist', 'main.js');

const running = new Set<ChildProcess>();
const temporary = new Set<string>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const dir of temporary) rmSync(dir, { recursive: true, force: true });
});

/**
 * The kind of server that a harness calls "DiskDB": with HARNESS_SERVER=redis it is redis-server, which is how the
 * harnesses themselves are tested.
 */
export function subject(): ServerKind {
  return process.env.HARNESS_SERVER === 'redis' ? 'redis' : 'diskdb';
}

/** Why servers of a kind cannot be started here; undefined when they can. */
export function missing(kind: ServerKind): string | undefined {
  if (kind === 'diskdb') {
    return existsSync(DISKDB_BUILD) ? undefined : `${DISKDB_BUILD} is missing: npm run build`;
  }
  const found = spawnSync('redis-server', ['--version']).status === 0;
  return found ? undefined : 'redis-server is not installed: apt-get install redis-server';
}

/** Starts a server and waits until it answers PING; throws with its output when it ends or stays silent. */
export async function startServer(kind: ServerKind, options: ServerOptions = {}): Promise<Server> {
  const reason = missing(kind);
  if (reason !== undefined) throw new Error(reason);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(kind, options);
    } catch (error) {
      // Somebody else may have taken the free port in between.
      const portTaken = /in use|EADDRINUSE/i.test(String(error));
      if (!portTaken || options.port !== undefined || attempt === START_ATTEMPTS) throw error;
    }
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** A fresh directory that is removed when this process ends. */
export function temporaryDirectory(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `diskdb-${name}-`));
  temporary.add(dir);
  return dir;
}

async function startOnce(kind: ServerKind, options: ServerOptions): Promise<Server> {
  const port = options.port ?? (await freePort());
  const dir = options.dir ?? temporaryDirectory(kind);
  const launch =
    kind === 'redis' ? launchRedis(port, dir, options) : launchDiskdb(port, dir, options);
  const child = spawn(launch.command, launch.arguments, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const server = serverOf(kind, child, port, dir, options.dir === undefined);
  try {
    await waitUntilReady(server, options.readyMs ?? READY_MS);
  } catch (error) {
    await server.kill();
    if (options.dir === undefined) removeTemporary(dir);
    throw error;
  }
  return server;
}

function launchDiskdb(port: number, dir: string, options: ServerOptions): Launch {
  const node = options.preload === undefined ? [] : ['--import', options.preload];
  const flags = ['--port', String(port), '--dir', dir, '--sync', options.sync ?? 'interval'];
  if (options.cacheSize !== undefined) flags.push('--cache-size', options.cacheSize);
  if (options.maxLogSize !== undefined) flags.push('--max-log-size', options.maxLogSize);
  const all = [...node, DISKDB_ENTRY, ...flags, ...(options.arguments ?? [])];
  return { command: process.execPath, arguments: all };
}

const APPENDFSYNC: Record<SyncPolicy, string> = {
  always: 'always',
  interval: 'everysec',
  no: 'no',
};

function launchRedis(port: number, dir: string, options: ServerOptions): Launch {
  const persistence = [
    '--appendonly',
    'yes',
    '--appendfsync',
    APPENDFSYNC[options.sync ?? 'interval'],
  ];
  const place = ['--port', String(port), '--bind', HOST, '--dir', dir, '--save', ''];
  const all = [...place, ...persistence, ...(options.arguments ?? [])];
  return { command: 'redis-server', arguments: all };
}

function serverOf(
  kind: ServerKind,
  child: ChildProcess,
  port: number,
  dir: string,
  ownsDir: boolean,
): Server {
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_LIMIT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(`${error.message}\n`)));
  child.on('exit', () => running.delete(child));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isRunning()) await endChild(child, signal);
    if (signal === 'SIGTERM' && ownsDir) removeTemporary(dir);
  };
  return {
    kind,
    host: HOST,
    port,
    dir,
    pid: child.pid ?? -1,
    output: () => output,
    isRunning,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const insist = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(insist);
}

function removeTemporary(dir: string): void {
  temporary.delete(dir);
  rmSync(dir, { recursive: true, force: true });
}

async function waitUntilReady(server: Server, limitMs: number): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await answersPing(server.port))) {
    if (!server.isRunning()) throw new Error(`the server ended:\n${server.output()}`);
    if (Date.now() > deadline) {
      throw new Error(`no PONG within ${limitMs} ms:\n${server.output()}`);
    }
    await sleep(POLL_MS);
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('data', (chunk) => finish(/^(\+PONG|-NOAUTH)/.test(chunk.toString())));
    socket.write('PING\r\n');
  });
}
