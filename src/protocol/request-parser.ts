/**
 * Bytes from a client into requests: RESP arrays of bulk strings, and inline requests. Pure: no sockets.
 *
 * Per read of the socket: `push`, then `next` until it returns false or the caller has had enough, then
 * `retain`. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ and the behaviour of Redis 7.
 */

import { type Argument, CHUNK_BYTES, LargeString } from '../base/large-string.js';
import { INCOMPLETE, readCount } from './count-line.js';
import { splitInline } from './inline.js';
import { InputWindow } from './input-window.js';
import { readText } from './latin1-text.js';
import { NameCache } from './name-cache.js';
import { ProtocolError } from './protocol-error.js';

/** One object for all parsers: what CONFIG SET changes holds from the next count or length on. */
export interface ParserLimits {
  /** Longest inline request, and longest line of a count or length, in bytes. */
  inlineBytes: number;
  /** Longest argument, in bytes: proto-max-bulk-len. */
  bulkBytes: number;
  /** Most arguments of a request. */
  multibulkCount: number;
}

/** As Redis 7 has them. */
export const DEFAULT_LIMITS: Readonly<ParserLimits> = {
  inlineBytes: 64 * 1024,
  bulkBytes: 512 * 1024 * 1024,
  multibulkCount: 2 ** 31 - 1,
};

const UNAUTHENTICATED_COUNT = 10;
const UNAUTHENTICATED_BYTES = 16_384;

/** Arguments an array has room for from the start; more come as they arrive, whatever count was announced. */
const INITIAL_ARGUMENTS = 64;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ASTERISK = 0x2a;

const UNKNOWN = -1;
const NO_ARGUMENTS: Argument[] = [];

/** Shared by all parsers, of which there is one a connection. */
const commandNames = new NameCache();

export class RequestParser {
  /** False while the client must still authenticate: arguments are then at most 10, of 16 KiB. */
  authenticated = true;

  /**
   * `args[0]` as a string, case as sent. The same name is the same string object from request to request as
   * long as it stays in a small cache, so a Map finds it by identity. Empty for a name above CHUNK_BYTES.
   */
  command = '';

  /**
   * The request as Redis's argv: the command's name first. A new array for each request: it may be kept. Empty after `retain`,
   * so that a client that says nothing for long does not hold its last request.
   */
  args: Argument[] = NO_ARGUMENTS;

  readonly #limits: Readonly<ParserLimits>;
  readonly #input: InputWindow;

  /** The request being read: its arguments, how many there are yet, and how many there will be (0: none begun). */
  #pending: Argument[] = NO_ARGUMENTS;
  #count = 0;
  #wanted = 0;
  /** Length of the argument being read, and its chunks if it is a large one. */
  #bulkLength = UNKNOWN;
  #chunks: string[] = [];
  #chunkedBytes = 0;
  /** Sum of the first `#measured` arguments of the request being read. */
  #measured = 0;
  #measuredBytes = 0;

  /** @param input given by tests that count what it copies. */
  constructor(limits: Readonly<ParserLimits> = DEFAULT_LIMITS, input = new InputWindow()) {
    this.#limits = limits;
    this.#input = input;
  }

  /** Bytes of the last read that have been parsed, the request that is being run among them. */
  get parsedBytes(): number {
    return this.#input.position;
  }

  /** Bytes not parsed yet, and those of an argument that is not complete. */
  get unparsedBytes(): number {
    return this.#input.length + this.#chunkedBytes;
  }

  /** Room for more bytes that are not parsed yet. */
  get freeBytes(): number {
    return this.#input.freeBytes;
  }

  /** Bytes of the arguments of a request that is not complete. */
  get pendingBytes(): number {
    for (; this.#measured < this.#count; this.#measured++) {
      this.#measuredBytes += (this.#pending[this.#measured] as Argument).length;
    }
    return this.#measuredBytes;
  }

  /**
   * Bytes that wait: those not parsed yet, and the arguments of a request that is not complete. The caller
   * holds them, together with what MULTI has queued, to client-query-buffer-limit.
   */
  get bufferedBytes(): number {
    return this.unparsedBytes + this.pendingBytes;
  }

  /**
   * Adds what a read brought: `buffer` from `start` to `end`. It is read in place, so its bytes must stay as
   * they are until `retain`. (Positions, so that the caller need not make a subarray of its read buffer.)
   */
  push(buffer: Buffer, start = 0, end = buffer.length): void {
    this.#input.push(buffer, start, end);
  }

