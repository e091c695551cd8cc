/** From a parsed request to its reply: look-up, guards, run, commit. Faults are the runner's business. */

import type { Argument } from '../base/large-string.js';
import type { Logger } from '../base/log.js';
import { forEachPaced } from '../base/yield-turn.js';
import { Denied } from '../commands/access-control.js';
import type { KeyWait } from '../commands/context.js';
import type { CommandTable } from '../commands/registry.js';
import type { Evictor } from '../eviction/evictor.js';
import type { ActiveExpiry } from '../keyspace/active-expiry.js';
import type { KeyLocks } from '../keyspace/key-locks.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Reply } from '../protocol/reply.js';
import { Accounting, type AccountingParts } from './accounting.js';
import type { Blocking } from './blocking.js';
import { abortText, errorText } from './error-text.js';
import type { Guard } from './guard.js';
import { PartRun } from './part-run.js';
import { type Pause, Postponed } from './pause.js';
import { type Call, Refusal, Request } from './request.js';
import type { Session } from './session.js';

export interface DispatcherParts extends AccountingParts {
  readonly keyspace: Keyspace;
  readonly commands: CommandTable;
  readonly guard: Guard;
  readonly blocking: Blocking;
  readonly evictor: Evictor;
  readonly expiry: ActiveExpiry;
  readonly pause: Pause;
  readonly logger: Logger;
}

const NOTED = -1;

