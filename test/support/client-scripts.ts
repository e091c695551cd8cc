/**
 * Sends the requests of several clients to DiskDB's commands and to redis-server, one after the other, and compares
 * who has which reply after each of them, and who still waits for one.
 */

import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Command } from '../../src/commands/spec.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness } from './command-harness.js';
import { RespConnection } from './resp-connection.js';
import { type Server, startServer } from './server.js';

/** Who sends it, from 0, and the request; `CLIENT UNBLOCK n` is for client n. */
export type ClientRequest = readonly [client: number, ...args: readonly string[]];

/** A client's requests, one at a time: while it waits for a reply it sends nothing. */
class Caller {
  readonly #send: (args: readonly string[]) => Promise<string>;
  isWaiting = false;
  /** The replies since the last `take`. */
  #replies: string[] = [];

  constructor(send: (args: readonly string[]) => Promise<string>) {
    this.#send = send;
  }

  call(args: readonly string[]): void {
    this.isWaiting = true;
    const noted = (reply: string): void => {
      this.#replies.push(reply);
      this.isWaiting = false;
    };
    this.#send(args).then(noted, (error: unknown) => noted(String(error)));
  }

  take(): string {
    const replies = this.isWaiting ? [...this.#replies, 'waits'] : this.#replies;
    this.#replies = [];
    return replies.join();
  }
}

export class ClientScripts {
  readonly #groups: readonly (readonly Command[])[];
  readonly #clients: number;
  #server: Server | undefined;

  /** To be made inside a `describe`: the server lives as long as its tests. `groups` must have CLIENT. */
  constructor(groups: readonly (readonly Command[])[], clients: number) {
    this.#groups = groups;
    this.#clients = clients;
    beforeAll(async () => {
      this.#server = await startServer('redis');
    });
    afterAll(async () => {
      await this.#server?.stop();
    });
  }

  /** One script, on empty data. `evicts`: all data is cold before each request. */
  async compare(script: readonly ClientRequest[], evicts = false): Promise<void> {
    const harness = await CommandHarness.open(this.#groups);
    const connections = await this.#connections();
    const [control, ...others] = connections as [RespConnection, ...RespConnection[]];
    try {
      await control.send('FLUSHALL');
      const ours = others.map(() => new Caller(oursOf(harness)));
      const theirs = await Promise.all(others.map(theirsOf(others)));
      for (const [client, ...args] of script) {
        if (ours[client]?.isWaiting) continue;
        if (evicts) await harness.evict();
        ours[client]?.call(args);
        theirs[client]?.call(args);
        await settled();
        await blockedOrDone(control, theirs);
        const expected = theirs.map((caller) => caller.take());
        const actual = ours.map((caller) => caller.take());
        expect([args, actual]).toEqual([args, expected]);
      }
    } finally {
      for (const connection of connections) connection.close();
      await harness.close();
    }
  }

  #connections(): Promise<RespConnection[]> {
    const { port } = this.#server as Server;
    const all = new Array(this.#clients + 1).fill(port);
    return Promise.all(all.map((each: number) => RespConnection.open(each)));
  }
}

function oursOf(harness: CommandHarness): (args: readonly string[]) => Promise<string> {
  const client = harness.connect();
  // The harness has a client of its own before these.
  return (args) => client.run(...withId(args, (index) => index + 2));
}

function theirsOf(others: readonly RespConnection[]) {
  const ids: number[] = [];
  return async (connection: RespConnection, index: number): Promise<Caller> => {
    ids[index] = Number.parseInt((await connection.send('CLIENT', 'ID')).toString().slice(1), 10);
    return new Caller(async (args) => {
      const reply = await (others[index] as RespConnection).send(
        ...withId(args, (other) => ids[other] as number),
      );
      return reply.toString('latin1');
    });
  };
}

function withId(args: readonly string[], idOf: (client: number) => number): readonly string[] {
  const [name, subcommand, client, ...rest] = args;
  if (name !== 'CLIENT' || subcommand !== 'UNBLOCK') return args;
  return [name, subcommand, String(idOf(Number(client))), ...rest];
}

/** Until everyone who has no reply yet is blocked, by the server's own account. */
async function blockedOrDone(control: RespConnection, callers: readonly Caller[]): Promise<void> {
  for (;;) {
    const info = (await control.send('INFO', 'clients')).toString();
    await setImmediate();
    await setImmediate();
    const waiting = callers.filter(({ isWaiting }) => isWaiting).length;
    if (info.includes(`blocked_clients:${waiting}\r\n`)) return;
  }
}