  /**
   * Reads one request into `command` and `args`. Empty ones (`*0`, a blank line) are passed over.
   * @returns false if more bytes are needed; `command` and `args` are then those of the request before.
   * @throws ProtocolError, after which the parser is of no more use.
   */
  next(): boolean {
    while (this.#wanted === 0) {
      const input = this.#input;
      if (input.position === input.end && !input.more(1)) return false;
      if (input.bytes[input.position] !== ASTERISK) {
        const words = this.#readInline();
        if (words === undefined) return false;
        if (words.length > 0) return this.#deliver(words);
      } else if (!this.#readArgumentCount()) return false;
    }
    return this.#readArguments() && this.#deliver(this.#pending);
  }

  /** Takes what is not parsed yet out of the pushed buffer. To be called before that buffer is written again. */
  retain(): void {
    this.args = NO_ARGUMENTS;
    this.#input.retain();
  }

  /** False if the line is not complete. */
  #readArgumentCount(): boolean {
    const count = readCount(this.#input, 'multibulk', this.#limits.inlineBytes);
    if (count === INCOMPLETE) return false;
    if (count > this.#limits.multibulkCount) throw new ProtocolError('invalid multibulk length');
    if (count > UNAUTHENTICATED_COUNT && !this.authenticated) {
      throw new ProtocolError('unauthenticated multibulk length');
    }
    if (count <= 0) return true;
    this.#wanted = count;
    this.#pending = new Array<Argument>(Math.min(count, INITIAL_ARGUMENTS));
    return true;
  }

  /** False if the last argument is not complete. */
  #readArguments(): boolean {
    while (this.#count < this.#wanted) {
      if (this.#bulkLength === UNKNOWN && !this.#readBulkLength()) return false;
      const argument = this.#bulkLength > CHUNK_BYTES ? this.#readLargeBulk() : this.#readBulk();
      if (argument === undefined) return false;
      this.#bulkLength = UNKNOWN;
      this.#pending[this.#count++] = argument;
    }
    return true;
  }

  #readBulkLength(): boolean {
    const length = readCount(this.#input, 'bulk', this.#limits.inlineBytes);
    if (length === INCOMPLETE) return false;
    if (length < 0 || length > this.#limits.bulkBytes) {
      throw new ProtocolError('invalid bulk length');
    }
    if (length > UNAUTHENTICATED_BYTES && !this.authenticated) {
      throw new ProtocolError('unauthenticated bulk length');
    }
    this.#bulkLength = length;
    return true;
  }

  #readBulk(): string | undefined {
    const input = this.#input;
    const length = this.#bulkLength;
    while (input.end - input.position < length + 2) {
      if (!input.more(length + 2)) return undefined;
    }
    const start = input.position;
    input.position = start + length + 2; // as Redis, trusting that CR LF stands there
    return this.#count === 0
      ? commandNames.read(input.bytes, start, length)
      : readText(input.bytes, start, length);
  }

  /** Chunk by chunk, so that no more is held than has arrived, and nothing is copied as a whole. */
  #readLargeBulk(): LargeString | undefined {
    const length = this.#bulkLength;
    const input = this.#input;
    while (this.#chunkedBytes < length) {
      const size = Math.min(CHUNK_BYTES, length - this.#chunkedBytes);
      if (input.end - input.position >= size) this.#readChunk(size);
      else if (!input.more(size)) return undefined;
    }
    while (input.end - input.position < 2) {
      if (!input.more(2)) return undefined;
    }
    input.position += 2;
    const large = new LargeString(length, this.#chunks);
    this.#chunks = [];
    this.#chunkedBytes = 0;
    return large;
  }

  #readChunk(size: number): void {
    const input = this.#input;
    this.#chunks.push(readText(input.bytes, input.position, size));
    this.#chunkedBytes += size;
    input.position += size;
  }

  /** The words of a line, none if it is blank; undefined if it is not complete. */
  #readInline(): Argument[] | undefined {
    const lineFeed = this.#findLineFeed();
    if (lineFeed < 0) return undefined;
    const input = this.#input;
    const { bytes, position: start } = input;
    const hasReturn = lineFeed > start && bytes[lineFeed - 1] === CARRIAGE_RETURN;
    const words = splitInline(bytes, start, hasReturn ? lineFeed - 1 : lineFeed);
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request');
    input.position = lineFeed + 1;
    return words;
  }

  /** Where in the window the line ends; negative if its end has not arrived. */
  #findLineFeed(): number {
    const input = this.#input;
    for (;;) {
      const { bytes, position, end } = input;
      const found = bytes.indexOf(LINE_FEED, position);
      const isFound = found >= 0 && found < end;
      const length = (isFound ? found : end) - position;
      if (length > this.#limits.inlineBytes) throw new ProtocolError('too big inline request');
      if (isFound) return found;
      if (!input.more(2 * length + 64)) return -1;
    }
  }

  #deliver(args: Argument[]): true {
    const name = args[0] as Argument;
    this.command = typeof name === 'string' ? name : '';
    this.args = args;
    this.#pending = NO_ARGUMENTS;
    this.#count = 0;
    this.#wanted = 0;
    this.#measured = 0;
    this.#measuredBytes = 0;
    return true;
  }
}
