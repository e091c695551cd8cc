/**
 * Clients that wait for what a key may get (BLPOP, BZPOPMIN, XREAD …). A transaction that changes such a key is
 * followed, within its turn, by the requests that wait for it, in the order in which they began to: each runs again,
 * as a transaction of its own, and goes on waiting if it again finds nothing.
 */

import type { KeyWait, WaitedKeys } from '../commands/context.js';
import { typeOf } from '../keyspace/header.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { CommitListener, Task } from '../keyspace/runner.js';
import type { Transaction } from '../keyspace/transaction.js';
import type { Reply } from '../protocol/reply.js';
import type { Session } from './session.js';

/** What setTimeout takes. Longer waits are made of several. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** A request that waits. */
class Waiter {
  readonly session: Session;
  readonly wait: KeyWait;
  /** Runs the request again. */
  readonly task: Task<Reply>;
  /** Its keys, each once, as the queues call them. */
  readonly places: ReadonlySet<string>;
  /** It waits no more. */
  hasEnded = false;
  readonly #answer: (reply: Reply | Promise<never>) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    session: Session,
    wait: KeyWait,
    task: Task<Reply>,
    answer: (reply: Reply | Promise<never>) => void,
  ) {
    this.session = session;
    this.wait = wait;
    this.task = task;
    this.#answer = answer;
    this.places = new Set(wait.keys.map((key) => placeOf(session.db.index, key)));
  }

  /** Calls `end` when the time is up; `left` is in milliseconds. */
  arm(left: number, end: () => void): void {
    const time = Math.min(left, TIMER_MS_MAX);
    const next = (): void => (left > time ? this.arm(left - time, end) : end());
    this.#timer = setTimeout(next, time);
  }

  disarm(): void {
    clearTimeout(this.#timer);
  }

  succeed(reply: Reply): void {
    this.#answer(reply);
  }

  fail(error: unknown): void {
    this.#answer(Promise.reject(error));
  }
}

/** What a waiting session can do about it. */
export interface Blocked {
  /** It waits for the end of a pause, not for a key. */
  readonly isPostponed: boolean;
  /** undefined if it waits for no key. */
  readonly keys: WaitedKeys | undefined;
  /** Its wait is to end once that is safe in the log: nothing is taken for it any more. */
  isReleased: boolean;
  /** Ends the wait: with the reply that its timeout brings, or with the error. */
  end(error?: Error): void;
  /** The client is gone: it gets nothing any more, and nothing is taken for it. */
  cancel(): void;
}

