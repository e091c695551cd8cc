/**
 * Requests of one connection that are parsed and not served yet: some of a pipeline, whose keys are looked at together,
 * and while one waits for something cold, many behind it.
 */

import { type Argument, bytesOfArguments } from '../base/large-string.js';
import type { KeyWarmer } from '../keyspace/key-warmer.js';
import { ProtocolError } from '../protocol/protocol-error.js';
import type { RequestParser } from '../protocol/request-parser.js';

/** Requests of a pipeline that are parsed before the first of them is run. */
const BATCH = 16;
/** Requests parsed ahead of one that waits. */
const LOOK_AHEAD = 512;
/** How often what one of them needs is looked for: its key first, then what belongs to the key. */
const LOOKS = 2;

type Arguments = readonly Argument[];
const SERVED: Arguments = [];

export class RequestQueue {
  readonly #parser: RequestParser;
  readonly #warmer: KeyWarmer;
  /** Those before the next one are served, or the last of them is under way. */
  #requests: Arguments[] = [];
  #next = 0;
  /** How often each was looked at, of those that were. */
  #looks: number[] = [];
  /** What stands behind the last of them is no request. */
  #error: ProtocolError | undefined;

  constructor(parser: RequestParser, warmer: KeyWarmer) {
    this.#parser = parser;
    this.#warmer = warmer;
  }

  /** Bytes of the arguments, those of the request under way included. */
  get bytes(): number {
    return this.#requests.reduce((sum, args) => sum + bytesOfArguments(args), 0);
  }

  /**
   * The next one; undefined if it has not come yet. `databaseIndex` is where it will look for its keys.
   * @throws ProtocolError instead of it
   */
  next(databaseIndex: number): Arguments | undefined {
    if (this.#next === this.#requests.length) this.#parseBatch();
    if (this.#next === 0) this.#warm(databaseIndex);
    const request = this.#requests[this.#next];
    if (request !== undefined) this.#next++;
    else if (this.#error !== undefined) throw this.#error;
    return request;
  }

  /** The one that `next` returned has its reply: its arguments are kept no longer. */
  served(): void {
    this.#requests[this.#next - 1] = SERVED;
  }

  /** Shows those behind the one that waits. */
  lookAhead(look: (args: Arguments) => void): void {
    this.#dropServed();
    this.#parse(this.#next + LOOK_AHEAD);
    for (let i = this.#next; i < this.#requests.length; i++) {
      const looks = this.#looks[i] ?? 0;
      if (looks === LOOKS) continue;
      this.#looks[i] = looks + 1;
      look(this.#requests[i] as Arguments);
    }
  }

  /** Parses what has come: the request, if there is one and nothing behind it. `next` returns it again. */
  single(): Arguments | undefined {
    if (this.#next === this.#requests.length) this.#parseBatch();
    const isSingle = this.#next === 0 && this.#requests.length === 1;
    if (!isSingle || this.#error !== undefined || this.#parser.bufferedBytes > 0) return undefined;
    return this.#requests[0];
  }

  /** What follows AUTH is under other limits than AUTH itself. */
  #parseBatch(): void {
    if (this.#next > 0) this.#clear();
    this.#parse(this.#parser.authenticated ? BATCH : 1);
  }

  #warm(databaseIndex: number): void {
    if (this.#requests.length > 1) this.#warmer.warm(databaseIndex, this.#requests);
  }

  #clear(): void {
    this.#requests = [];
    this.#looks = [];
    this.#next = 0;
  }

  /** A client may send for ever, and each of its requests wait. */
  #dropServed(): void {
    if (this.#next <= 1) return;
    this.#requests = this.#requests.slice(this.#next - 1);
    this.#looks = this.#looks.slice(this.#next - 1);
    this.#next = 1;
  }

  /** Nothing is read behind a protocol error: what bytes mean there nobody knows. */
  #parse(most: number): void {
    if (this.#error !== undefined) return;
    try {
      while (this.#requests.length < most && this.#parser.next()) {
        this.#requests.push(this.#parser.args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#error = error;
    }
  }
}
