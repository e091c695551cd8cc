/** A request that was found and has the right number of arguments: how it runs, alone or as a part of another. */

import type { Argument } from '../base/large-string.js';
import { type Denial, type DenialReason, Denied, denialText } from '../commands/access-control.js';
import { CommandError, errorReplyOf } from '../commands/command-error.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { KeyReference } from '../commands/spec.js';
import type { Savepoint } from '../keyspace/change-list.js';
import { fault } from '../keyspace/fault.js';
import type { KeyLocks } from '../keyspace/key-locks.js';
import { rehearse } from '../keyspace/rehearsal.js';
import type { Task } from '../keyspace/runner.js';
import { suspension } from '../keyspace/suspension.js';
import { discardReply, type Reply } from '../protocol/reply.js';
import type { Guard } from './guard.js';
import { runNoted } from './key-events.js';
import type { Session } from './session.js';
import { runTracked } from './tracked-reads.js';

/** The guard said no: the command was rejected, it did not fail. */
export class Refusal extends CommandError {}

/** A request that was run as a part of another, for the statistics. */
export interface Call {
  readonly request: Request;
  readonly reply: Reply;
  /** The text of its reply, if that is an error. */
  readonly error: string | undefined;
  /** What ACL LOG is to note. */
  readonly denial: Denial | undefined;
  readonly microseconds: number;
  /** The database it was run in. */
  readonly databaseIndex: number;
  /** Look-ups of keys, if it counts them. */
  readonly hits: number;
  readonly misses: number;
}

/** What more would need is loaded at once when its turn comes. */
const REHEARSED_ARGUMENTS_MAX = 100;

/** What there was when the part began; `start` is of the monotonic clock. */
interface Beginning {
  readonly savepoint: Savepoint;
  readonly seed: number;
  readonly hits: number;
  readonly misses: number;
  readonly start: number;
}

/** Why a request of a transaction is not run, for its user was allowed to when it was queued. */
const CHANGED_RULES =
  'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. ' +
  'This command is no longer allowed for the following reason: ';

const REASONS: Readonly<Record<DenialReason, string>> = {
  command: 'no permission to execute the command or subcommand',
  key: 'no permission to touch the specified keys',
  channel: 'no permission to access one of the channels used as arguments to the command',
  auth: 'no permission',
};

/** The error reply to what its user may not run, where it is a part of something else. */
const withinText = {
  multi: ({ reason }: Denial) => `${CHANGED_RULES}${REASONS[reason]}`,
  lua: (denial: Denial) => `NOPERM ACL failure in script: ${denialText(denial)}`,
} as const;

export class Request implements Task<Reply> {
  readonly session: Session;
  readonly command: ResolvedCommand;
  readonly args: readonly Argument[];
  readonly #guard: Guard;
  /** Look-ups of keys, if it only reads. */
  hits = 0;
  misses = 0;
  /** Adds what requests behind this one in the pipeline will need to what the running fault loads. */
  lookAhead: (() => void) | undefined;

  constructor(session: Session, command: ResolvedCommand, args: readonly Argument[], guard: Guard) {
    this.session = session;
    this.command = command;
    this.args = args;
    this.#guard = guard;
  }

  /** A request for a part of what it asks for. */
  partOf(args: readonly string[]): Request {
    return new Request(this.session, this.command, args, this.#guard);
  }

  run(): Reply {
    const refusal = this.refusal();
    if (refusal !== undefined) throw new Refusal(refusal);
    return this.#runToReply();
  }

  /** `step`: of one that was suspended, what is left. */
  #runToReply(step?: () => Reply): Reply {
    try {
      const reply = step === undefined ? this.runUnguarded() : step();
      this.session.replyDue = true;
      if (this.command.countsLookUps) this.#noteLookUps();
      return reply;
    } catch (error) {
      // A key of the wrong type was found all the same.
      if (this.command.countsLookUps) this.#noteLookUps();
      if (error === suspension) suspension.wrap((resume: () => Reply) => this.#runToReply(resume));
      throw error;
    }
  }

  /** When its reply is there, the transaction may be another's. */
  #noteLookUps(): void {
    const { hits, misses } = this.session.server.keyspace.transaction;
    this.hits = hits;
    this.misses = misses;
  }

