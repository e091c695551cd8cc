/**
 * One client's socket: bytes into requests, replies into bytes, in order. Requests of a pipeline are parsed some at a
 * time; while one waits for something cold, what those behind it will need is loaded with its own.
 */

import type { Socket } from 'node:net';
import type { Argument } from '../base/large-string.js';
import { bytesOfClient } from '../commands/connection/client-info.js';
import { EMPTY_QUERY_BUFFER, type QueryBuffer, type ServerContext } from '../commands/context.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { Session, type Transport } from '../dispatch/session.js';
import type { Turn } from '../dispatch/turn.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { Reply } from '../protocol/reply.js';
import { type ParserLimits, RequestParser } from '../protocol/request-parser.js';
import type { Arrival, Arrivals } from './arrivals.js';
import type { ClientMemory } from './client-memory.js';
import { ClientOutput } from './client-output.js';
import { discard } from './reply-writer.js';
import { RequestQueue } from './request-queue.js';
import { Stretch } from './stretch.js';
import { isWebRequest } from './web-request.js';

/** Bytes that are read ahead of a request that waits; what the client sends beyond stays in its socket. */
const READ_AHEAD_BYTES = 1024 * 1024;
/** Bytes that wait for a client before its requests are left unread. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface ConnectionParts {
  readonly server: ServerContext;
  readonly dispatcher: Dispatcher;
  readonly turn: Turn;
  readonly limits: Readonly<ParserLimits>;
  /** Bytes of an unfinished request that are kept before the client is disconnected. */
  readonly queryBufferBytes: () => number;
  readonly memory: ClientMemory<Connection>;
  readonly arrivals: Arrivals;
  readonly onClose: (connection: Connection) => void;
  readonly onWebRequest: (connection: Connection) => void;
}

export class Connection implements Transport, Arrival {
  readonly session: Session;
  readonly address: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #parser: RequestParser;
  readonly #requests: RequestQueue;
  readonly #output: ClientOutput;
  /** A request waits; those behind it must too. */
  #suspended = false;
  #readAhead = 0;
  #paused = false;
  /** Others are served before it is again. */
  #rests = false;
  readonly #stretch = new Stretch();
  #stopped = false;
  /** The client has closed its side: it gets what it asked for, then the connection ends. */
  #inputEnded = false;

