/**
 * A turn of the event loop: all requests that one poll of the sockets brought. Their transactions go to the log
 * in one write when the turn ends, and their replies leave after it.
 */

import { TurnQueue } from '../base/yield-turn.js';
import type { GroupCommit } from '../keyspace/group-commit.js';

/** Where the replies of one connection collect during a turn. */
export interface Outbox {
  /** Takes what has collected, to be sent or replaced by errors later. */
  seal(): SealedReplies;
}

export interface SealedReplies {
  send(): void;
  /** The turn's group was undone: each request gets the error in place of its reply. */
  fail(error: Error): void;
}

/**
 * Replies of so many bytes leave before the turn ends. Those of 50 clients that each send 16 `LRANGE list 0 99` are
 * 9 MB, and as much again of the ropes they are made of: V8's scavenger copied a sixth of them (measured).
 */
const COLLECTED_BYTES_MAX = 256 * 1024;

export class Turn {
  readonly #commit: GroupCommit;
  /** Housekeeping that must not come between two requests of a turn. */
  readonly #afterwards: () => void;
  /** Called before the turn ends: what has come is served. */
  onEnding: () => void = () => undefined;
  /** Clients that have had their time in it. */
  readonly resting = new TurnQueue();
  #number = 0;
  #outboxes: Outbox[] = [];
  #scheduled = false;
  #collectedBytes = 0;

  constructor(commit: GroupCommit, afterwards: () => void) {
    this.#commit = commit;
    this.#afterwards = afterwards;
  }

  /** To be called when something has come or was committed: the turn will end. */
  readonly schedule = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.end);
  };

  /** The number of this turn, which will end: who waits for another one gets there. */
  enter(): number {
    this.schedule();
    return this.#number;
  }

  /** The outbox has its first reply of this turn. */
  add(outbox: Outbox): void {
    this.#outboxes.push(outbox);
    this.schedule();
  }

  /** Replies of so many bytes have collected. Between two requests, and not while a group ends: they may leave now. */
  collected(bytes: number): void {
    this.#collectedBytes += bytes;
    if (this.#collectedBytes > COLLECTED_BYTES_MAX) this.#endGroup();
  }

  readonly end = (): void => {
    this.onEnding();
    this.#scheduled = false;
    this.#number++;
    this.#endGroup();
    this.#afterwards();
  };

  #endGroup(): void {
    const outboxes = this.#outboxes;
    this.#outboxes = [];
    this.#collectedBytes = 0;
    const sealed = outboxes.map((outbox) => outbox.seal());
    this.#commit.endTurn({
      release: () => {
        for (const replies of sealed) replies.send();
      },
      fail: (error) => {
        for (const replies of sealed) replies.fail(error);
      },
    });
  }
}
