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

interface QueuedRequest {
  readonly args: readonly Argument[];
  /** How often it may still be looked at. */
  looks: number;
}

export class RequestQueue {
  readonly #parser: RequestParser;
  readonly #warmer: KeyWarmer;
  #requests: QueuedRequest[] = [];
  /** What stands behind the last of them is no request. */
  #error: ProtocolError | undefined;

  constructor(parser: RequestParser, warmer: KeyWarmer) {
    this.#parser = parser;
    this.#warmer = warmer;
  }

  /** Bytes of the arguments. */
  get bytes(): number {
    return this.#requests.reduce((sum, { args }) => sum + bytesOfArguments(args), 0);
  }

  /**
   * The next one; undefined if it has not come yet. `databaseIndex` is where it will look for its keys.
   * @throws ProtocolError instead of it
   */
  next(databaseIndex: number): readonly Argument[] | undefined {
    if (this.#requests.length === 0) this.#parseBatch(databaseIndex);
    const request = this.#requests.shift();
    if (request === undefined && this.#error !== undefined) throw this.#error;
    return request?.args;
  }

  /** Shows those behind the one that waits. */
  lookAhead(look: (args: readonly Argument[]) => void): void {
    this.#parse(LOOK_AHEAD);
    for (const request of this.#requests) if (request.looks-- > 0) look(request.args);
  }

  /** What follows AUTH is under other limits than AUTH itself. */
  #parseBatch(databaseIndex: number): void {
    this.#parse(this.#parser.authenticated ? BATCH : 1);
    if (this.#requests.length > 1) this.#warmer.warm(databaseIndex, this.#requests);
  }

  /** Nothing is read behind a protocol error: what bytes mean there nobody knows. */
  #parse(most: number): void {
    if (this.#error !== undefined) return;
    try {
      while (this.#requests.length < most && this.#parser.next()) {
        this.#requests.push({ args: this.#parser.args, looks: LOOKS });
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#error = error;
    }
  }
}
