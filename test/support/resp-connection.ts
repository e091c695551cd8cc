/** One connection that gives every reply as its raw bytes, in order: for sessions that look at the wire itself. */

import { connect, type Socket } from 'node:net';
import { ReplyScanner } from '../../native-free-bench/reply-scanner.js';

interface Waiter {
  resolve(reply: Buffer): void;
  reject(error: Error): void;
}

export class RespConnection {
  readonly #socket: Socket;
  readonly #scanner = new ReplyScanner();
  #parts: Buffer[] = [];
  #waiters: Waiter[] = [];
  /** Replies (and pushes) that nobody has asked for yet. */
  #unread: Buffer[] = [];
  #closed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#received(chunk));
    socket.on('error', (error) => this.#ended(error));
    socket.on('close', () => this.#ended(new Error('connection closed')));
  }

  static open(port: number, host = '127.0.0.1'): Promise<RespConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RespConnection(socket));
      });
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Sends a command; arguments are latin1 strings or bytes. The promise is its raw reply. */
  send(...args: readonly (string | Buffer)[]): Promise<Buffer> {
    this.write(encodeCommand(args));
    return this.read();
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer | string): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** The next reply or push; rejects when the connection ends before it is whole. */
  read(): Promise<Buffer> {
    const reply = this.#unread.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length) {
      const end = this.#scanner.next(chunk, start);
      this.#parts.push(chunk.subarray(start, end));
      if (this.#scanner.complete) this.#deliver();
      start = end;
    }
  }

  #deliver(): void {
    const reply = Buffer.concat(this.#parts);
    this.#parts = [];
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#unread.push(reply);
    else waiter.resolve(reply);
  }

  #ended(error: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }
}

/** A command in the protocol's form. */
export function encodeCommand(args: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const argument of args) {
    const bytes = typeof argument === 'string' ? Buffer.from(argument, 'latin1') : argument;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
