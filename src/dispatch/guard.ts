/** What may refuse a command before it runs; checked on every attempt. */

import { denialText } from '../commands/access-control.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { Evictor } from '../eviction/evictor.js';
import { OUT_OF_MEMORY } from '../eviction/memory-limit.js';
import type { Checkpointer } from '../keyspace/checkpointer.js';
import { fault } from '../keyspace/fault.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Pause } from './pause.js';
import type { Request } from './request.js';
import type { Session } from './session.js';

/** While the disk is full one write in this time is let through to find out, in milliseconds. */
const PROBE_MS = 500;

export class Guard {
  readonly #keyspace: Keyspace;
  readonly #checkpointer: Checkpointer;
  readonly #pause: Pause;
  readonly #evictor: Evictor;
  #probeAt = 0;

  constructor(keyspace: Keyspace, checkpointer: Checkpointer, pause: Pause, evictor: Evictor) {
    this.#keyspace = keyspace;
    this.#checkpointer = checkpointer;
    this.#pause = pause;
    this.#evictor = evictor;
  }

  /**
   * The error reply that refuses the command, if anything does. Faults while writers must wait for a fold.
   * @throws Postponed if it must wait for the end of a pause, and what made the fold fail
   */
  refusal(request: Request): string | undefined {
    return this.admission(request) ?? this.stateRefusal(request);
  }

  /** What keeps the request from being queued: a queue takes memory, whatever is in it. */
  queueRefusal(request: Request): string | undefined {
    const refusal = this.admission(request);
    if (refusal !== undefined) return refusal;
    const { limit } = this.#evictor;
    return limit.isOn && limit.isFull ? OUT_OF_MEMORY : undefined;
  }

  /** The same as far as the client and the command are concerned: that is known before the command is to run. */
  admission(request: Request): string | undefined {
    const { session, command } = request;
    // Whoever may do everything, as the default user may unless told otherwise, costs no more than this.
    if (!session.authenticated || !session.account.isUnrestricted) {
      const refusal = admissionOf(request);
      if (refusal !== undefined) return refusal;
    }
    if (session.subscriptions !== undefined) {
      const refusal = subscriberRefusal(session, command);
      if (refusal !== undefined) return refusal;
    }
    return session.server.monitors.isOn ? monitorRefusal(request) : undefined;
  }

  /** The same as far as the state of the server is concerned. */
  stateRefusal(request: Request): string | undefined {
    if (this.#pause.isOn) this.#pause.check(request);
    const { command } = request;
    if (command.deniedOutOfMemory && this.isOutOfMemory()) {
      return OUT_OF_MEMORY;
    }
    return command.isWrite ? this.#writeRefusal() : undefined;
  }

  /** Whether commands that need memory would be refused. Faults once while keys are deleted more slowly than others come. */
  isOutOfMemory(): boolean {
    return this.#evictor.limit.isOn && this.#isOutOfMemory();
  }

  /** Waits until there is room for writes, but not for what the open transaction itself takes: that comes again with each attempt. */
  needRoom(): void {
    const { transaction } = this.#keyspace;
    if (!this.#checkpointer.hasRoom && !transaction.hasChanges) this.#waitForRoom();
  }

  #writeRefusal(): string | undefined {
    const failure = this.writeFailure();
    if (failure === undefined) this.needRoom();
    return failure;
  }

  /** Why nothing can be written, if so. */
  writeFailure(): string | undefined {
    const { storage, writeFailure } = this.#keyspace;
    const { failure } = storage.log;
    if (failure !== undefined) return failureReply(failure);
    if (writeFailure !== undefined && !this.#mayProbe()) return failureReply(writeFailure);
    return undefined;
  }

  #isOutOfMemory(): boolean {
    const evictor = this.#evictor;
    if (evictor.isLate) this.#keyspace.transaction.await('memory', () => evictor.room());
    return evictor.limit.isFull;
  }

  /** The disk may have room again: one write finds out. */
  #mayProbe(): boolean {
    const now = this.#keyspace.clock.monotonic();
    if (now < this.#probeAt) return false;
    this.#probeAt = now + PROBE_MS;
    return true;
  }

  #waitForRoom(): never {
    const start = (): Promise<void> => this.#checkpointer.room();
    this.#keyspace.transaction.await('room', start);
    // There was room, and others took it before this attempt: it waits once more.
    fault.wait = { name: 'room', start };
    throw fault;
  }
}

/** A client of RESP2 cannot tell a message from a reply: while it may get messages it gets few replies. */
const SUBSCRIBERS_COMMANDS = new Set([
  ...['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe'],
  ...['ping', 'quit', 'reset'],
]);

function subscriberRefusal(
  { protocol }: Session,
  { fullName }: ResolvedCommand,
): string | undefined {
  if (protocol === 3 || SUBSCRIBERS_COMMANDS.has(fullName)) return undefined;
  return (
    `ERR Can't execute '${fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are ` +
    'allowed in this context'
  );
}

/** As in Redis, to which a client of MONITOR is a kind of replica. */
function monitorRefusal(request: Request): string | undefined {
  const { session, command } = request;
  if (!session.server.monitors.has(session)) return undefined;
  const isRefused = command.isWrite || command.isReadonly || request.replicates;
  return isRefused ? "ERR Replica can't interact with the keyspace" : undefined;
}

function admissionOf(request: Request): string | undefined {
  const { session, command } = request;
  if (!command.noAuth && !session.isKnown) {
    return 'NOAUTH Authentication required.';
  }
  const denial = request.denial();
  return denial === undefined ? undefined : `NOPERM ${denialText(denial)}`;
}

/** What a request gets whose group could not be made safe. */
export function failureReply(error: Error): string {
  return `MISCONF DiskDB cannot write its log: ${error.message}. Writes are refused, reads go on.`;
}
