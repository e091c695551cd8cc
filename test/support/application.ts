/** What tests of applications share: a server with a small cache on a disk of its own, and clients that are closed after the test. */

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { missing, type Server, startServer, subject } from './server.js';

/** Why none can be run; undefined when they can. */
export const reasonToSkip = missing(subject());

export class Application {
  readonly server: Server;
  readonly #closers: (() => unknown)[] = [];

  private constructor(server: Server) {
    this.server = server;
  }

  static async open(): Promise<Application> {
    return new Application(await startServer(subject(), { cacheSize: '16MB' }));
  }

  get url(): string {
    return `redis://${this.server.host}:${this.server.port}`;
  }

  /** Closes it before the server, the newest first. */
  closing<T>(part: T, close: (part: T) => unknown): T {
    this.#closers.push(() => close(part));
    return part;
  }

  ioredis(): Redis {
    const { host, port } = this.server;
    return this.closing(new Redis(port, host), (client) => client.disconnect());
  }

  async nodeRedis() {
    const client = createClient({ url: this.url, RESP: 3 });
    await client.connect();
    return this.closing(client, (open) => open.close());
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    await this.server.stop();
  }
}