  /** CLIENT PAUSE WRITE holds it. */
  get replicates(): boolean {
    const { command, session, args } = this;
    return command.mayReplicate && command.replicates(session.server, args);
  }

  /** The error reply that refuses it now, if anything does. May fault. */
  refusal(): string | undefined {
    return this.#guard.refusal(this);
  }

  /** The same without asking who the client is and what it may do. */
  stateRefusal(): string | undefined {
    return this.#guard.stateRefusal(this);
  }

  /** Why its user may not run it; undefined if it may, or if nobody knows the user yet. */
  denial(): Denial | undefined {
    const { account, isKnown } = this.session;
    if (account.isUnrestricted || !isKnown) return undefined;
    return account.denial(this.command, this.args);
  }

  /** The error reply that keeps it from being queued. */
  queueRefusal(): string | undefined {
    if (this.command.deniedInMulti) return 'ERR Command not allowed inside a transaction';
    return this.#guard.queueRefusal(this);
  }

  /**
   * Runs it once more after it has waited, or what it left to be run: the guard let it pass when it came, but what its
   * user may do may have changed.
   */
  runAgain(again: () => Reply = () => this.runUnguarded()): Reply {
    const admission = this.#guard.admission(this);
    if (admission !== undefined) throw new Refusal(admission);
    return again();
  }

  /** Runs it when whoever may refuse it has been asked. */
  runUnguarded(): Reply {
    return this.session.tracking === undefined ? this.#runNoted() : this.#runTracked();
  }

  /** Apart from what seldom needs it: V8 makes the context of a closure when its function begins. */
  #runTracked(): Reply {
    return runTracked(this, () => this.#runNoted());
  }

