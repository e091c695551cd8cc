/** Replies onto the socket, in order: short ones at once, large ones piece by piece as the socket takes them. */

import type { Socket } from 'node:net';
import { discardReply, LargeReply, type Reply, type ReplyPiece } from '../protocol/reply.js';
import { OutputChunk } from './output-chunk.js';

/** How long a client that has been sent everything may take to close its side, in milliseconds. */
const LINGER_MS = 1_000;

/** A reply, or several that have been gathered. */
export type Output = Reply | OutputChunk;

export interface WriterListener {
  onWritten(bytes: number): void;
  /** All that had to wait has been given to the socket. */
  onIdle(): void;
}

export class ReplyWriter {
  readonly #socket: Socket;
  /** What must wait for a large reply before it; what has been sent is replaced by ''. */
  #queue: (ReplyPiece | OutputChunk)[] = [];
  #queuedBytes = 0;
  #writing = false;
  /** The source that is being read, so that it can be let go when the client leaves. */
  #source: AsyncIterator<string, undefined> | undefined;
  #ending = false;
  readonly #listener: WriterListener;

  constructor(socket: Socket, listener: WriterListener) {
    this.#socket = socket;
    this.#listener = listener;
  }

  /** Bytes that wait in memory for the client. */
  get pendingBytes(): number {
    return this.#socket.writableLength + this.#queuedBytes;
  }

  /** Ends the socket once everything written so far has been given to it. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (!this.#writing) this.#endSocket();
  }

  /** The client is to close its side, too; if it does not, the connection goes all the same. */
  #endSocket(): void {
    this.#socket.end(() => setTimeout(() => this.#socket.destroy(), LINGER_MS).unref());
  }

  write(output: Output): void {
    if (!this.#writing && isAtHand(output)) {
      this.#send(output);
      return;
    }
    for (const piece of piecesOf(output)) {
      this.#queue.push(piece);
      if (isAtHand(piece)) this.#queuedBytes += piece.length;
    }
    if (!this.#writing) void this.#writeQueue();
  }

  /** Lets go of what was not sent. */
  close(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const piece of queue) letGo(piece);
    void this.#source?.return?.();
    this.#source = undefined;
  }

  /** True if the socket wants no more for now. */
  #send(output: string | OutputChunk): boolean {
    this.#listener.onWritten(output.length);
    if (typeof output === 'string') return !this.#socket.write(output, 'latin1');
    return !this.#socket.write(output.bytes, () => output.release());
  }

  async #writeQueue(): Promise<void> {
    this.#writing = true;
    try {
      for (let at = 0; at < this.#queue.length && !this.#socket.destroyed; at++) {
        const piece = this.#queue[at] as ReplyPiece | OutputChunk;
        if (isAtHand(piece)) this.#queuedBytes -= piece.length;
        this.#queue[at] = '';
        await this.#writePiece(piece);
      }
      this.#queue = [];
    } catch (error) {
      // A source that fails in the middle of a reply leaves nothing sensible to say.
      this.#socket.destroy(error as Error);
    }
    this.#writing = false;
    if (this.#ending) this.#endSocket();
    else if (!this.#socket.destroyed) this.#listener.onIdle();
  }

  async #writePiece(piece: ReplyPiece | OutputChunk): Promise<void> {
    if (isAtHand(piece)) {
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

/** Lets go of what a reply that will not be sent holds. */
export function discard(output: Output): void {
  if (output instanceof OutputChunk) output.release();
  else discardReply(output);
}

function piecesOf(output: Output): readonly (ReplyPiece | OutputChunk)[] {
  return output instanceof LargeReply ? output.pieces : [output];
}

function isAtHand(output: ReplyPiece | Output): output is string | OutputChunk {
  return typeof output === 'string' || output instanceof OutputChunk;
}

function letGo(piece: ReplyPiece | OutputChunk): void {
  if (piece instanceof OutputChunk) piece.release();
  else if (typeof piece === 'object') void piece.return?.();
}
