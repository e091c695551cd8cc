/**
 * One attempt of EXEC to run what was queued. A long one lets others run after each stretch, be it because the time is up or because
 * it needs something cold: those that touch none of the keys that it has touched. What they do counts as done before it.
 */

import { fault } from '../keyspace/fault.js';
import type { KeyLocks } from '../keyspace/key-locks.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { suspend, suspension } from '../keyspace/suspension.js';
import { bytesAtHand, type Reply, type ReplyEncoder } from '../protocol/reply.js';
import type { Call, Request } from './request.js';

/** How long requests run at a stretch, in milliseconds. */
const STRETCH_MS = 10;
/** Requests whose keys are looked at together. */
const WARMED = 32;
/** Requests behind one that has met a fault whose keys are loaded with what that needs … */
const PREFETCHED = 10_000;
/** … and that are tried out, for what they need besides their keys. */
const REHEARSED = 128;

export class QueueRun {
  #calls: Call[] = [];
  /** How many were run in the stretches before. */
  #before = 0;
  readonly #keyspace: Keyspace;
  readonly #queue: readonly Request[];
  readonly #encoder: ReplyEncoder;
  /** What the stretches before have touched; undefined if nobody may run beside it. */
  #locks: KeyLocks | undefined;
  /** Of each stretch. */
  readonly #replies: Reply[] = [];
  /** Gets the calls of each, and how many came before; then they are forgotten. */
  readonly #onStretch: (calls: readonly Call[], from: number) => void;
  /** Of how many requests the keys were loaded, and how many were tried out. */
  #prefetched = 0;
  #rehearsed = 0;
  /** How many calls were made when the one has ended that met the last fault. */
  #faultyEnd = 0;
  /** Of the replies that are at hand so far. */
  #replyBytes = 0;

  constructor(
    keyspace: Keyspace,
    queue: readonly Request[],
    encoder: ReplyEncoder,
    locks: KeyLocks | undefined,
    onStretch: (calls: readonly Call[], from: number) => void,
  ) {
    this.#keyspace = keyspace;
    this.#queue = queue;
    this.#encoder = encoder;
    this.#locks = locks;
    this.#onStretch = onStretch;
  }

  /** How many were run so far. */
  get done(): number {
    return this.#before + this.#calls.length;
  }

  /** Those of this stretch, or all if nobody may run beside it. */
  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** The array of all replies. A script among them may suspend it, too: the others are run when that is `resumed` and done. */
  run(resumed?: () => Call): Reply {
    const isFaulty = this.#runStretch(resumed);
    this.#endStretch();
    if (isFaulty || !this.#isDone) return this.#letOthersRun(isFaulty);
    return this.#encoder.joined(this.#encoder.arrayHead(this.#queue.length), this.#replies);
  }

  get #isDone(): boolean {
    return this.done === this.#queue.length;
  }

  /** Returns true if the next one has met a fault for which not all need be undone. */
  #runStretch(resumed?: () => Call): boolean {
    const { clock, transaction } = this.#keyspace;
    try {
      if (resumed !== undefined) this.#note(resumed());
      let now = clock.monotonic();
      const end = this.#locks === undefined ? Number.POSITIVE_INFINITY : now + STRETCH_MS;
      while (!this.#isDone && now < end) {
        if (this.done % WARMED === 0) this.#warm();
        const call = (this.#queue[this.done] as Request).runWithin('multi', now);
        this.#note(call);
        if (this.done === this.#faultyEnd) transaction.endPart();
        now += call.microseconds / 1000;
      }
      return false;
    } catch (error) {
      if (error === suspension) suspension.wrap((resume: () => Call) => this.run(resume));
      if (error === fault && this.#locks !== undefined) return true;
      throw error;
    }
  }

  /** Unless a database has another space now, where they would write what this transaction has made. */
  #letOthersRun(isFaulty: boolean): Reply {
    if (this.#keyspace.transaction.hasReplacedSpaces) this.#locks = undefined;
    if (this.#locks !== undefined) {
      if (isFaulty) this.#faultyEnd = this.done + 1;
      suspend({
        resume: () => this.run(),
        abandon: () => undefined,
        locks: this.#locks,
        faultyPart: isFaulty ? this.done : undefined,
      });
    }
    if (isFaulty) throw fault;
    return this.run();
  }

  /** Adds what the next requests need to what the running fault loads: the keys first, and by later faults what belongs to them. */
  prefetch(): void {
    const { done: next } = this;
    const queue = this.#queue;
    if (next >= this.#prefetched) {
      this.#prefetched = Math.min(next + PREFETCHED, queue.length);
      for (let i = next; i < this.#prefetched; i++) queue[i]?.prefetchKeys();
    } else if (this.#locks !== undefined && next >= this.#rehearsed) {
      this.#rehearsed = Math.min(next + REHEARSED, queue.length);
      for (let i = next + 1; i < this.#rehearsed; i++) queue[i]?.prefetchQueued();
    }
  }

  /** The next ones' keys are looked at together, as those of a pipeline. */
  #warm(): void {
    const { done: from } = this;
    const next = this.#queue.slice(from, from + WARMED);
    if (next.length < 2) return;
    const { databaseIndex } = (next[0] as Request).session;
    const requests = next.map(({ args }) => args);
    this.#keyspace.warmer.warm(databaseIndex, requests);
  }

  #note(call: Call): void {
    this.#replyBytes += bytesAtHand(call.reply);
    this.#keyspace.checkReplies(this.#replyBytes);
    this.#calls.push(call);
  }

  /** A stretch has ended, or all. */
  #endStretch(): void {
    const calls = this.#calls;
    const replies = calls.map(({ reply }) => reply);
    this.#replies.push(this.#encoder.joined('', replies));
    if (this.#locks === undefined) return;
    for (const { request } of calls) request.lock(this.#locks);
    this.#onStretch(calls, this.#before);
    this.#before += calls.length;
    this.#calls = [];
  }
}