export class Dispatcher {
  readonly accounting: Accounting;
  readonly #parts: DispatcherParts;
  /**
   * When the last request ended, or a connection's turn to be served began, in milliseconds of the monotonic
   * clock: a request is timed from there. One look at a clock a request; each costs a twentieth of a GET.
   */
  #mark = 0;
  /** How long the last request ran, in microseconds, if that was not noted yet. */
  #lastTime = 0;
  /** What the wall clock was ahead of the monotonic one when the connection's turn began. */
  #wallOffset = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.accounting = new Accounting(parts);
  }

  /** When the last request ended, whoever's it was, or serving began: in milliseconds of the monotonic clock. */
  get lastEnd(): number {
    return this.#mark;
  }

  /** A connection is about to be served: its first request is timed from now. */
  startTiming(): void {
    const { clock } = this.#parts.keyspace;
    this.#mark = clock.monotonic();
    this.#wallOffset = clock.now() - this.#mark;
    this.#parts.keyspace.residents.usage.advance(this.#mark);
  }

  /** The request, or the text of the error reply for one that is none. */
  resolve(session: Session, args: readonly Argument[]): Request | string {
    const command = this.#parts.commands.resolve(args);
    if (typeof command === 'string') return this.#refuse(session, args, command);
    const flat = command.runLarge === undefined ? flatten(args) : args;
    return new Request(session, command, flat, this.#parts.guard);
  }

  /** For EXEC any error is the end of its transaction. */
  #refuse(session: Session, args: readonly Argument[], error: string): string {
    this.#passTime();
    const command = this.#parts.commands.lookup(args);
    if (command !== undefined) command.statistics.rejected++;
    session.transaction.abort();
    if (command?.fullName !== 'exec') return this.accounting.counted(error);
    session.transaction.end();
    return this.accounting.counted(abortText(error));
  }

  /** Adds what a request that waits for its turn will need to what the running fault loads. */
  prefetch(session: Session, args: readonly Argument[]): void {
    const command = this.#parts.commands.resolve(args);
    if (typeof command === 'string') return;
    new Request(session, command, args, this.#parts.guard).prefetchAhead();
  }

  /** Runs the request to its commit. The reply, or a promise of it if something cold was touched; never throws. */
  execute(request: Request): Reply | Promise<Reply> {
    const { session, command } = request;
    if (this.#parts.keyspace.runner.isBlocked) return this.#executeBeside(request);
    session.lastCommand = command.fullName;
    if (this.#parts.evictor.limit.isOn) this.#parts.evictor.relieve();
    if (command.isQueued && session.inTransaction) return this.#queue(request);
    if (command.endsMulti) session.transaction.onCall = this.#countCall;
    command.statistics.calls++;
    this.#parts.statistics.commandsProcessed++;
    try {
      const now = Math.round(this.#wallOffset + this.#mark);
      const reply = this.#parts.keyspace.runner.run(request, now);
      this.#time(request);
      return reply instanceof Promise ? this.#await(request, reply) : this.#finish(request, reply);
    } catch (error) {
      if (wasRefused(error)) this.#passTime();
      else this.#time(request);
      return this.#failed(request, error);
    }
  }

  /** A script has run for long: what touches no record runs beside it, and all else is refused. */
  #executeBeside(request: Request): Reply | Promise<Reply> {
    const { session, command, args } = request;
    if (!command.allowedBusy) {
      const { busyError } = session.server.scripts;
      return session.reply.error(this.#refuse(session, args, busyError));
    }
    this.#passTime();
    command.statistics.calls++;
    this.#parts.statistics.commandsProcessed++;
    this.#lastTime = 0;
    try {
      return this.#finish(request, this.#parts.keyspace.runner.runBeside(request));
    } catch (error) {
      return this.#errorReply(request, error);
    }
  }

  #await(request: Request, late: Promise<Reply>): Promise<Reply> {
    return late.then(
      (reply) => {
        this.#lastTime = NOTED;
        return this.#finish(request, reply);
      },
      (error) => this.#failed(request, error),
    );
  }

  /** An attempt may have met a pause that began after the first: nothing is left of it. */
  #failed(request: Request, error: unknown): Reply | Promise<Reply> {
    if (!(error instanceof Postponed)) return this.#errorReply(request, error);
    request.command.statistics.calls--;
    this.#parts.statistics.commandsProcessed--;
    return this.#postpone(request);
  }

  async #postpone(request: Request): Promise<Reply> {
    await this.#parts.pause.wait(request.session);
    this.startTiming();
    return this.execute(request);
  }

  #queue(request: Request): Reply | Promise<Reply> {
    const { session, command } = request;
    this.#passTime();
    const refusal = request.queueRefusal();
    const { pause } = this.#parts;
    if (refusal === undefined && pause.isOn && pause.holds(request)) return this.#postpone(request);
    if (refusal === undefined) {
      // A request of its own to the keyspace: if the turn fails, the client is told so, and EXEC must know.
      const run = (): Reply => {
        session.transaction.add(request);
        return session.reply.simple('QUEUED');
      };
      return this.#parts.keyspace.runner.run({ run, runsBeside: () => true });
    }
    command.statistics.rejected++;
    session.transaction.abort();
    this.accounting.noteDenial(request, request.denial(), 'multi');
    return session.reply.error(this.accounting.counted(refusal));
  }

  /** What has passed is nobody's time. */
  #passTime(): void {
    this.#mark = this.#parts.keyspace.clock.monotonic();
  }

  /** What a request waits for its data is not counted, as Redis does not count what it blocks. */
  #time(request: Request): void {
    const now = this.#parts.keyspace.clock.monotonic();
    const microseconds = (now - this.#mark) * 1000;
    this.#mark = now;
    this.#lastTime = microseconds;
    this.#addTime(request, microseconds);
    if (!request.session.waits) this.accounting.noteTime(request, microseconds);
  }

  #addTime({ command }: Request, microseconds: number): void {
    command.statistics.microseconds += microseconds;
    this.#parts.statistics.commandMicroseconds += microseconds;
  }

  #countLookUps({ hits, misses }: Request): void {
    const { statistics } = this.#parts;
    statistics.keyspaceHits += hits;
    statistics.keyspaceMisses += misses;
  }

  #finish(request: Request, reply: Reply): Reply | Promise<Reply> {
    const { keyspace, expiry } = this.#parts;
    if (request.command.countsLookUps) this.#countLookUps(request);
    if (request.command.endsMulti) this.#endTransaction(request.session);
    if (this.#parts.monitors.isOn) this.accounting.show(request, request.session.databaseIndex);
    if (keyspace.hasExpired) expiry.deleteNoted();
    if (!request.session.waits) {
      this.accounting.noteSizes(request, reply);
      return reply;
    }
    request.session.replied();
    const wait = request.session.takeWait();
    return wait === undefined ? this.#goOn(request) : this.#hold(request, wait);
  }

  #endTransaction({ transaction }: Session): void {
    if (!transaction.isOpen) return;
    const calls = transaction.end();
    // MONITOR shows them before EXEC; else others need not wait until very many are counted.
    if (this.#parts.monitors.isOn) calls.forEach(this.#countCall);
    else void forEachPaced(calls, this.#countCall);
  }

  readonly #countCall = (call: Call): void => this.accounting.countCall(call, 'multi');

  /** For the statistics and the logs the parts are one. */
  async #goOn(request: Request): Promise<Reply> {
    const { keyspace, pause } = this.#parts;
    const before = this.#lastTime;
    const parts = new PartRun(request, keyspace, pause);
    try {
      const reply = await parts.run();
      if (before !== NOTED) this.accounting.noteTime(request, before + parts.microseconds);
      this.accounting.noteSizes(request, reply);
      return reply;
    } catch (error) {
      return this.#errorReply(request, error);
    } finally {
      this.#addTime(request, parts.microseconds);
    }
  }

  /** It counts as slow or not when it has its reply, by the time for which it ran. */
  async #hold(request: Request, wait: KeyWait): Promise<Reply> {
    const { clock } = this.#parts.keyspace;
    const before = this.#lastTime;
    let time = before;
    try {
      const run = (): Reply => {
        const start = clock.monotonic();
        const reply = request.runAgain(wait.again);
        time = before + (clock.monotonic() - start) * 1000;
        return reply;
      };
      const runsBeside = (locks: KeyLocks): boolean => request.runsBeside(locks);
      const reply = await this.#parts.blocking.hold(request.session, wait, { run, runsBeside });
      if (before !== NOTED) this.accounting.noteTime(request, time);
      this.accounting.noteSizes(request, reply);
      return reply;
    } catch (error) {
      return this.#errorReply(request, error);
    }
  }

  #errorReply(request: Request, error: unknown): string {
    const { session, command } = request;
    const { statistics } = command;
    if (error instanceof Denied) this.accounting.noteDenial(request, error.denial, 'toplevel');
    if (command.endsMulti && session.transaction.isOpen) session.transaction.end();
    if (error instanceof Refusal) {
      statistics.calls--;
      statistics.rejected++;
      this.accounting.noteDenial(request, request.denial(), 'toplevel');
    } else {
      statistics.failed++;
      if (command.countsLookUps) this.#countLookUps(request);
      if (this.#parts.monitors.isOn) this.accounting.show(request, session.databaseIndex);
    }
    return session.reply.error(
      this.accounting.counted(errorText(error, request, this.#parts.logger)),
    );
  }
}

/** It did not run. */
function wasRefused(error: unknown): boolean {
  return error instanceof Refusal || error instanceof Postponed;
}

function flatten(args: readonly Argument[]): readonly Argument[] {
  for (const argument of args) {
    if (typeof argument !== 'string') return args.map(String);
  }
  return args;
}
