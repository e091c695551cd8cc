/** A server of its own for one abuse: how much memory it takes meanwhile, and how long others wait. */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RespConnection } from '../support/resp-connection.js';
import { type Server, startServer } from '../support/server.js';

export const MB = 1024 * 1024;

const CACHE = '64MB';
const PROBE_EVERY_MS = 20;

export interface Harm {
  /** The longest time that another client waited for its PONG, in milliseconds. */
  readonly latencyMs: number;
  /** The most memory above what it was before, in bytes. */
  readonly grownBytes: number;
}

export class Target {
  readonly server: Server;
  readonly #connections: RespConnection[] = [];

  private constructor(server: Server) {
    this.server = server;
  }

  static async open(...args: readonly string[]): Promise<Target> {
    return new Target(await startServer('diskdb', { cacheSize: CACHE, arguments: args }));
  }

  async connect(): Promise<RespConnection> {
    const connection = await RespConnection.open(this.server.port);
    this.#connections.push(connection);
    return connection;
  }

  /** Anonymous memory of its process: mapped files are the kernel's. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.server.pid}/status`, 'latin1');
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  /** Runs it, while another client pings and somebody looks at the memory. */
  async during(abuse: () => Promise<void>): Promise<Harm> {
    const other = await this.connect();
    await other.send('PING');
    const before = this.memory;
    let [latencyMs, most, done] = [0, before, false];
    const probe = async (): Promise<void> => {
      while (!done) {
        const asked = performance.now();
        await other.send('PING');
        latencyMs = Math.max(latencyMs, performance.now() - asked);
        most = Math.max(most, this.memory);
        await sleep(PROBE_EVERY_MS);
      }
    };
    const probing = probe();
    try {
      await abuse();
    } finally {
      done = true;
      await probing;
    }
    return { latencyMs, grownBytes: most - before };
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await this.server.stop();
  }
}

/** The first line of a reply. */
export function line(reply: Buffer): string {
  return reply.toString('latin1', 0, Math.min(reply.length, 500)).split('\r\n', 1)[0] ?? '';
}
