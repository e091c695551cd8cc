/** What one connection has to send when the turn ends: replies in order, short ones joined, large ones on their own. */

import { bytesAtHand, type Reply } from '../protocol/reply.js';
import { CHUNK_BYTES, type OutputChunk, takeChunk } from './output-chunk.js';
import { discard, type Output } from './reply-writer.js';

/**
 * Text that is joined before it leaves, or goes into a chunk: Node writes as much without memory of its own. As one
 * string, which V8 flattens into pages of its own, what 16 `LRANGE list 0 99` bring cost half as much again in all.
 */
const JOINED_BYTES_MAX = 16 * 1024;
/** Larger replies are sent on their own: a chunk must hold one after what was joined. */
const CHUNKED_BYTES_MAX = CHUNK_BYTES - JOINED_BYTES_MAX;

const NONE: readonly never[] = [];

/** The replies of one turn: the text is sent after the large ones. */
export interface CollectedReplies {
  readonly large: readonly Output[];
  readonly text: string;
  readonly count: number;
}

export class TurnReplies {
  #large: Output[] = [];
  #largeBytes = 0;
  /** After what is in the chunk, which comes after the large ones. */
  #text = '';
  #chunk: OutputChunk | undefined;
  #count = 0;

  /** Bytes that they hold in memory. */
  get bytes(): number {
    return this.#largeBytes + this.#text.length;
  }

  add(reply: Reply): void {
    this.#count++;
    this.#append(reply);
  }

  /** What answers no request: if the turn fails, no error takes its place. */
  addMessage(message: string): void {
    this.#append(message);
  }

  #append(reply: Reply): void {
    if (typeof reply === 'string' && reply.length <= CHUNKED_BYTES_MAX) {
      this.#text += reply;
      if (this.#text.length >= JOINED_BYTES_MAX) this.#gather();
    } else {
      this.#closeText();
      this.#addLarge(reply);
    }
  }

  #addLarge(reply: Reply): void {
    this.#large.push(reply);
    this.#largeBytes += bytesAtHand(reply);
  }

  /** Moves the text into the chunk, or another one if it is full. */
  #gather(): void {
    const text = this.#text;
    this.#text = '';
    if (this.#chunk === undefined || !this.#chunk.hasRoom(text.length)) {
      this.#pushChunk();
      this.#chunk = takeChunk();
    }
    this.#chunk.add(text);
    this.#largeBytes += text.length;
  }

  /** What comes now is sent after the text. */
  #closeText(): void {
    if (this.#chunk !== undefined) {
      this.#closeChunk();
    } else if (this.#text !== '') {
      this.#addLarge(this.#text);
      this.#text = '';
    }
  }

  #closeChunk(): void {
    if (this.#text !== '') this.#gather();
    this.#pushChunk();
  }

  #pushChunk(): void {
    if (this.#chunk !== undefined) this.#large.push(this.#chunk);
    this.#chunk = undefined;
  }

  /** Those of the turn, which are the caller's from now on: the next turn begins without any. */
  take(): CollectedReplies {
    if (this.#chunk !== undefined) this.#closeChunk();
    // Most turns have no large ones; the array that is still being filled must not be shared with a turn that waits.
    const large = this.#large.length === 0 ? NONE : this.#large;
    const collected = { large, text: this.#text, count: this.#count };
    this.#text = '';
    this.#count = 0;
    if (large.length > 0) {
      this.#large = [];
      this.#largeBytes = 0;
    }
    return collected;
  }

  /** They will not be sent. */
  discard(): void {
    discardAll(this.take().large);
  }
}

export function discardAll(replies: readonly Output[]): void {
  for (const reply of replies) discard(reply);
}