  #runNoted(): Reply {
    const { events } = this.session.server.keyspace;
    return events.classes === 0 ? this.#run() : this.#runTelling();
  }

  /** The same, so that it tells those who have asked for events. */
  #runTelling(): Reply {
    return runNoted(this, () => this.#run());
  }

  #run(): Reply {
    return this.command.countsKeysRead ? this.#runCounting() : this.#runTouching();
  }

  #runCounting(): Reply {
    const { transaction } = this.session.server.keyspace;
    transaction.countedKeys = this.#keysRead();
    try {
      return this.#runTouching();
    } finally {
      transaction.countedKeys = undefined;
    }
  }

  #keysRead(): string[] {
    const keys = this.command.keysOf(this.args) ?? [];
    const read = keys.filter(({ flags }) => flags.includes('access'));
    // Of XACK and its like none is said to return something of the key.
    const counted = read.length === 0 ? keys : read;
    return counted.map(({ position }) => String(this.args[position]));
  }

  #runTouching(): Reply {
    return this.session.noTouch ? this.#runUntouched() : this.#runNow();
  }

  #runNow(): Reply {
    const { session, command, args } = this;
    if (command.runLarge !== undefined) return command.runLarge(session, args);
    if (command.run === undefined) throw new Error(`bug: ${command.fullName} cannot run`);
    return command.run(session, args as readonly string[]);
  }

  /** CLIENT NO-TOUCH: what it reads does not count as used, unless it says that this is its purpose. */
  #runUntouched(): Reply {
    const { keyspace } = this.session.server;
    keyspace.touches = this.command.fullName === 'touch';
    try {
      return this.#runNow();
    } finally {
      keyspace.touches = true;
    }
  }

  /**
   * Runs it in the transaction that is open, for EXEC or for a script, if its user may run it now. If it ends with an
   * error reply, nothing of it is left and the transaction goes on. `start` is the monotonic time.
   * @throws the fault, and what no error reply of the command stands for
   */
  runWithin(context: 'multi' | 'lua', start = this.session.server.clock.monotonic()): Call {
    const { transaction } = this.session.server.keyspace;
    const { hits, misses, seed } = transaction;
    const begun = { savepoint: transaction.savepoint(), seed, hits, misses, start };
    const denied = this.denial();
    if (denied !== undefined) return this.#failed(begun, withinText[context](denied), denied);
    return this.#attempt(begun, () => this.runUnguarded());
  }

  #attempt(begun: Beginning, step: () => Reply): Call {
    try {
      return this.#ended(begun, step(), undefined, undefined);
    } catch (thrown) {
      if (thrown === suspension)
        suspension.wrap((resume: () => Reply) => this.#attempt(begun, resume));
      if (thrown === fault) this.#undo(begun);
      const error = thrown === fault ? undefined : errorReplyOf(thrown);
      if (error === undefined) throw thrown;
      this.session.server.keyspace.transaction.rollBack(begun.savepoint);
      return this.#failed(begun, error, thrown instanceof Denied ? thrown.denial : undefined);
    }
  }

  /** As if it had not begun. */
  #undo({ savepoint, seed, hits, misses }: Beginning): void {
    const { transaction } = this.session.server.keyspace;
    transaction.rollBack(savepoint);
    Object.assign(transaction, { seed, hits, misses });
  }

  #failed(begun: Beginning, error: string, denial: Denial | undefined): Call {
    return this.#ended(begun, this.session.reply.error(error), error, denial);
  }

  /** Each field by its name: a spread takes longer than the whole call of a script. */
  #ended(
    { hits, misses, start }: Beginning,
    reply: Reply,
    error: string | undefined,
    denial: Denial | undefined,
  ): Call {
    const { session, command } = this;
    const { keyspace, clock } = session.server;
    const { transaction } = keyspace;
    const counts = command.countsLookUps;
    return {
      reply,
      error,
      denial,
      request: this,
      databaseIndex: session.databaseIndex,
      microseconds: (clock.monotonic() - start) * 1000,
      hits: counts ? transaction.hits - hits : 0,
      misses: counts ? transaction.misses - misses : 0,
    };
  }

  prefetch(): void {
    if (fault.wait !== undefined) return;
    this.prefetchKeys();
    this.lookAhead?.();
  }

  /** Adds what the request will need to what the running fault loads, though its turn has not come. */
  prefetchAhead(): void {
    if (this.session.inTransaction) this.prefetchKeys();
    else this.prefetchQueued();
  }

  /** The same of one that is queued, and will be run by EXEC. */
  prefetchQueued(): void {
    if (!this.#isRehearsable()) {
      this.prefetchKeys();
      return;
    }
    const { db, server } = this.session;
    const entry = db.prefetch(this.args[this.command.singleKey] as string);
    if (entry === undefined || !server.keyspace.loader.isCold(entry)) return;
    rehearse(server.keyspace, entry, () => discardReply(this.#runNow()));
  }

  #isRehearsable(): boolean {
    const { command, args } = this;
    if (!command.isRehearsable) return false;
    if (args.length > REHEARSED_ARGUMENTS_MAX) return false;
    const isFlat = args.every((argument) => typeof argument === 'string');
    return isFlat && this.#guard.admission(this) === undefined;
  }

  /** Adds its keys to those that are touched. To be asked only if the command keeps to them. */
  lock(locks: KeyLocks): void {
    for (const key of this.command.keysOf(this.args) ?? []) {
      locks.add(String(this.args[key.position]), this.#writes(key));
    }
  }

  /** It touches none of the keys. Of a transaction all must hold them clear. */
  runsBeside(locks: KeyLocks): boolean {
    const { command, args, session } = this;
    if (command.endsMulti && session.inTransaction) return session.transaction.runsBeside(locks);
    if (command.touchesNoKeys) return true;
    const keys = command.keepsToItsKeys ? command.keysOf(args) : undefined;
    if (keys === undefined) return false;
    return !keys.some((key) => locks.holds(String(args[key.position]), this.#writes(key)));
  }

  /** PFCOUNT reads, and changes its key; XREADGROUP writes, and says that it reads its key. */
  #writes({ flags }: KeyReference): boolean {
    return !this.command.isReadonly || !flags.includes('RO');
  }

  /** Adds the keys that the request declares to what the running fault loads. */
  prefetchKeys(): void {
    const { session, command, args } = this;
    if (command.endsMulti) session.transaction.prefetch();
    for (const { position } of command.keysOf(args) ?? []) {
      const key = args[position];
      if (typeof key === 'string') session.db.prefetch(key);
    }
  }
}