  /** `unixPath`: of the unix socket that it came through. */
  constructor(id: number, socket: Socket, parts: ConnectionParts, unixPath?: string) {
    this.#socket = socket;
    this.#parts = parts;
    this.address = `${unixPath ?? socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.localAddress = `${unixPath ?? socket.localAddress ?? ''}:${socket.localPort ?? 0}`;
    this.#parser = new RequestParser(parts.limits);
    this.#requests = new RequestQueue(this.#parser, parts.server.keyspace.warmer);
    this.session = new Session(id, parts.server, this);
    this.#output = new ClientOutput(socket, this.session, parts, {
      onSent: () => this.#sent(),
      onIdle: () => this.#continue(),
    });
    this.#parser.authenticated = this.session.isKnown;
    socket.on('close', () => this.#closed());
    socket.on('end', () => this.finish());
    socket.on('drain', () => this.#continue());
  }

  get fileDescriptor(): number {
    return (this.#socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
  }

  /** Of a client that is about to go nothing counts any more: for `maxmemory` it would take the place of keys. */
  get queryBuffer(): QueryBuffer {
    if (this.#stopped) return EMPTY_QUERY_BUFFER;
    const { unparsedBytes, parsedBytes, freeBytes: free, pendingBytes } = this.#parser;
    const bytes = pendingBytes + this.#requests.bytes;
    const used = unparsedBytes === 0 ? parsedBytes : unparsedBytes;
    return { used, free, arguments: bytes, kept: unparsedBytes + free + bytes };
  }

  /** Estimated, in bytes. */
  get memory(): number {
    return bytesOfClient(this.session);
  }

  get outputBytes(): number {
    return this.#output.bytes;
  }

  /** Bytes have arrived in `buffer`, which the next read of any socket may overwrite. */
  receive(buffer: Buffer, length: number): void {
    if (this.#stopped) return;
    const { statistics } = this.#parts.server;
    statistics.bytesRead += length;
    statistics.reads++;
    this.session.lastActiveAt = this.#parts.server.clock.now();
    const continues = this.#parts.memory.isOn && this.#parser.bufferedBytes > 0;
    this.#parser.push(buffer, 0, length);
    // What came in parts counts before it is run.
    if (continues) this.#measure();
    if (this.#arrives()) return;
    if (this.#suspended) this.#countReadAhead(length);
    else this.#parts.arrivals.serve();
    this.serve();
  }

  /** Whether what has come can be served later in this turn. */
  #arrives(): boolean {
    const request = this.#suspended ? undefined : this.#requests.single();
    if (request === undefined) return false;
    this.#parts.arrivals.add(this, request);
    return true;
  }

  serve(): void {
    if (this.#stopped) return;
    this.#serve();
    this.#parser.retain();
    this.#checkQueryBuffer();
    this.checkOutput();
    // Its replies leave with the turn: what then still waits counts.
    if (this.#parts.memory.isOn && !this.#output.isInTurn) this.#measure();
    this.#parts.turn.collected(this.#output.collectedBytes);
  }

  #measure(): void {
    if (!this.#stopped) this.#parts.memory.measure(this);
  }

  push(message: string): void {
    if (this.#stopped) return;
    this.#output.push(message);
    this.checkOutput();
  }

  closeAfterReply(): void {
    this.#stopped = true;
    this.#leaveMessages();
    this.#output.end();
  }

  /** The client gets no messages any more, though it may take its time to close its side. */
  #leaveMessages(): void {
    this.session.isDetached = true;
    const { pubsub, tracking } = this.#parts.server;
    pubsub.leave(this.session);
    tracking.leave(this.session);
  }

  /** No more will come, or be taken: the client gets what it asked for, then the connection ends. */
  finish(): void {
    this.#parts.arrivals.serve();
    this.#inputEnded = true;
    if (this.#leave()) this.closeAfterReply();
    else this.#endIfServed();
  }

  /** What the client waits for is given up, if it does: there will be no reply. */
  #leave(): boolean {
    const waited = this.session.leave();
    if (waited) this.#suspended = false;
    return waited;
  }

  kill(): void {
    this.#stopped = true;
    this.#leave();
    this.#socket.destroy();
  }

  /** Serves what has been parsed and what can be, until something must wait. */
  #serve(): void {
    const { dispatcher, turn } = this.#parts;
    dispatcher.startTiming();
    this.#stretch.begin(turn.enter(), dispatcher.lastEnd);
    // What the socket holds does not change meanwhile.
    const room = OUTPUT_BYTES_MAX - this.#output.waitingBytes;
    try {
      let served = true;
      while (served && !this.#stopped && this.#output.collectedBytes < room) {
        if (this.#stretch.isOver(dispatcher.lastEnd)) {
          this.#rest();
          break;
        }
        served = this.#next();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
    }
    // Too much waits for the client: its requests wait too, until it reads.
    if (this.outputBytes >= OUTPUT_BYTES_MAX) this.#pause();
  }

  /** Goes on in a later turn; one that waits need not, and is read on for a while, to see it close. */
  #rest(): void {
    if (this.#rests || this.#suspended) return;
    this.#rests = true;
    this.#pause();
    void this.#parts.turn.resting.wait().then(() => {
      this.#rests = false;
      // It was not idle while it rested.
      this.session.lastActiveAt = this.#parts.server.clock.now();
      if (!this.#readOn()) return;
      this.serve();
      this.#endIfServed();
    });
  }

  /** Serves one request; false if there is none, or if it waits. */
  #next(): boolean {
    if (this.#suspended) return false;
    const args = this.#requests.next(this.session.databaseIndex);
    if (args === undefined) return false;
    this.#dispatch(args);
    return true;
  }

  #dispatch(args: readonly Argument[]): void {
    const request = this.#parts.dispatcher.resolve(this.session, args);
    if (typeof request === 'string') {
      if (isWebRequest(args)) this.#hangUp();
      else this.#output.reply(this.session.reply.error(request));
      this.#requests.served();
      return;
    }
    request.lookAhead = this.#lookAhead;
    const reply = this.#parts.dispatcher.execute(request);
    if (reply instanceof Promise) this.#suspend(reply);
    else this.#finish(reply);
  }

  #hangUp(): void {
    this.#parts.onWebRequest(this);
    this.kill();
  }

  #finish(reply: Reply): void {
    this.#requests.served();
    this.#parser.authenticated = this.session.isKnown;
    this.#output.reply(reply);
    this.session.replied();
    if (this.session.closing) this.closeAfterReply();
  }

  #suspend(late: Promise<Reply>): void {
    this.#suspended = true;
    void late.then((reply) => {
      this.#suspended = false;
      if (this.#socket.destroyed) {
        discard(reply);
        this.session.close();
        return;
      }
      // It was not idle while it waited.
      this.session.lastActiveAt = this.#parts.server.clock.now();
      this.#finish(reply);
      this.#serve();
      this.#parser.retain();
      this.checkOutput();
      this.#continue();
      this.#endIfServed();
    });
  }

  /** A client that goes on sending while it waits fills its socket, not our memory. */
  #countReadAhead(length: number): void {
    this.#readAhead += length;
    if (this.#readAhead > READ_AHEAD_BYTES) this.#pause();
  }

  #endIfServed(): void {
    if (this.#inputEnded && !this.#suspended && !this.#paused) this.closeAfterReply();
  }

  /** Adds what the requests behind the one that waits will need to what is loaded for it. */
  readonly #lookAhead = (): void => {
    if (this.#stopped) return;
    this.#requests.lookAhead((args) => this.#parts.dispatcher.prefetch(this.session, args));
  };

  /** The replies of a turn have left. */
  #sent(): void {
    if (this.#parts.memory.isOn) this.#measure();
    this.#continue();
  }

  /** Disconnects the client if more waits for it than its class may have. */
  checkOutput(): void {
    if (!this.#output.isTooMuch() || this.#stopped) return;
    const { logger, statistics } = this.#parts.server;
    statistics.outputLimitDisconnections++;
    const { id, address } = this.session;
    const bytes = this.outputBytes;
    logger.warn({ id, address, bytes }, 'a client was disconnected: it does not take its output');
    this.kill();
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  /** Reads again, if nothing speaks against it any more. */
  #readOn(): boolean {
    if (!this.#paused || this.#rests || this.#suspended) return false;
    if (this.outputBytes >= OUTPUT_BYTES_MAX) return false;
    this.#paused = false;
    this.#readAhead = 0;
    this.#socket.resume();
    return true;
  }

  /** Reads and serves again. It may be that a turn ends: what collects now belongs to the next one. */
  #continue(): void {
    if (!this.#readOn()) return;
    this.#serve();
    this.#parser.retain();
    this.#endIfServed();
  }

  #checkQueryBuffer(): void {
    const bytes = this.#parser.bufferedBytes + this.session.transactionBytes;
    if (bytes <= this.#parts.queryBufferBytes()) return;
    this.#parts.server.statistics.queryLimitDisconnections++;
    this.kill();
  }

  #refuse(error: ProtocolError): void {
    this.#output.reply(this.session.reply.error(error.reply));
    this.closeAfterReply();
  }

  #closed(): void {
    this.#stopped = true;
    this.#leave();
    this.#leaveMessages();
    // A transaction under way is still to see what it watched, if it must run again.
    if (!this.#suspended) this.session.close();
    this.#output.close();
    this.#parts.onClose(this);
  }
}
