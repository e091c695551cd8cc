/**
 * The one transaction of the command thread: the attempt that runs, what it may wait for and load, and by the list that it
 * extends what it changed.
 */

import type { Log } from '../storage/storage.js';
import type { Attempt } from './attempt.js';
import { ChangeList, type HeldChanges } from './change-list.js';
import { fault } from './fault.js';
import { CannotWait } from './limits.js';

/** A transaction that is not the running one for a while: see `hold`. */
export interface HeldTransaction {
  readonly fields: OpenFields;
  readonly done: HeldChanges;
  /** It was undone meanwhile, because the log failed. */
  failure: Error | undefined;
}

/** What belongs to the attempt, besides what it changed. */
interface OpenFields {
  readonly now: number;
  readonly escalated: boolean;
  readonly blockingBytes: number;
  readonly mustFinish: boolean;
  readonly bytesMax: number;
  readonly hits: number;
  readonly misses: number;
  readonly loadedBytes: number;
  readonly attempt: Attempt | undefined;
  readonly seed: number;
}

export class Transaction extends ChangeList {
  /** Milliseconds since 1970: the time of the request, the same on every attempt. */
  now = 0;
  /** The attempt may block on the store instead of faulting. */
  escalated = false;
  /** Bytes of long ranges that the attempt may read by blocking instead of faulting. */
  blockingBytes = 0;
  /** The attempt must come to its end: it waits for nothing, and reads what it needs by blocking. */
  mustFinish = false;
  /** Look-ups of this attempt that found their key, and that did not. */
  hits = 0;
  misses = 0;
  /** Only look-ups of these keys count, one for each of them; undefined: all do. */
  countedKeys: string[] | undefined;
  /** As many bytes as its changes may hold. */
  bytesMax = Number.POSITIVE_INFINITY;
  /** Estimated memory that the request has loaded, in all its attempts. */
  loadedBytes = 0;

  /** Where `random` stands. */
  seed = 0;

  #attempt: Attempt | undefined;
  #held: HeldTransaction | undefined;
  /** The same, but while a part of the task has an attempt of its own. */
  #wholeAttempt: Attempt | undefined;

  /** `attempt` is undefined the first time a request runs. */
  begin(now: number, seed: number, attempt: Attempt | undefined): void {
    this.clear();
    this.now = now;
    this.#wholeAttempt = attempt;
    this.#use(attempt);
    this.mustFinish = false;
    this.bytesMax = Number.POSITIVE_INFINITY;
    this.hits = 0;
    this.misses = 0;
    this.seed = seed;
  }

  /** A number in [0, 1) that is the same on every attempt of the request (mulberry32). */
  readonly random = (): number => {
    this.seed = (this.seed + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };

  /** Whether a look-up of the key counts. */
  counts(key: string): boolean {
    const keys = this.countedKeys;
    if (keys === undefined) return true;
    const at = keys.indexOf(key);
    if (at < 0) return false;
    keys.splice(at, 1);
    return true;
  }

  /**
   * Waits for something that is no record: the first attempt faults and starts it, the next gets its result
   * or its error. `name` tells the waits of one request apart. `release` is called when the request has ended.
   */
  await<T>(name: string, start: () => Promise<T>, release?: (outcome: T) => void): T {
    const outcome = this.#attempt?.outcomes.get(name);
    if (outcome === undefined) {
      if (this.mustFinish) throw new CannotWait();
      fault.wait = {
        name,
        start,
        ...(release && { release: release as (outcome: unknown) => void }),
      };
      throw fault;
    }
    if ('error' in outcome) throw outcome.error;
    return outcome.value as T;
  }

  /** Runs the action to its end: it waits for nothing, and reads what is cold by blocking calls. */
  withoutWaiting<T>(action: () => T): T {
    const { escalated, mustFinish, blockingBytes } = this;
    this.escalated = true;
    this.mustFinish = true;
    try {
      return action();
    } finally {
      Object.assign(this, { escalated, mustFinish, blockingBytes });
    }
  }

  /**
   * Takes what the open transaction has done out of the way of others. With a log they may change records that it has not touched:
   * then what it has changed is written as a stage.
   */
  hold(log: Log | undefined): HeldTransaction {
    if (log !== undefined) this.writeStage(log);
    const { now, mustFinish, bytesMax, hits, misses, seed } = this;
    const { escalated, blockingBytes, loadedBytes } = this;
    const reading = { escalated, blockingBytes, loadedBytes };
    const attempt = this.#wholeAttempt;
    const fields = { now, mustFinish, bytesMax, hits, misses, seed, ...reading, attempt };
    this.#held = { fields, done: this.takeOpen(), failure: undefined };
    return this.#held;
  }

  /**
   * It is the open one again. A part of the task that has met a fault goes on with its own attempt, until `endPart`.
   * @throws the error for which it was undone
   */
  restore({ fields, done, failure }: HeldTransaction, part?: Attempt): void {
    this.#held = undefined;
    if (failure !== undefined) throw failure;
    const { attempt, ...others } = fields;
    Object.assign(this, others);
    this.#attempt = attempt;
    this.#wholeAttempt = attempt;
    if (part !== undefined) this.#use(part);
    this.putBack(done);
  }

  /** What follows loads for itself. */
  endPart(): void {
    this.#use(this.#wholeAttempt);
  }

  #use(attempt: Attempt | undefined): void {
    this.#attempt = attempt;
    this.escalated = attempt?.escalated ?? false;
    this.blockingBytes = attempt?.blockingBytes ?? 0;
    this.loadedBytes = attempt?.loadedBytes ?? 0;
  }

  /** What is held goes, before that which it has seen is undone. */
  undoHeld(error: Error): void {
    if (this.#held === undefined || this.#held.failure !== undefined) return;
    this.undoTaken(this.#held.done);
    this.#held.failure = error;
  }
}
