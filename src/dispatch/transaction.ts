/**
 * MULTI, EXEC and WATCH of one client: the requests that are queued, and their run as one transaction of the keyspace.
 * A fault in one of them undoes all, and all run again; unless there are many, between which others may run.
 */

import { bytesOfArguments } from '../base/large-string.js';
import type { ClientTransaction } from '../commands/context.js';
import type { Database } from '../keyspace/database.js';
import { KeyLocks } from '../keyspace/key-locks.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Watcher } from '../keyspace/watches.js';
import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import { QueueRun } from './queue-run.js';
import { type Call, Refusal, type Request } from './request.js';

/** Estimates of what a queued request and each of its arguments take in memory besides the text, in bytes. */
const REQUEST_BYTES = 160;
const ARGUMENT_BYTES = 32;

/** From so many requests on others may run before the transaction ends: it may take some milliseconds. */
const LONG = 1000;

export class SessionTransaction implements ClientTransaction {
  isAborted = false;
  /** What it watches. */
  readonly watcher = new Watcher();
  /** Is told of the calls of a long one while it runs. */
  onCall: (call: Call) => void = () => undefined;
  readonly #keyspace: Keyspace;
  /** Of how many it was told: an attempt that begins anew makes the same calls. */
  #told = 0;
  #queueBytes = 0;
  #queue: Request[] | undefined;
  /** All that is queued touches no key that it does not declare. */
  #keepsToItsKeys = true;
  /** The last attempt to run the queue. */
  #run: QueueRun | undefined;

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

  /** Index of the request that is being run. */
  get running(): number {
    return this.#run?.done ?? 0;
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
    this.#keepsToItsKeys &&= request.command.keepsToItsKeys;
    // Others could not be run beside it while it has made the space of a database that both write to.
    if (this.#isLong && request.command.isWrite) {
      this.#keyspace.spaceForWriting(request.session.databaseIndex);
    }
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

  run(encoder: ReplyEncoder): Reply | undefined {
    const queue = this.#queue ?? [];
    this.#run = undefined; // what an attempt before this one has run did not happen
    // One write is asked for all, of those that need memory if there are any: what refuses it refuses any other.
    const asked =
      queue.find(({ command }) => command.deniedOutOfMemory) ??
      queue.find(({ command }) => command.isWrite);
    const refusal = asked?.stateRefusal();
    if (refusal !== undefined) throw new Refusal(refusal);
    if (!this.watcher.holdsAt(this.#keyspace.transaction.now)) return undefined;
    const locks = this.#newLocks(queue);
    const tell = (calls: readonly Call[], from: number): void => this.#tell(calls, from);
    this.#run = new QueueRun(this.#keyspace, queue, encoder, locks, tell);
    return this.#run.run();
  }

  /** Millions of calls that are kept until the end cost V8's collector more than to make them. */
  #tell(calls: readonly Call[], from: number): void {
    this.#untold(calls, from).forEach(this.onCall);
    this.#told = Math.max(this.#told, from + calls.length);
  }

  #untold(calls: readonly Call[], from: number): readonly Call[] {
    return calls.slice(Math.max(0, this.#told - from));
  }

  /** What it watches, if others may run before it ends; undefined if they are to wait. */
  #newLocks(queue: readonly Request[]): KeyLocks | undefined {
    const { runner, events } = this.#keyspace;
    // Whom messages go to, and what a client that caches has read, is not to change before it is told.
    const tells = events.classes !== 0 || queue[0]?.session.tracking !== undefined;
    if (!this.#isLong || !this.#keepsToItsKeys || tells || runner.isQuietWanted) return undefined;
    const locks = new KeyLocks();
    for (const { key } of this.watcher.watches.values()) locks.add(key, false);
    return locks;
  }

  /** Whether it may run though another one is not done that has touched these keys. There is one long one at a time. */
  runsBeside(locks: KeyLocks): boolean {
    return !this.#isLong && (this.#queue?.every((request) => request.runsBeside(locks)) ?? true);
  }

  get #isLong(): boolean {
    return this.length >= LONG;
  }

  /**
   * Forgets the queue and what was watched, and returns the calls that were not told of yet. Not undone with the request: a client
   * that gets an error in place of EXEC's replies takes its transaction for ended.
   */
  end(): readonly Call[] {
    const calls = this.#run?.calls ?? [];
    const untold = this.#untold(calls, this.running - calls.length);
    this.#forgetQueue();
    this.unwatch();
    return untold;
  }

  #forgetQueue(): void {
    this.#queue = undefined;
    this.#run = undefined;
    this.#told = 0;
    this.isAborted = false;
    this.#keepsToItsKeys = true;
    this.#queueBytes = 0;
  }

  /** Adds what the next of the queued requests need to what the running fault loads. */
  prefetch(): void {
    if (this.#run !== undefined) this.#run.prefetch();
    else for (const request of this.#queue ?? []) request.prefetchKeys();
  }
}

function bytesOf({ args }: Request): number {
  return REQUEST_BYTES + ARGUMENT_BYTES * args.length + bytesOfArguments(args);
}
