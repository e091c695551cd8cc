/** A whole server in this process, behind a unix socket (no port can be taken), and clients that see every byte. */

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { ServerContext } from '../../src/commands/context.js';
import { loadConfig } from '../../src/config/load.js';
import { type RunningServer, startServer } from '../../src/server.js';
import type { Storage } from '../../src/storage/storage.js';
import { encodeCommand } from '../support/resp-connection.js';

export interface ServerWorldOptions {
  readonly engine?: 'memory' | 'disk';
  readonly environment?: Readonly<Record<string, string>>;
  /** Gets each line of the log, as JSON. */
  readonly onLog?: (line: string) => void;
}

export class ServerWorld {
  readonly server: RunningServer;
  /** What commands see of it. */
  readonly context: ServerContext;
  readonly directory: string;
  readonly #clients: RawClient[] = [];
  #closed = false;

  private constructor(server: RunningServer, directory: string) {
    this.server = server;
    this.context = server as unknown as ServerContext;
    this.directory = directory;
  }

  static async open({ engine = 'memory', environment = {}, onLog }: ServerWorldOptions = {}) {
    const directory = mkdtempSync(join(tmpdir(), 'diskdb-network-'));
    const { config } = loadConfig({
      environment: {
        DISKDB_STORAGE_ENGINE: engine,
        DISKDB_DIR: join(directory, 'data'),
        DISKDB_PORT: '0',
        DISKDB_UNIX_SOCKET: join(directory, 'socket'),
        ...environment,
      },
    });
    const logger =
      onLog === undefined ? pino({ level: 'silent' }) : pino({ level: 'info' }, { write: onLog });
    const server = await startServer(config, logger);
    return new ServerWorld(server, directory);
  }

  get storage(): Storage {
    return this.context.keyspace.storage;
  }

  get connections(): number {
    return [...this.context.clients()].length;
  }

  async connect(): Promise<RawClient> {
    const client = await RawClient.open(join(this.directory, 'socket'));
    this.#clients.push(client);
    return client;
  }

  /** Folds and evicts: every key is cold then. */
  async chill(): Promise<void> {
    await this.context.checkpointer.checkpoint();
    this.context.keyspace.residents.evictAll();
  }

  /** Holds loads back until the returned function is called; `keys` counts what was asked for, load by load. */
  holdLoads(): { readonly keys: number[]; release(): void } {
    const keys: number[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { storage } = this;
    const load = storage.load.bind(storage);
    storage.load = async (wanted) => {
      keys.push(wanted.length);
      await gate;
      return load(wanted);
    };
    return { keys, release };
  }

  /** Holds syncs of the log back until the returned function is called. */
  holdSyncs(): () => void {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { log } = this.storage;
    const sync = log.sync.bind(log);
    this.replaceSync(async () => {
      await gate;
      return sync();
    });
    return release;
  }

  /** From now on the log is synced so. */
  replaceSync(sync: () => Promise<void>): void {
    Object.assign(this.storage.log, { sync, trySync: () => false });
  }

  /** The next write to the log fails. */
  failNextWrite(): void {
    const { log } = this.storage;
    const flush = log.flush.bind(log);
    log.flush = () => {
      log.flush = flush;
      flush();
      throw new Error('no room');
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const client of this.#clients) client.destroy();
    await this.server.close({ save: false });
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class RawClient {
  readonly socket: Socket;
  #received = '';
  #ended = false;
  #closed = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#changed();
    });
    socket.on('end', () => {
      this.#ended = true;
      this.#changed();
    });
    socket.on('error', (error) => {
      this.#failure = error;
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#changed();
    });
  }

  static open(path: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  get received(): string {
    return this.#received;
  }

  get isEnded(): boolean {
    return this.#ended || this.#closed;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  send(...commands: readonly (readonly string[])[]): void {
    this.socket.write(Buffer.concat(commands.map((args) => encodeCommand(args))));
  }

  /** Sends the requests and says what came back until it ends with `tail`. */
  async ask(tail: string, ...commands: readonly (readonly string[])[]): Promise<string> {
    this.take();
    this.send(...commands);
    return this.until(tail);
  }

  /** Everything received, once it ends with `tail`; rejects if the connection ends before. */
  async until(tail: string): Promise<string> {
    await this.#when(() => this.#received.endsWith(tail) || this.isEnded);
    if (!this.#received.endsWith(tail))
      throw new Error(`ended after: ${this.#received.slice(-200)}`);
    return this.take();
  }

  async untilBytes(bytes: number): Promise<string> {
    await this.#when(() => this.#received.length >= bytes || this.isEnded);
    return this.take();
  }

  /** Everything received until the server ended the connection. */
  async untilEnd(): Promise<string> {
    await this.#when(() => this.isEnded);
    return this.take();
  }

  take(): string {
    const text = this.#received;
    this.#received = '';
    return text;
  }

  /** Closes this side only. */
  finish(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #changed(): void {
    this.#wake?.();
  }

  async #when(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Waits until the condition holds; the test's own time limit ends it otherwise. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}
