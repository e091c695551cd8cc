/** The sockets that are listened on. They follow the options that name them: opened before a change is made, closed after it. */

import { createServer, type Server, type Socket } from 'node:net';
import type { Config } from '../config/config.js';
import { allowAccess, freePath } from './unix-socket.js';

/** What the system says of an address that this machine does not have. */
const LACKING: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT']);

/** Who comes by each kind of socket. */
export interface Doors {
  plain(socket: Socket): void;
  tls(socket: Socket): void;
  unix(socket: Socket, path: string): void;
}

export interface Ports {
  /** 0: none. */
  readonly port: number;
  readonly tlsPort: number;
  /** A `-` before an address: the machine may lack it. */
  readonly bind: readonly string[];
}

interface Endpoint {
  readonly port: number;
  readonly host: string;
  readonly optional: boolean;
  readonly accept: (socket: Socket) => void;
}

export class Addresses {
  readonly #config: Config;
  readonly #doors: Doors;
  /** By kind, address and port. */
  readonly #open = new Map<string, Server>();
  #unix: Server | undefined;

  constructor(config: Config, doors: Doors) {
    this.#config = config;
    this.#doors = doors;
  }

  /** Listens on everything that is configured. @throws what the system says of the first address that fails */
  async open(): Promise<void> {
    await this.prepare(portsOf(this.#config));
    const { unixSocket, unixSocketPermissions, network } = this.#config.values;
    if (unixSocket === '') return;
    await freePath(unixSocket);
    const accept = (socket: Socket): void => this.#doors.unix(socket, unixSocket);
    this.#unix = await listen({ path: unixSocket, backlog: network.tcpBacklog }, accept);
    allowAccess(unixSocket, unixSocketPermissions);
  }

  /** Listens on those that are not listened on yet. What was opened before one fails stays until `settle`. */
  async prepare(ports: Ports): Promise<void> {
    const backlog = this.#config.values.network.tcpBacklog;
    for (const [name, { port, host, accept, optional }] of this.#endpointsOf(ports)) {
      if (this.#open.has(name)) continue;
      try {
        const where = { port, host, backlog, ipv6Only: host.includes(':') };
        this.#open.set(name, await listen(where, accept));
      } catch (error) {
        if (!optional || !LACKING.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    }
  }

  /** Listens no more on those that are not configured any more; who has come by them stays. */
  settle(): void {
    const wanted = this.#endpointsOf(portsOf(this.#config));
    for (const [name, server] of this.#open) {
      if (wanted.has(name)) continue;
      this.#open.delete(name);
      server.close();
    }
  }

  async close(): Promise<void> {
    const servers = [...this.#open.values(), ...(this.#unix === undefined ? [] : [this.#unix])];
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #endpointsOf({ port, tlsPort, bind }: Ports): Map<string, Endpoint> {
    const { plain, tls } = this.#doors;
    const kinds = [
      { kind: 'tcp', port, accept: plain },
      { kind: 'tls', port: tlsPort, accept: tls },
    ];
    const endpoints = new Map<string, Endpoint>();
    for (const { kind, port, accept } of kinds.filter((each) => each.port !== 0)) {
      for (const address of bind) {
        const optional = address.startsWith('-');
        const host = hostOf(optional ? address.slice(1) : address);
        endpoints.set(`${kind} ${host} ${port}`, { port, host, optional, accept });
      }
    }
    return endpoints;
  }
}

function portsOf({ values }: Config): Ports {
  return { port: values.port, tlsPort: values.tls.port, bind: values.bind };
}

/** `*` is all of IPv4 and `::*` all of IPv6, as in redis.conf. */
function hostOf(address: string): string {
  if (address === '*') return '0.0.0.0';
  return address === '::*' ? '::' : address;
}

async function listen(where: object, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, noDelay: true }, accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(where, resolve);
  });
  return server;
}