export class Blocking implements CommitListener {
  readonly #keyspace: Keyspace;
  /** Who waits for a key, in the order in which they began to. */
  readonly #queues = new Map<string, Set<Waiter>>();
  /** Keys that have changed and were not looked at since. */
  readonly #ready = new Set<string>();
  #waiting = 0;
  /** How many of them want to run even if the key is gone. */
  #unconditional = 0;
  #serving = false;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /**
   * Keeps a request that found nothing until it finds something or its time is up. `task` runs it again. Rejects
   * with what the request throws then.
   */
  hold(session: Session, wait: KeyWait, task: Task<Reply>): Promise<Reply> {
    return new Promise((answer) => {
      const waiter = new Waiter(session, wait, task, answer);
      const end = (): void => this.#remove(waiter).succeed(wait.otherwise);
      this.#add(waiter);
      session.blocked = {
        isPostponed: false,
        keys: {
          places: waiter.places,
          hasTimeout: wait.timeout > 0,
          evenWithoutKey: wait.evenWithoutKey ?? false,
        },
        isReleased: false,
        end: (error) => (error === undefined ? end() : this.#remove(waiter).fail(error)),
        cancel: () => void this.#remove(waiter),
      };
      if (wait.timeout > 0) waiter.arm(wait.timeout, end);
      this.#lookAgain(waiter);
    });
  }

  /** A request that had to load something is held a moment after its commit: others may have committed since. */
  #lookAgain(waiter: Waiter): void {
    const { runner } = this.#keyspace;
    if (!runner.admits(waiter.task)) {
      void runner.settled().then(() => this.#lookAgain(waiter));
      return;
    }
    for (const key of waiter.wait.keys) {
      if (waiter.hasEnded) return;
      this.#offer(waiter, key);
    }
  }

  committing(transaction: Transaction): void {
    const { spaces } = this.#keyspace.databases;
    for (const { home, key } of transaction.changedKeys()) {
      const place = placeOf(spaces.indexOf(home), key);
      if (this.#queues.has(place)) this.#ready.add(place);
    }
    for (const index of transaction.changedDatabases()) {
      const prefix = placeOf(index, '');
      for (const place of this.#queues.keys()) if (place.startsWith(prefix)) this.#ready.add(place);
    }
  }

  /** What those who are served change may be waited for too: it is looked at when its turn comes. */
  committed(): void {
    if (this.#serving || this.#ready.size === 0) return;
    this.#serving = true;
    try {
      for (const place of this.#ready) {
        this.#ready.delete(place);
        this.#serve(place);
      }
    } finally {
      this.#serving = false;
    }
  }

  #serve(place: string): void {
    const key = place.slice(place.indexOf(':') + 1);
    for (const waiter of this.#queues.get(place) ?? []) {
      if (!this.#keyspace.runner.admits(waiter.task)) {
        this.#serveLater(place, waiter);
        return;
      }
      const isThere = this.#offer(waiter, key);
      // Nothing is left for the others.
      if (!isThere && this.#unconditional === 0) return;
    }
  }

  /** The waiter needs what a suspended task has touched: until that has ended nobody takes what is there for it. */
  #serveLater(place: string, { wait }: Waiter): void {
    this.#keyspace.runner.lockUntilEnd(wait.keys, () => {
      this.#ready.add(place);
      this.committed();
    });
  }

  /** Runs the request that waits if the key is for it; false if there is no such key. */
  #offer(waiter: Waiter, key: string): boolean {
    const { session, wait } = waiter;
    if (session.leaves || session.blocked?.isReleased) return true;
    let isThere = true;
    try {
      // Nothing that is awaited may come between the change and this: what is cold is read at once.
      const reply = this.#keyspace.runner.runEscalated({
        run: () => {
          const record = session.db.get(key);
          isThere = record !== undefined;
          const isForIt = record !== undefined && typeOf(record) === wait.type;
          const reply = isForIt || wait.evenWithoutKey ? waiter.task.run() : undefined;
          session.replyDue = reply !== undefined && !session.waits;
          return reply;
        },
      });
      const waitsOn = session.takeWait() !== undefined;
      if (reply !== undefined && !waitsOn) this.#remove(waiter).succeed(reply);
    } catch (error) {
      this.#remove(waiter).fail(error);
    }
    return isThere;
  }

  #add(waiter: Waiter): void {
    for (const place of waiter.places) {
      const queue = this.#queues.get(place);
      if (queue === undefined) this.#queues.set(place, new Set([waiter]));
      else queue.add(waiter);
    }
    this.#count(waiter, 1);
  }

  #remove(waiter: Waiter): Waiter {
    waiter.disarm();
    waiter.hasEnded = true;
    waiter.session.blocked = undefined;
    for (const place of waiter.places) {
      const queue = this.#queues.get(place);
      queue?.delete(waiter);
      if (queue?.size === 0) this.#queues.delete(place);
    }
    this.#count(waiter, -1);
    return waiter;
  }

  /** While nobody waits, commits cost nothing here. */
  #count({ wait }: Waiter, by: 1 | -1): void {
    this.#waiting += by;
    if (wait.evenWithoutKey) this.#unconditional += by;
    this.#keyspace.runner.listen(this, this.#waiting > 0);
  }
}

function placeOf(database: number, key: string): string {
  return `${database}:${key}`;
}
