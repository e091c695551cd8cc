/**
 * Runs requests to their commit: at once if all they touch is resident, otherwise as often as it takes.
 *
 * Progress: what a fault loads is installed and the request run again in the same turn, and eviction runs only
 * between turns, so no attempt loses to eviction what it was given; after some faults or milliseconds the
 * request is escalated: it loads by blocking calls. Of long ranges it reads only some in this way, for others wait
 * meanwhile, and faults on the rest; after many faults it reads them so, too, and runs to its end. So nothing starves.
 */

import type { Clock } from '../base/clock.js';
import { yieldTurn } from '../base/yield-turn.js';
import { Attempt } from './attempt.js';
import { fault } from './fault.js';
import { FaultHandler } from './fault-handler.js';
import { FaultyParts } from './faulty-parts.js';
import type { KeyLocks } from './key-locks.js';
import type { Keyspace } from './keyspace.js';
import { type Pause, suspension } from './suspension.js';
import type { HeldTransaction, Transaction } from './transaction.js';

export interface Task<T> {
  /** Runs on every attempt; no effect but through the keyspace. */
  run(): T;
  /** Called after a fault: adds what else the request is sure to need (`Database.prefetch`). */
  prefetch?(): void;
  /** Whether it may run though another task is suspended that has touched these keys. Without it: it may not. */
  runsBeside?(locks: KeyLocks): boolean;
}

/** Told of every transaction: what waits for a key learns that it has changed. */
export interface CommitListener {
  /** Its changes can be looked at; they are not committed yet. May fault: it runs again then. */
  committing(transaction: Transaction): void;
  /** They are. Others may be run now. */
  committed?(): void;
}

/** While a task is suspended. */
interface PausedTurn {
  readonly held: HeldTransaction;
  /** Of the part that has met a fault. */
  readonly attempt: Attempt | undefined;
  /** The event loop has turned, and what the part needs is there. */
  readonly passed: Promise<void>;
}

function nothing(): void {
  // Is what there is to say of it.
}

/** Of a task that was suspended: what it returned, or that it met a fault and runs again from its start. */
type Outcome<T> = { readonly result: T } | { readonly again: Promise<T> };

export class Runner {
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  #seed: number;
  /** Called after each commit, so that the turn ends some time. */
  onCommit: () => void = () => undefined;
  #listeners: readonly CommitListener[] = [];
  /** A task has let the event loop turn and is not done: only such run that may beside it. */
  isSuspended = false;
  /** The keys that it has touched; undefined if nobody else may touch any. */
  #locks: KeyLocks | undefined;
  /** Resolves when it is done. */
  #suspended: Promise<void> = Promise.resolve();
  /** Its time, in milliseconds since 1970, and its number. */
  #suspendedAt = 0;
  #suspensions = 0;
  #wants = 0;
  /** Requests, and those of long transactions, that met a fault. */
  faults = 0;
  readonly #faults: FaultHandler;

  constructor(keyspace: Keyspace, seed: number) {
    this.#keyspace = keyspace;
    this.#clock = keyspace.clock;
    this.#seed = seed | 0;
    this.#faults = new FaultHandler(keyspace);
  }

  /**
   * Runs the task in a transaction of its own and commits it. Returns its result, or a promise of it if it
   * met a fault. What the task throws, the caller gets; the transaction is then undone. `now` is its time, in
   * milliseconds since 1970.
   */
  run<T>(task: Task<T>, now = this.#clock.now()): T | Promise<T> {
    if (this.isSuspended && !this.admits(task)) return this.#suspended.then(() => this.run(task));
    const seed = this.#nextSeed();
    this.#keyspace.transaction.begin(now, seed, undefined);
    try {
      return this.#commit(task.run());
    } catch (error) {
      return this.#goOn(task, error, now, seed);
    }
  }

  /** Of those so many came to load by blocking calls. */
  get escalations(): number {
    return this.#faults.escalations;
  }

  /** A task is suspended, and nobody else may touch any key. */
  get isBlocked(): boolean {
    return this.isSuspended && this.#locks === undefined;
  }

  /** Whether the task need not wait for one that is suspended. */
  admits(task: Task<unknown>): boolean {
    if (!this.isSuspended) return true;
    return this.#locks !== undefined && task.runsBeside?.(this.#locks) === true;
  }

