/**
 * MULTI, EXEC and WATCH of one client: the requests that are queued, and their run as one transaction of the keyspace.
 * A fault in one of them undoes all, and all run again.
 */

import { bytesOfArguments } from '../base/large-string.js';
import type { ClientTransaction } from '../commands/context.js';
import type { Database } from '../keyspace/database.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { suspension } from '../keyspace/suspension.js';
import { Watcher } from '../keyspace/watches.js';
import { bytesAtHand, type Reply } from '../protocol/reply.js';
import { type Call, Refusal, type Request } from './request.js';

/** Estimates of what a queued request and each of its arguments take in memory besides the text, in bytes. */
const REQUEST_BYTES = 160;
const ARGUMENT_BYTES = 32;

/** Requests whose keys are looked at together. */
const WARMED = 32;

const NONE: readonly Call[] = [];

export class SessionTransaction implements ClientTransaction {
  isAborted = false;
  /** What it watches. */
  readonly watcher = new Watcher();
  /** Index of the request that is being run. */
  running = 0;
  readonly #keyspace: Keyspace;
  #queueBytes = 0;
  /** Of the replies that the attempt has at hand so far. */
  #replyBytes = 0;
  #queue: Request[] | undefined;
  /** Of the last attempt to run the queue. */
  #calls: readonly Call[] = NONE;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Between MULTI and what ends it. */
  get isOpen(): boolean {
    return this.#queue !== undefined;
  }

  /** Estimated memory that the queue and the watched keys take. */
  get bytes(): number {
    return this.#queueBytes + this.watcher.bytes;
  }

  get length(): number {
    return this.#queue?.length ?? 0;
  }

  /** A queued request is held by CLIENT PAUSE WRITE, and with it all of them. */
  get mayReplicate(): boolean {
    return this.#queue?.some(({ replicates }) => replicates) ?? false;
  }

  begin(): void {
    this.#keyspace.transaction.onUndo(() => this.#forgetQueue());
    this.#queue = [];
  }

  /** Must be open. If it is undone later, the client is told so, and what is left must not run. */
  add(request: Request): void {
    this.#keyspace.transaction.onUndo(() => this.abort());
    this.#queue?.push(request);
    this.#queueBytes += bytesOf(request);
  }

  /** What was sent to be queued was refused. */
  abort(): void {
    if (this.isOpen) this.isAborted = true;
  }

  watch(db: Database, keys: readonly string[]): void {
    this.#keyspace.watches.add(this.watcher, db, keys);
  }

  /** In EXEC nothing is watched any more, though the next attempt still must know what was. */
  unwatch(): void {
    if (!this.isOpen) this.#keyspace.watches.clear(this.watcher);
  }

  run(): readonly Reply[] | undefined {
    const queue = this.#queue ?? [];
    // One write is asked for all, of those that need memory if there are any: what refuses it refuses any other.
    const asked =
      queue.find(({ command }) => command.deniedOutOfMemory) ??
      queue.find(({ command }) => command.isWrite);
    const refusal = asked?.stateRefusal();
    if (refusal !== undefined) throw new Refusal(refusal);
    if (!this.watcher.holdsAt(this.#keyspace.transaction.now)) return undefined;
    const calls: Call[] = [];
    this.#calls = calls;
    this.#replyBytes = 0;
    return this.#runRest(queue, calls);
  }

  /** A script among them may let the event loop turn: the others are run when it is `resumed` and done. */
  #runRest(queue: readonly Request[], calls: Call[], resumed?: () => Call): readonly Reply[] {
    const { clock } = this.#keyspace;
    try {
      if (resumed !== undefined) this.#note(calls, resumed());
      let start = clock.monotonic();
      while (calls.length < queue.length) {
        const { length: running } = calls;
        if (running % WARMED === 0) this.#warm(queue, running);
        this.running = running;
        const call = (queue[running] as Request).runWithin('multi', start);
        this.#note(calls, call);
        start += call.microseconds / 1000;
      }
    } catch (error) {
      if (error === suspension) this.#runRestLater(queue, calls);
      throw error;
    }
    return calls.map(({ reply }) => reply);
  }

  /** The next ones' keys are looked at together, as those of a pipeline. */
  #warm(queue: readonly Request[], from: number): void {
    const next = queue.slice(from, from + WARMED);
    const index = next[0]?.session.databaseIndex ?? 0;
    if (next.length > 1) this.#keyspace.warmer.warm(index, next);
  }

  #runRestLater(queue: readonly Request[], calls: Call[]): void {
    const resume = suspension.resume as () => Call;
    suspension.resume = () => this.#runRest(queue, calls, resume);
  }

  #note(calls: Call[], call: Call): void {
    this.#replyBytes += bytesAtHand(call.reply);
    this.#keyspace.checkReplies(this.#replyBytes);
    calls.push(call);
  }

  /**
   * Forgets the queue and what was watched, and returns what was run of it. Not undone with the request: a client that gets an error in
   * place of EXEC's replies takes its transaction for ended.
   */
  end(): readonly Call[] {
    const calls = this.#calls;
    this.#forgetQueue();
    this.unwatch();
    return calls;
  }

  #forgetQueue(): void {
    this.#queue = undefined;
    this.#calls = NONE;
    this.isAborted = false;
    this.#queueBytes = 0;
  }

  /** Adds the keys that the queued requests declare to what the running fault loads. */
  prefetchKeys(): void {
    for (const request of this.#queue ?? []) request.prefetchKeys();
  }
}

function bytesOf({ args }: Request): number {
  return REQUEST_BYTES + ARGUMENT_BYTES * args.length + bytesOfArguments(args);
}
