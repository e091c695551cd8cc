/** One connection in a closed loop: it sends a batch, waits for all its replies, records their latencies, sends the next. */

import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Histogram } from './histogram.js';
import type { Target } from './options.js';
import { ReplyScanner } from './reply-scanner.js';
import { encodeRequest, fillKeys, type RequestBatch } from './request-batch.js';

const READ_BUFFER_BYTES = 64 * 1024;

/** What all connections of a round share. */
export interface Round {
  readonly latencies: Histogram;
  /** Takes one batch off what is left to send; false when nothing is. */
  takeBatch(): boolean;
  nextKey(): number;
  answered(replies: number): void;
}

export class Client {
  readonly #socket: Socket;
  readonly #batches: readonly RequestBatch[];
  readonly #scanner = new ReplyScanner();
  #round: Round | undefined;
  #batchIndex = 0;
  #batchSize = 0;
  #waiting = 0;
  #sentAt = 0;
  #finish: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(target: Target, batches: readonly RequestBatch[], opened: () => void) {
    this.#batches = batches;
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES),
      callback: (length: number, buffer: Uint8Array): boolean => this.#received(buffer, length),
    };
    this.#socket = connect({ host: target.host, port: target.port, noDelay: true, onread }, opened);
    this.#socket.on('error', (error) => this.#fail?.(error));
    this.#socket.on('close', () => this.#fail?.(new Error('the server closed the connection')));
  }

  /** Connects; authenticates when there is a password. `batches` are sent in turn, each of `batchSize` requests. */
  static async open(
    target: Target,
    batches: readonly RequestBatch[],
    batchSize: number,
    password?: string,
  ): Promise<Client> {
    const client = await Client.#connected(target, batches);
    client.#batchSize = batchSize;
    if (password !== undefined) await client.#authenticate(password);
    return client;
  }

  static #connected(target: Target, batches: readonly RequestBatch[]): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client = new Client(target, batches, () => resolve(client));
      client.#fail = (error) =>
        reject(new Error(`${target.name}: cannot connect: ${error.message}`));
    });
  }

  get errors(): number {
    return this.#scanner.errors;
  }

  get firstError(): string {
    return this.#scanner.firstError;
  }

  /** Sends batches until the round has none left and all replies are here. */
  run(round: Round): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#round = round;
      this.#finish = resolve;
      this.#fail = reject;
      this.#sendNext();
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #authenticate(password: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = 1;
      this.#fail = reject;
      this.#finish = () =>
        this.errors > 0 ? reject(new Error(`AUTH: ${this.firstError}`)) : resolve();
      this.#socket.write(encodeRequest(['AUTH', password]), 'latin1');
    });
  }

  #sendNext(): void {
    const round = this.#round;
    const batch = this.#batches[this.#batchIndex];
    if (round === undefined || batch === undefined || !round.takeBatch()) {
      this.#finish?.();
      return;
    }
    this.#batchIndex = (this.#batchIndex + 1) % this.#batches.length;
    fillKeys(batch, round.nextKey);
    this.#waiting = this.#batchSize;
    this.#sentAt = performance.now();
    this.#socket.write(batch.bytes);
  }

  #received(buffer: Uint8Array, length: number): boolean {
    const view = buffer as Buffer;
    try {
      this.#count(this.#scanner.feed(view.subarray(0, length)));
    } catch (error) {
      this.#fail?.(error as Error);
      return false;
    }
    return true;
  }

  #count(replies: number): void {
    if (replies === 0) return;
    this.#waiting -= replies;
    if (this.#round !== undefined) {
      this.#round.latencies.record((performance.now() - this.#sentAt) * 1000, replies);
      this.#round.answered(replies);
    }
    if (this.#waiting === 0) this.#sendNext();
  }
}
