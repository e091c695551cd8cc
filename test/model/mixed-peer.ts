/** Whom a server is compared with: redis-server, or another of ours that has everything in memory. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryStore } from '../../src/storage/store/memory-store.js';
import { countedDataset } from '../keyspace/world.js';
import { RespConnection } from '../support/resp-connection.js';
import type { Request } from './mixed-parts.js';
import { type ModelClient, ModelServer } from './model-server.js';

export const DATABASES = 3;
export const CLIENTS = 3;
const PLENTY = 1 << 30;

export interface Peer {
  /** Milliseconds since 1970, for both. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
  ask(client: number, requests: readonly Request[]): Promise<string[]>;
  /** The other server has deleted what had expired. */
  expire(): Promise<void>;
  close(): Promise<void>;
}

export class RedisPeer implements Peer {
  readonly #connections: readonly RespConnection[];

  private constructor(connections: readonly RespConnection[]) {
    this.#connections = connections;
  }

  static async open(port: number): Promise<RedisPeer> {
    const connections = Array.from({ length: CLIENTS }, () => RespConnection.open(port));
    const peer = new RedisPeer(await Promise.all(connections));
    await peer.ask(0, [['FLUSHALL']]);
    return peer;
  }

  now(): number {
    return Date.now();
  }

  async wait(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    while (Date.now() < until) await sleep(1);
  }

  async ask(client: number, requests: readonly Request[]): Promise<string[]> {
    const connection = this.#connections[client] as RespConnection;
    const replies = await Promise.all(requests.map((request) => connection.send(...request)));
    return replies.map((reply) => reply.toString('latin1'));
  }

  async expire(): Promise<void> {
    await undefined; // It does so by itself.
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
  }
}

export class ResidentPeer implements Peer {
  readonly #server: ModelServer;

  private constructor(server: ModelServer) {
    this.#server = server;
  }

  static async open(seed: number): Promise<ResidentPeer> {
    const server = await ModelServer.open({
      ...{ cacheBytes: PLENTY, maxLogSize: PLENTY, databases: DATABASES, clients: CLIENTS },
      ...{ store: new MemoryStore(), compression: 'none', sync: 'no', seed },
    });
    return new ResidentPeer(server);
  }

  now(): number {
    return this.#server.clock.now();
  }

  async wait(milliseconds: number): Promise<void> {
    this.#server.clock.milliseconds += milliseconds;
  }

  ask(client: number, requests: readonly Request[]): Promise<string[]> {
    return (this.#server.clients[client] as ModelClient).pipeline(requests);
  }

  expire(): Promise<void> {
    return this.#server.expire();
  }

  /** All it has is in memory, and nothing of it was ever read from its store: what it counts is exact. */
  close(): Promise<void> {
    const { keyspace } = this.#server;
    assert.equal(keyspace.residents.datasetBytes, countedDataset(keyspace));
    return this.#server.close();
  }
}
