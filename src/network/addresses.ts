/**
 * The sockets that are listened on. They follow the options that name them: opened before a change is made, closed after it. Only
 * what stands in the way of a new one, as the address of all networks does of a single one, is closed before.
 */

import { createServer, type Server, type Socket } from 'node:net';
import { systemCode } from '../base/errors.js';
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

/** By kind, address and port. */
type Endpoints = ReadonlyMap<string, Endpoint>;

export class Addresses {
  readonly #config: Config;
  readonly #doors: Doors;
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

  /** Listens on those that are not listened on yet. If one fails, `settle` has all as it was. */
  async prepare(ports: Ports): Promise<void> {
    const endpoints = this.#endpointsOf(ports);
    for (const [name, endpoint] of endpoints) {
      if (this.#open.has(name)) continue;
      try {
        await this.#listen(name, endpoint, endpoints);
      } catch (error) {
        if (!endpoint.optional || !LACKING.has(systemCode(error) ?? '')) throw error;
      }
    }
  }

  async #listen(name: string, endpoint: Endpoint, wanted: Endpoints): Promise<void> {
    const { port, host, accept } = endpoint;
    const backlog = this.#config.values.network.tcpBacklog;
    const where = { port, host, backlog, ipv6Only: host.includes(':') };
    try {
      this.#open.set(name, await listen(where, accept));
    } catch (error) {
      const isOurs = systemCode(error) === 'EADDRINUSE' && this.#closeOthers(port, wanted);
      if (!isOurs) throw error;
      this.#open.set(name, await listen(where, accept));
    }
  }

  /** Those with the port that are not wanted. False: there is none. */
  #closeOthers(port: number, wanted: Endpoints): boolean {
    const inTheWay = [...this.#open.keys()].filter((name) => {
      return name.endsWith(` ${port}`) && !wanted.has(name);
    });
    for (const name of inTheWay) this.#close(name);
    return inTheWay.length > 0;
  }

  #close(name: string): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
  }

  /**
   * Listens on what is configured, and on nothing else; who has come by another address stays. Nothing is left to open
   * unless a change has failed. @throws what the system says of the first address that fails
   */
  async settle(): Promise<void> {
    const wanted = this.#endpointsOf(portsOf(this.#config));
    for (const name of [...this.#open.keys()]) if (!wanted.has(name)) this.#close(name);
    await this.prepare(portsOf(this.#config));
  }

  async close(): Promise<void> {
    const servers = [...this.#open.values(), ...(this.#unix === undefined ? [] : [this.#unix])];
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #endpointsOf({ port, tlsPort, bind }: Ports): Endpoints {
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
