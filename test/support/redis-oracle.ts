/** Debian's redis-server, asked the same as DiskDB in oracle tests; absent where it is not installed. */

import { RespConnection } from './resp-connection.js';
import { missing, type Server, startServer } from './server.js';

export class RedisOracle {
  readonly #server: Server;
  readonly #connection: RespConnection;

  private constructor(server: Server, connection: RespConnection) {
    this.#server = server;
    this.#connection = connection;
  }

  /** Why there is no oracle here; undefined if there is one. */
  static readonly missing = missing('redis');

  static async start(): Promise<RedisOracle> {
    const server = await startServer('redis');
    return new RedisOracle(server, await RespConnection.open(server.port));
  }

  /** The raw reply. */
  async run(...args: readonly string[]): Promise<string> {
    return (await this.#connection.send(...args)).toString('latin1');
  }

  async stop(): Promise<void> {
    this.#connection.close();
    await this.#server.stop();
  }
}
