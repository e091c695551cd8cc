/**
 * What leaves for one client, in order: replies and messages collect during a turn, and leave when its group is safe. Tells
 * when more waits than the client's class may have.
 */

import type { Socket } from 'node:net';
import type { ServerContext } from '../commands/context.js';
import { failureReply } from '../dispatch/guard.js';
import type { Session } from '../dispatch/session.js';
import type { Outbox, SealedReplies, Turn } from '../dispatch/turn.js';
import type { Reply } from '../protocol/reply.js';
import { OutputLimiter } from './output-limit.js';
import { discard, type Output, ReplyWriter } from './reply-writer.js';
import { discardAll, TurnReplies } from './turn-replies.js';

/** Bytes that may wait for a client that has not authenticated yet: it gets nothing but errors, and is disconnected. */
const STRANGERS_BYTES_MAX = 17 * 1024;

export interface OutputListener {
  /** What had collected was given to the socket, or waits for it. */
  onSent(): void;
  /** All that had to wait for the socket has been given to it. */
  onIdle(): void;
}

export class ClientOutput implements Outbox {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #server: ServerContext;
  readonly #turn: Turn;
  readonly #listener: OutputListener;
  readonly #writer: ReplyWriter;
  readonly #limiter = new OutputLimiter();
  readonly #replies = new TurnReplies();
  /** The turn will ask for the replies. */
  #inTurn = false;
  /** Turns whose replies wait for their group. */
  #sealed = 0;
  #endsWhenSent = false;

  constructor(
    socket: Socket,
    session: Session,
    { server, turn }: { readonly server: ServerContext; readonly turn: Turn },
    listener: OutputListener,
  ) {
    this.#socket = socket;
    this.#session = session;
    this.#server = server;
    this.#turn = turn;
    this.#listener = listener;
    this.#writer = new ReplyWriter(socket, {
      onWritten: (bytes) => this.#countWritten(bytes),
      onIdle: () => listener.onIdle(),
    });
  }

  /** Bytes that have collected in this turn. */
  get collectedBytes(): number {
    return this.#replies.bytes;
  }

  /** Bytes that wait for the client to take them. */
  get waitingBytes(): number {
    return this.#writer.pendingBytes;
  }

  /** All of them. */
  get bytes(): number {
    return this.waitingBytes + this.collectedBytes;
  }

  get isInTurn(): boolean {
    return this.#inTurn;
  }

  /** Adds the reply to the request that has just run, unless the client wants none. */
  reply(reply: Reply): void {
    if (this.#session.replyMode !== 'on') {
      this.#passOver();
      discard(reply);
      return;
    }
    this.#joinTurn();
    this.#replies.add(reply);
  }

  /** Adds what answers no request. */
  push(message: string): void {
    this.#joinTurn();
    this.#replies.addMessage(message);
  }

  /** The connection ends when everything has left. */
  end(): void {
    this.#endsWhenSent = true;
    this.#joinTurn();
  }

  /** Lets go of what was not sent: the client has gone. */
  close(): void {
    this.#writer.close();
    this.#replies.discard();
  }

  /** Whoever is in a turn is asked for its replies when it ends, and told when they may leave. */
  #joinTurn(): void {
    if (this.#inTurn) return;
    this.#inTurn = true;
    this.#turn.add(this);
  }

  /** CLIENT REPLY: `skip-next` is set by the command itself, which is silent too. */
  #passOver(): void {
    const session = this.#session;
    if (session.replyMode === 'skip-next') session.replyMode = 'skip';
    else if (session.replyMode === 'skip') session.replyMode = 'on';
  }

  seal(): SealedReplies {
    const replies = this.#replies.take();
    this.#inTurn = false;
    this.#sealed++;
    return {
      send: () => this.#send(replies.large, replies.text),
      fail: (error) => {
        const line = this.#session.reply.error(failureReply(error));
        discardAll(replies.large);
        this.#send([], line.repeat(replies.count));
      },
    };
  }

  #send(large: readonly Output[], text: string): void {
    this.#sealed--;
    if (this.#socket.destroyed) {
      discardAll(large);
      return;
    }
    for (const reply of large) this.#writer.write(reply);
    if (text !== '') this.#writer.write(text);
    if (this.#endsWhenSent && this.#sealed === 0 && !this.#inTurn) this.#writer.end();
    this.#listener.onSent();
  }

  /** Whether more waits for the client than its class may have: client-output-buffer-limit. */
  isTooMuch(): boolean {
    const { clock, config } = this.#server;
    const { normal, pubsub } = config.values.limits.outputBuffer;
    const limit = this.#session.subscriptions === undefined ? normal : pubsub;
    const { isKnown } = this.#session;
    if (isKnown && limit.hardBytes === 0 && limit.softBytes === 0) return false;
    const { bytes } = this;
    if (!isKnown && bytes > STRANGERS_BYTES_MAX) return true;
    return this.#limiter.isExceeded(limit, bytes, clock.monotonic());
  }

  #countWritten(bytes: number): void {
    const { statistics } = this.#server;
    statistics.bytesWritten += bytes;
    statistics.writes++;
  }
}
