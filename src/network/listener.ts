/** Accepts clients on TCP and unix sockets, and gives each its connection. */

import { chmodSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { Connection, type ConnectionParts } from './connection.js';
import { WebRequestWarning } from './web-request.js';

const READ_BYTES = 64 * 1024;

/** When the server closes: how long replies under way may take to leave, in milliseconds … */
const SEND_MS = 1_000;
/** … and how long clients that have got theirs may take to close their side. */
const LEAVE_MS = 100;
const POLL_MS = 5;

const PROTECTED =
  'DENIED DiskDB is running in protected mode: no password is set, so it serves only clients of its own ' +
  'machine. Set security.password (requirepass), or turn network.protected_mode off if the network is safe.';

export interface ListenerOptions {
  readonly config: Config;
  readonly parts: Omit<ConnectionParts, 'onClose' | 'onWebRequest'>;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  /** Those that have not ended their side: they may still reply. */
  readonly #sending = new Set<Connection>();
  /** One buffer for all sockets: a read is parsed before the next one starts. Node would allocate one a read. */
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #webRequests: WebRequestWarning;
  #nextId = 1;
  #port = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const { logger, clock } = options.parts.server;
    this.#webRequests = new WebRequestWarning(logger, clock);
  }

  get port(): number {
    return this.#port;
  }

  /** Connected clients, oldest first. */
  get connections(): Iterable<Connection> {
    return this.#connections;
  }

  /** Listens on everything that is configured. @throws what the system says of the first address that fails */
  async open(): Promise<void> {
    const { port, bind, unixSocket, network } = this.#options.config.values;
    const backlog = network.tcpBacklog;
    this.#port = port;
    for (const address of port === 0 ? [] : bind) {
      const optional = address.startsWith('-');
      const host = hostOf(optional ? address.slice(1) : address);
      await this.#listen({ port, host, backlog, ipv6Only: host.includes(':') }, optional);
    }
    if (unixSocket !== '') await this.#listenOnPath(unixSocket);
  }

  async #listenOnPath(path: string): Promise<void> {
    const { unixSocketPermissions, network } = this.#options.config.values;
    await this.#listen({ path, backlog: network.tcpBacklog }, false);
    if (unixSocketPermissions !== 0) chmodSync(path, unixSocketPermissions);
  }

  /** Stops accepting, lets the replies to what was asked leave, and closes every connection. */
  async close(): Promise<void> {
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const connection of this.#connections) connection.finish();
    await waitFor(() => this.#sending.size === 0, SEND_MS);
    await waitFor(() => this.#connections.size === 0, LEAVE_MS);
    for (const connection of this.#connections) connection.kill();
    await Promise.all(closed);
  }

  async #listen(where: object, optional: boolean): Promise<void> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(where, resolve);
      });
      this.#servers.push(server);
    } catch (error) {
      if (!optional) throw error;
    }
  }

  #accept(accepted: Socket): void {
    const { statistics } = this.#options.parts.server;
    statistics.connectionsReceived++;
    const refusal = this.#refusal(accepted);
    if (refusal === undefined) {
      this.#connect(accepted);
      return;
    }
    statistics.connectionsRejected++;
    // It is read from to see it close: a paused socket would stay for ever.
    accepted.on('error', () => accepted.destroy()).resume();
    accepted.end(`-${refusal}\r\n`, () => accepted.destroy());
  }

  #refusal(accepted: Socket): string | undefined {
    const { limits, network, security } = this.#options.config.values;
    if (this.#connections.size >= limits.maxClients) return 'ERR max number of clients reached';
    if (network.protectedMode && security.password === '' && !isLocal(accepted)) return PROTECTED;
    return undefined;
  }

  /** Disconnects clients that have sent nothing for `idleTimeout`; to be called once a second. */
  dropIdle(now: number): void {
    const { idleTimeout } = this.#options.config.values.network;
    if (idleTimeout === 0) return;
    for (const connection of this.#connections) {
      if (now - connection.session.lastActiveAt > idleTimeout) connection.kill();
    }
  }

  #connect(accepted: Socket): void {
    const socket = withSharedBuffer(accepted, this.#readBuffer, (length) => {
      connection.receive(this.#readBuffer, length);
    });
    const { tcpKeepalive } = this.#options.config.values.network;
    if (tcpKeepalive > 0) socket.setKeepAlive(true, tcpKeepalive);
    const onClose = (closed: Connection): void => {
      this.#connections.delete(closed);
      this.#sending.delete(closed);
    };
    const onWebRequest = ({ address }: Connection): void => this.#webRequests.note(address);
    const parts = { ...this.#options.parts, onClose, onWebRequest };
    const connection = new Connection(this.#nextId++, socket, parts);
    this.#connections.add(connection);
    this.#sending.add(connection);
    socket.on('finish', () => this.#sending.delete(connection));
    // A reset by the peer is an end like any other; 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.resume();
  }
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

/** `*` is all of IPv4, as in redis.conf. */
function hostOf(address: string): string {
  return address === '*' ? '0.0.0.0' : address;
}

/**
 * The accepted connection as a socket that reads into the given buffer. `net.Socket` takes `onread` only in its
 * constructor, and a server makes its sockets itself: so the handle moves to a new one.
 */
function withSharedBuffer(
  accepted: Socket,
  buffer: Buffer,
  onRead: (length: number) => void,
): Socket {
  const { _handle: handle } = accepted as unknown as { _handle: unknown };
  const options = {
    handle,
    allowHalfOpen: true, // a client may close its side and still wait for its replies
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (length: number): boolean => {
        onRead(length);
        return true;
      },
    },
  };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  (accepted as unknown as { _handle: unknown })._handle = null;
  accepted.destroy(); // the server counts it as closed, so that closing the server does not wait for it
  return socket;
}
