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
import { fault, type Want, type WantedRange } from './fault.js';
import { versionOf } from './header.js';
import type { Keyspace } from './keyspace.js';
import { isShort } from './range-load.js';
import { suspension } from './suspension.js';
import type { Transaction } from './transaction.js';

export interface Task<T> {
  /** Runs on every attempt; no effect but through the keyspace. */
  run(): T;
  /** Called after a fault: adds what else the request is sure to need (`Database.prefetch`). */
  prefetch?(): void;
}

/** Told of every transaction: what waits for a key learns that it has changed. */
export interface CommitListener {
  /** Its changes can be looked at; they are not committed yet. May fault: it runs again then. */
  committing(transaction: Transaction): void;
  /** They are. Others may be run now. */
  committed?(): void;
}

export class Runner {
  readonly #keyspace: Keyspace;
  readonly #clock: Clock;
  #seed: number;
  /** Called after each commit, so that the turn ends some time. */
  onCommit: () => void = () => undefined;
  #listeners: readonly CommitListener[] = [];
  /** A task has let the event loop turn and is not done: nobody else's runs. */
  isSuspended = false;
  /** Resolves when it is done. */
  #suspended: Promise<void> = Promise.resolve();
  /** Requests that met a fault. */
  faults = 0;
  escalations = 0;

  constructor(keyspace: Keyspace, seed: number) {
    this.#keyspace = keyspace;
    this.#clock = keyspace.clock;
    this.#seed = seed | 0;
  }

  /**
   * Runs the task in a transaction of its own and commits it. Returns its result, or a promise of it if it
   * met a fault. What the task throws, the caller gets; the transaction is then undone. `now` is its time, in
   * milliseconds since 1970.
   */
  run<T>(task: Task<T>, now = this.#clock.now()): T | Promise<T> {
    if (this.isSuspended) return this.#suspended.then(() => this.run(task));
    const seed = this.#nextSeed();
    this.#keyspace.transaction.begin(now, seed, undefined);
    try {
      return this.#commit(task.run());
    } catch (error) {
      if (error === suspension) return this.#suspend();
      this.#keyspace.transaction.abort();
      if (error !== fault) throw error;
      return this.#runAgain(task, new Attempt(now, seed));
    }
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

  /** Resolves when no task is suspended. */
  async settled(): Promise<void> {
    while (this.isSuspended) await this.#suspended;
  }

  /** The task that has just suspended itself goes on, again and again, until it is done. */
  #suspend<T>(): Promise<T> {
    this.isSuspended = true;
    const done = this.#runSuspended<T>();
    this.#suspended = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  async #runSuspended<T>(): Promise<T> {
    try {
      for (;;) {
        const { resume, abandon } = suspension;
        await this.#turnWithout(abandon);
        try {
          return this.#commit(resume() as T);
        } catch (error) {
          if (error === suspension) continue;
          this.#keyspace.transaction.abort();
          throw error;
        }
      }
    } finally {
      this.isSuspended = false;
    }
  }

  /** Lets the event loop turn while the open transaction is out of the way. */
  async #turnWithout(abandon: () => void): Promise<void> {
    const { transaction } = this.#keyspace;
    const held = transaction.hold();
    await yieldTurn();
    try {
      transaction.restore(held);
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

  async #runAgain<T>(task: Task<T>, attempt: Attempt): Promise<T> {
    this.faults++;
    try {
      return await this.#runToEnd(task, attempt);
    } finally {
      attempt.end();
    }
  }

  async #runToEnd<T>(task: Task<T>, attempt: Attempt): Promise<T> {
    for (;;) {
      const needed = fault.wants.length;
      task.prefetch?.();
      await this.#handleFault(attempt, needed);
      // Not `settled`: between its last look and what follows it another task may run, and suspend itself.
      while (this.isSuspended) await this.#suspended;
      this.#keyspace.transaction.begin(attempt.now, attempt.seed, attempt);
      try {
        return this.#commit(task.run());
      } catch (error) {
        if (error === suspension) return await this.#suspend();
        this.#keyspace.transaction.abort();
        if (error !== fault) throw error;
        // With what it has read by blocking calls before it met the fault.
        attempt.loadedBytes = this.#keyspace.transaction.loadedBytes;
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

  /** Takes what the fault says at once: the next request may fault before this one is served. */
  async #handleFault(attempt: Attempt, needed: number): Promise<void> {
    const wants: Want[] = fault.wants.slice(0, needed);
    const prefetched: Want[] = fault.wants.slice(needed);
    const { wait, range, rangeVersion } = fault;
    const hintedCollections = [...fault.hintedCollections];
    fault.clear();
    // The transaction gave the collection to the key, and that is undone: only within it is there such a range.
    const isLost = range !== undefined && versionIn(range) !== rangeVersion;
    const isLong = range !== undefined && !isLost && !isShort(range);
    if (isLong) attempt.keep(rangeVersion, this.#keyspace.loader);
    const wasEscalated = attempt.escalated;
    const start = this.#clock.monotonic();
    const { loader } = this.#keyspace;
    const needs = loader.satisfy(wants);
    // What cannot be read is the business of the request that needs it, when its turn comes.
    const hints = Promise.all([
      loader.satisfy(prefetched),
      loader.loadWhole(hintedCollections),
    ]).catch(() => undefined);
    const ranges =
      range === undefined || isLost ? 0 : loader.satisfyRange(range, attempt.loadedBytes);
    const [recordBytes, rangeBytes] = await Promise.all([needs, ranges]);
    const loadingMs = this.#clock.monotonic() - start;
    await hints;
    attempt.loadedBytes += recordBytes + rangeBytes;
    this.#keyspace.checkLoaded(attempt.loadedBytes);
    // Loading at once does not help what waits for something else.
    if (wait === undefined) attempt.countFault(loadingMs, isLong);
    if (isLost) attempt.alwaysBlock();
    if (attempt.escalated && !wasEscalated) this.escalations++;
    if (wait !== undefined) await attempt.keepOutcome(wait);
  }

  #nextSeed(): number {
    this.#seed = (Math.imul(this.#seed, 0x0019_660d) + 0x3c6e_f35f) | 0;
    return this.#seed;
  }
}

function versionIn({ entry }: WantedRange): number {
  return entry.record === undefined ? 0 : versionOf(entry.record);
}
