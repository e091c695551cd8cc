/** Replies onto the socket, in order: short ones at once, large ones piece by piece as the socket takes them. */

import type { Socket } from 'node:net';
import { LargeReply, type Reply, type ReplyPiece } from '../protocol/reply.js';

export class ReplyWriter {
  readonly #socket: Socket;
  /** What must wait for a large reply before it. */
  #queue: ReplyPiece[] = [];
  #writing = false;
  /** The source that is being read, so that it can be let go when the client leaves. */
  #source: AsyncIterator<string, undefined> | undefined;
  #ending = false;
  readonly #onWritten: (bytes: number) => void;

  constructor(socket: Socket, onWritten: (bytes: number) => void) {
    this.#socket = socket;
    this.#onWritten = onWritten;
  }

  /** Bytes that wait in memory for the client. */
  get pendingBytes(): number {
    let waiting = this.#socket.writableLength;
    for (const piece of this.#queue) if (typeof piece === 'string') waiting += piece.length;
    return waiting;
  }

  /** Ends the socket once everything written so far has been given to it. */
  end(): void {
    this.#ending = true;
    if (!this.#writing) this.#socket.end();
  }

  write(reply: Reply): void {
    if (!this.#writing && typeof reply === 'string') {
      this.#send(reply);
      return;
    }
    if (reply instanceof LargeReply) this.#queue.push(...reply.pieces);
    else this.#queue.push(reply);
    if (!this.#writing) void this.#writeQueue();
  }

  /** Lets go of what was not sent. */
  close(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const piece of queue) if (typeof piece !== 'string') void piece.return?.();
    void this.#source?.return?.();
    this.#source = undefined;
  }

  /** True if the socket wants no more for now. */
  #send(text: string): boolean {
    this.#onWritten(text.length);
    return !this.#socket.write(text, 'latin1');
  }

  async #writeQueue(): Promise<void> {
    this.#writing = true;
    try {
      for (let at = 0; at < this.#queue.length && !this.#socket.destroyed; at++) {
        await this.#writePiece(this.#queue[at] as ReplyPiece);
      }
      this.#queue = [];
    } catch (error) {
      // A source that fails in the middle of a reply leaves nothing sensible to say.
      this.#socket.destroy(error as Error);
    }
    this.#writing = false;
    if (this.#ending) this.#socket.end();
  }

  async #writePiece(piece: ReplyPiece): Promise<void> {
    if (typeof piece === 'string') {
      if (this.#send(piece)) await this.#drained();
      return;
    }
    this.#source = piece;
    for (;;) {
      const { value, done } = await piece.next();
      if (done === true) break;
      if (this.#send(value)) await this.#drained();
      if (this.#socket.destroyed) {
        await piece.return?.();
        break;
      }
    }
    this.#source = undefined;
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const go = (): void => {
        socket.off('drain', go);
        socket.off('close', go);
        resolve();
      };
      if (socket.destroyed) resolve();
      else socket.on('drain', go).on('close', go);
    });
  }
}