  /**
   * To be called by a task that meets what has expired then. Others count as done before the one that is suspended, for which the time
   * stands still: what has not expired for it has not for them. They wait for its end, if they can.
   */
  awaitExpiry(expireAt: number): void {
    const { transaction } = this.#keyspace;
    if (!this.isSuspended || expireAt <= this.#suspendedAt || transaction.mustFinish) return;
    transaction.await(`expiry:${this.#suspensions}`, () => this.settled());
  }

  /** Nobody else may touch the keys until the task that is suspended has ended; then `action` is called, before others run. */
  lockUntilEnd(keys: Iterable<string>, action: () => void): void {
    for (const key of keys) this.#locks?.add(key, true);
    void this.#suspended.then(action);
  }

  /** Runs a task that changes no record though another one is suspended: what it reads is read by blocking calls. */
  runBeside<T>(task: Task<T>): T {
    const { transaction } = this.#keyspace;
    transaction.begin(this.#clock.now(), this.#nextSeed(), undefined);
    transaction.escalated = true;
    transaction.mustFinish = true;
    try {
      return this.#commit(task.run());
    } catch (error) {
      transaction.abort();
      throw error;
    }
  }

  /** Somebody waits until no task is suspended: none is to suspend itself that need not. */
  get isQuietWanted(): boolean {
    return this.#wants > 0;
  }

  want(): () => void {
    this.#wants++;
    return () => this.#wants--;
  }

  /** Resolves when no task is suspended. */
  async settled(): Promise<void> {
    while (this.isSuspended) await this.#suspended;
  }

  /** The task that has just suspended itself goes on, again and again, until it is done, or must run anew. */
  #suspend<T>(task: Task<T>, attempt: Attempt): Promise<T> {
    this.isSuspended = true;
    this.#suspendedAt = attempt.now;
    this.#suspensions++;
    const ended = this.#runSuspended(task, attempt);
    this.#suspended = ended.then(nothing, nothing);
    return ended.then((outcome) => ('again' in outcome ? outcome.again : outcome.result));
  }

  async #runSuspended<T>(task: Task<T>, attempt: Attempt): Promise<Outcome<T>> {
    const parts = new FaultyParts(attempt);
    try {
      for (;;) {
        const pause = suspension.take();
        try {
          const turn = this.#letTurn(task, pause, parts);
          const failure = await turn.passed.then(nothing, (error: unknown) => error);
          // From here to its next pause nobody else's task may run, not even one that another promise has woken.
          this.#restore(turn, pause);
          if (failure !== undefined) throw failure;
          const result = pause.resume() as T;
          this.isSuspended = false;
          return { result: this.#commit(result) };
        } catch (error) {
          if (error === suspension) continue;
          this.isSuspended = false;
          this.#keyspace.transaction.abort();
          if (error !== fault) throw error;
          return { again: this.#runToEnd(task, attempt) };
        }
      }
    } finally {
      this.#locks = undefined;
      this.faults += parts.count;
      parts.end();
    }
  }

  /** Takes the open transaction out of the way; what it waits for has `passed` when the event loop has turned. */
  #letTurn(task: Task<unknown>, { locks, faultyPart }: Pause, parts: FaultyParts): PausedTurn {
    const { transaction, storage } = this.#keyspace;
    this.#locks = locks;
    const { loadedBytes } = transaction;
    const held = transaction.hold(locks && storage.log);
    // Of what it has changed so far the log has a stage, which is written when the turn ends.
    if (locks !== undefined) this.onCommit();
    const attempt = faultyPart === undefined ? undefined : parts.attemptOf(faultyPart, loadedBytes);
    const passed = attempt === undefined ? yieldTurn() : this.#faults.satisfy(attempt, task);
    return { held, attempt, passed };
  }

  #restore({ held, attempt }: PausedTurn, { abandon }: Pause): void {
    try {
      this.#keyspace.transaction.restore(held, attempt);
    } catch (error) {
      abandon();
      throw error;
    }
  }

  /** Runs the task to its end and commits it, reading what is cold by blocking calls. It must not wait for anything else. */
  runEscalated<T>(task: Task<T>): T {
    const attempt = new Attempt(this.#clock.now(), this.#nextSeed());
    attempt.escalated = true;
    const { transaction } = this.#keyspace;
    transaction.begin(attempt.now, attempt.seed, attempt);
    transaction.mustFinish = true;
    try {
      return this.#commit(task.run());
    } catch (error) {
      transaction.abort();
      throw error;
    }
  }

  /** Whether the listener is to be told from now on. */
  listen(listener: CommitListener, isOn: boolean): void {
    if (this.#listeners.includes(listener) === isOn) return;
    const others = this.#listeners.filter((other) => other !== listener);
    this.#listeners = isOn ? [...others, listener] : others;
  }

  /** The first attempt has ended with the error. @throws it, if that is the end of the task */
  #goOn<T>(task: Task<T>, error: unknown, now: number, seed: number): Promise<T> {
    if (error !== suspension) {
      this.#keyspace.transaction.abort();
      if (error !== fault) throw error;
    }
    const attempt = new Attempt(now, seed);
    const run = error === fault ? this.#runToEnd(task, attempt) : this.#suspend(task, attempt);
    return run.finally(() => attempt.end());
  }

  async #runToEnd<T>(task: Task<T>, attempt: Attempt): Promise<T> {
    this.faults++;
    for (;;) {
      // With what it has read by blocking calls before it met the fault.
      attempt.loadedBytes = this.#keyspace.transaction.loadedBytes;
      await this.#faults.satisfy(attempt, task);
      // Not `settled`: between its last look and what follows it another task may run, and suspend itself.
      while (!this.admits(task)) await this.#suspended;
      this.#keyspace.transaction.begin(attempt.now, attempt.seed, attempt);
      try {
        return this.#commit(task.run());
      } catch (error) {
        if (error === suspension) return await this.#suspend(task, attempt);
        this.#keyspace.transaction.abort();
        if (error !== fault) throw error;
      }
    }
  }

  #commit<T>(result: T): T {
    const { transaction, storage } = this.#keyspace;
    for (const listener of this.#listeners) listener.committing(transaction);
    transaction.commit(storage.log);
    transaction.sendMessages();
    this.onCommit();
    for (const listener of this.#listeners) listener.committed?.();
    return result;
  }

  #nextSeed(): number {
    this.#seed = (Math.imul(this.#seed, 0x0019_660d) + 0x3c6e_f35f) | 0;
    return this.#seed;
  }
}
