/** What one connection has to send when the turn ends: replies in order, short ones joined, large ones on their own. */

import { LargeReply, type Reply } from '../protocol/reply.js';

/** Replies that are joined into one string; larger ones are sent on their own. */
const JOINED_BYTES_MAX = 1024 * 1024;

const NONE: readonly Reply[] = [];

/** The replies of one turn: the text is sent after the large ones. */
export interface CollectedReplies {
  readonly large: readonly Reply[];
  readonly text: string;
  readonly count: number;
}

export class TurnReplies {
  #large: Reply[] = [];
  #largeBytes = 0;
  #text = '';
  #count = 0;

  /** Bytes that they hold in memory. */
  get bytes(): number {
    return this.#largeBytes + this.#text.length;
  }

  add(reply: Reply): void {
    this.#count++;
    if (typeof reply === 'string' && reply.length < JOINED_BYTES_MAX) {
      this.#text += reply;
      if (this.#text.length < JOINED_BYTES_MAX) return;
      this.#addLarge(this.#text);
    } else {
      if (this.#text !== '') this.#addLarge(this.#text);
      this.#addLarge(reply);
    }
    this.#text = '';
  }

  #addLarge(reply: Reply): void {
    this.#large.push(reply);
    this.#largeBytes += bytesOf(reply);
  }

  /** Those of the turn, which are the caller's from now on: the next turn begins without any. */
  take(): CollectedReplies {
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
    discardAll(this.#large);
  }
}

/** Bytes that a reply holds in memory until it is sent. */
function bytesOf(reply: Reply): number {
  if (typeof reply === 'string') return reply.length;
  let bytes = 0;
  for (const piece of reply.pieces) if (typeof piece === 'string') bytes += piece.length;
  return bytes;
}

export function discardAll(replies: readonly Reply[]): void {
  for (const reply of replies) discard(reply);
}

/** Lets go of what a reply that will not be sent holds. */
export function discard(reply: Reply): void {
  if (!(reply instanceof LargeReply)) return;
  for (const piece of reply.pieces) if (typeof piece !== 'string') void piece.return?.();
}
