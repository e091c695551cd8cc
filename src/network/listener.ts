/** Accepts clients on TCP, TLS and unix sockets, and gives each its connection. */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { Config } from '../config/config.js';
import type { Session } from '../dispatch/session.js';
import { Addresses, type Ports } from './addresses.js';
import { Arrivals } from './arrivals.js';
import { ClientMemory, clientMemoryLimit } from './client-memory.js';
import { Connection, type ConnectionParts } from './connection.js';
import { PeriodicWarning } from './periodic-warning.js';
import { withSharedBuffer } from './shared-buffer.js';
import { TlsAcceptor } from './tls-acceptor.js';
import { WEB_REQUEST_WARNING } from './web-request.js';

const READ_BYTES = 64 * 1024;

/** When the server closes: how long replies under way may take to leave, in milliseconds … */
const SEND_MS = 1_000;
/** … and how long clients that have got theirs may take to close their side. */
const LEAVE_MS = 100;
const POLL_MS = 5;

const PROTECTED =
  'DENIED DiskDB is running in protected mode: no password is set, so it serves only clients of its own ' +
  'machine. Set security.password (requirepass), or turn network.protected_mode off if the network is safe.';
const FULL = 'ERR max number of clients reached';

export interface ListenerOptions {
  readonly config: Config;
  readonly parts: Omit<ConnectionParts, 'memory' | 'arrivals' | 'onClose' | 'onWebRequest'>;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #addresses: Addresses;
  readonly #connections = new Set<Connection>();
  /** Those that have not ended their side: they may still reply. */
  readonly #sending = new Set<Connection>();
  /** One buffer for all plain sockets: a read is parsed before the next one starts. Node would allocate one a read. */
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #webRequests: PeriodicWarning;
  readonly #memory: ClientMemory<Connection>;
  /** One object for all connections: a copy for each would have a shape of its own (CONTRIBUTING.md). */
  readonly #parts: ConnectionParts;
  #tls: TlsAcceptor | undefined;
  #nextId = 1;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { logger, clock } = options.parts.server;
    this.#webRequests = new PeriodicWarning(logger, clock);
    this.#memory = this.#boundMemory();
    this.#parts = {
      ...options.parts,
      memory: this.#memory,
      arrivals: new Arrivals(options.parts.server.keyspace.warmer, options.parts.turn),
      onClose: (connection) => this.#forget(connection),
      onWebRequest: ({ address }) => this.#webRequests.warn({ address }, WEB_REQUEST_WARNING),
    };
    this.#addresses = new Addresses(options.config, {
      plain: (socket) => this.#accept(socket),
      tls: (socket) => this.#acceptTls(socket),
      unix: (socket, path) => this.#accept(socket, path),
    });
  }

  /** Of all clients together: maxmemory-clients, which may be a share of maxmemory. */
  #boundMemory(): ClientMemory<Connection> {
    const { config, parts } = this.#options;
    const { logger, statistics } = parts.server;
    const memory = new ClientMemory<Connection>({
      logger,
      onEvicted: () => {
        statistics.evictedClients++;
      },
    });
    const apply = (): void => memory.setLimit(clientMemoryLimit(config.values), this.#connections);
    config.onChange('limits.clientMemory', apply);
    config.onChange('eviction.maxMemory', apply);
    apply();
    return memory;
  }

  /** The TCP port, or that for TLS if there is no other. */
  get port(): number {
    const { port, tls } = this.#options.config.values;
    return port === 0 ? tls.port : port;
  }

  /** Connected clients, oldest first. */
  get connections(): Iterable<Connection> {
    return this.#connections;
  }

  /**
   * Listens on everything that is configured.
   * @throws DiskDbError if TLS is configured wrongly, or what the system says of the first address that fails
   */
  async open(): Promise<void> {
    const { config } = this.#options;
    if (config.values.tls.port !== 0) this.#tls = this.#openTls();
    config.onSectionChange('tls', () => this.#applyTls());
    await this.#addresses.open();
  }

  /** Listens where it will be asked to. @throws what the system says of the first address that fails */
  prepare(ports: Ports): Promise<void> {
    return this.#addresses.prepare(ports);
  }

  /** Listens where it is configured to, and nowhere else. */
  settle(): void {
    const { logger } = this.#options.parts.server;
    this.#addresses.settle().catch((error: unknown) => {
      logger.error({ err: error }, 'an address that was listened on before cannot be any more');
    });
  }

  /** Reads the certificates again. False: there is no TLS. @throws DiskDbError, and nothing has changed */
  reloadTls(): boolean {
    this.#tls?.reload();
    return this.#tls !== undefined;
  }

  #applyTls(): void {
    try {
      if (this.#tls !== undefined) this.#tls.reload();
      else if (this.#options.config.values.tls.port !== 0) this.#tls = this.#openTls();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`Unable to update TLS configuration: ${why}`, { cause: error });
    }
  }

  #openTls(): TlsAcceptor {
    const { config, parts } = this.#options;
    const { logger, clock } = parts.server;
    const onSecure = (socket: TLSSocket): void => this.#connectTls(socket);
    return new TlsAcceptor({ config, logger, clock, onSecure });
  }

  /** Stops accepting, lets the replies to what was asked leave, and closes every connection. */
  async close(): Promise<void> {
    const closed = this.#addresses.close();
    this.#tls?.close();
    for (const connection of this.#connections) connection.finish();
    await waitFor(() => this.#sending.size === 0, SEND_MS);
    await waitFor(() => this.#connections.size === 0, LEAVE_MS);
    for (const connection of this.#connections) connection.kill();
    await closed;
  }

  #accept(accepted: Socket, unixPath?: string): void {
    if (!this.#admits(accepted)) return;
    const socket = withSharedBuffer(accepted, this.#readBuffer, (length) => {
      connection.receive(this.#readBuffer, length);
    });
    const connection = this.#connect(socket, unixPath);
    socket.resume();
  }

  /** Those that are still at their handshake count: each holds more memory than a client. */
  #acceptTls(accepted: Socket): void {
    const { maxClients } = this.#options.config.values.limits;
    const handshakes = this.#tls?.handshakes ?? 0;
    if (this.#connections.size + handshakes < maxClients) {
      this.#tls?.accept(accepted);
      return;
    }
    const { statistics } = this.#options.parts.server;
    statistics.connectionsReceived++;
    statistics.connectionsRejected++;
    accepted.destroy();
  }

  #connectTls(socket: TLSSocket): void {
    if (!this.#admits(socket)) return;
    const connection = this.#connect(socket);
    socket.on('data', (bytes: Buffer) => connection.receive(bytes, bytes.length));
  }

  /** False: it has been told why not, and is closed. */
  #admits(accepted: Socket): boolean {
    const { statistics } = this.#options.parts.server;
    statistics.connectionsReceived++;
    const refusal = this.#refusal(accepted);
    if (refusal === undefined) return true;
    statistics.connectionsRejected++;
    // It is read from to see it close: a paused socket would stay for ever.
    accepted.on('error', () => accepted.destroy()).resume();
    accepted.end(`-${refusal}\r\n`, () => accepted.destroy());
    return false;
  }

  #refusal(accepted: Socket): string | undefined {
    const { limits, network } = this.#options.config.values;
    const { access } = this.#options.parts.server;
    if (this.#connections.size >= limits.maxClients) return FULL;
    if (network.protectedMode && !access.needsPassword && !isLocal(accepted)) return PROTECTED;
    return undefined;
  }

  /** Disconnects clients that have sent nothing for `idleTimeout`; to be called once a second. */
  dropIdle(now: number): void {
    const { idleTimeout } = this.#options.config.values.network;
    if (idleTimeout === 0) return;
    for (const connection of this.#connections) {
      const { session } = connection;
      if (now - session.lastActiveAt > idleTimeout && mayBeIdle(session)) connection.kill();
    }
  }

  /** Disconnects clients for which too much has waited for too long; to be called once a second. */
  dropSlow(): void {
    for (const connection of this.#connections) connection.checkOutput();
  }

  #connect(socket: Socket, unixPath?: string): Connection {
    const { tcpKeepalive } = this.#options.config.values.network;
    if (tcpKeepalive > 0) socket.setKeepAlive(true, tcpKeepalive);
    const connection = new Connection(this.#nextId++, socket, this.#parts, unixPath);
    this.#connections.add(connection);
    this.#sending.add(connection);
    socket.on('finish', () => this.#sending.delete(connection));
    // A reset by the peer is an end like any other; 'close' follows.
    socket.on('error', () => socket.destroy());
    return connection;
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    this.#memory.forget(connection);
    this.#sending.delete(connection);
  }
}

/** It is not its turn to speak: it waits for a key, or for messages. */
function mayBeIdle(session: Session): boolean {
  const isListening = session.subscriptions !== undefined || session.server.monitors.has(session);
  return !session.isBlocked && !isListening;
}

/** Waits until it is so, or the time is up. */
async function waitFor(isSo: () => boolean, milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  while (!isSo() && performance.now() < until) await sleep(POLL_MS);
}

/** From this machine: by loopback, or by a unix socket, which has no address. */
function isLocal({ remoteAddress }: Socket): boolean {
  if (remoteAddress === undefined) return true;
  const address = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
  return address === '::1' || address.startsWith('127.');
}
