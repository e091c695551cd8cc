/** From a parsed request to its reply: look-up, guards, run, commit. Faults are the runner's business. */

import { DiskDbError, type ErrorCode } from '../base/errors.js';
import type { Argument } from '../base/large-string.js';
import type { Logger } from '../base/log.js';
import { CommandError, errorReplyOf } from '../commands/command-error.js';
import type { KeyWait, ServerStatistics } from '../commands/context.js';
import type { CommandTable } from '../commands/registry.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { ActiveExpiry } from '../keyspace/active-expiry.js';
import { fault } from '../keyspace/fault.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { CommandTooLarge } from '../keyspace/limits.js';
import type { Task } from '../keyspace/runner.js';
import type { SlowRequests } from '../observability/slow-log.js';
import type { Reply } from '../protocol/reply.js';
import type { Blocking } from './blocking.js';
import { failureReply, type Guard } from './guard.js';
import type { Session } from './session.js';

export interface DispatcherParts {
  readonly keyspace: Keyspace;
  readonly commands: CommandTable;
  readonly guard: Guard;
  readonly blocking: Blocking;
  readonly expiry: ActiveExpiry;
  readonly statistics: ServerStatistics;
  readonly slowLog: SlowRequests;
  readonly logger: Logger;
}

/** What keeps the log from being written, or from being folded to make room for more of it. */
const LOG_ERRORS: ReadonlySet<ErrorCode> = new Set(['DISK_FULL', 'LOG_FAILED', 'LOG_CORRUPT']);

/** A request that was found and has the right number of arguments. */
export class Request implements Task<Reply> {
  readonly session: Session;
  readonly command: ResolvedCommand;
  readonly args: readonly Argument[];
  readonly #guard: Guard;
  /** Adds keys that requests behind this one in the pipeline will need. */
  lookAhead: (() => void) | undefined;

  constructor(session: Session, command: ResolvedCommand, args: readonly Argument[], guard: Guard) {
    this.session = session;
    this.command = command;
    this.args = args;
    this.#guard = guard;
  }

  run(): Reply {
    const { session, command } = this;
    const refusal = this.#guard.refusal(command, session.authenticated);
    if (refusal !== undefined) throw new Refusal(refusal);
    return this.runUnguarded();
  }

  /** Runs it once more after it has waited: the guard let it pass when it came. */
  runUnguarded(): Reply {
    const { session, command, args } = this;
    if (command.runLarge !== undefined) return command.runLarge(session, args);
    if (command.run === undefined) throw new Error(`bug: ${command.fullName} cannot run`);
    return command.run(session, args as readonly string[]);
  }

  prefetch(): void {
    if (fault.wants.length === 0) return;
    this.prefetchKeys();
    this.lookAhead?.();
  }

  /** Adds the keys that the request declares to what the running fault loads. */
  prefetchKeys(): void {
    for (const { position } of this.command.keysOf(this.args) ?? []) {
      const key = this.args[position];
      if (typeof key === 'string') this.session.db.prefetch(key);
    }
  }
}

/** The guard said no: the command was rejected, it did not fail. */
class Refusal extends CommandError {}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  /**
   * When the last request ended, or a connection's turn to be served began, in milliseconds of the monotonic
   * clock: a request is timed from there. One look at a clock a request; each costs a twentieth of a GET.
   */
  #mark = 0;
  /** What the wall clock was ahead of the monotonic one when the connection's turn began. */
  #wallOffset = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** A connection is about to be served: its first request is timed from now. */
  startTiming(): void {
    const { clock } = this.#parts.keyspace;
    this.#mark = clock.monotonic();
    this.#wallOffset = clock.now() - this.#mark;
  }

  /** The request, or the text of the error reply for one that is none. */
  resolve(session: Session, args: readonly Argument[]): Request | string {
    const command = this.#parts.commands.resolve(args);
    if (typeof command === 'string') {
      this.#countError(command);
      return command;
    }
    const flat = command.runLarge === undefined ? flatten(args) : args;
    return new Request(session, command, flat, this.#parts.guard);
  }

  /** Adds the keys of a request that waits for its turn to what the running fault loads. */
  prefetch(session: Session, args: readonly Argument[]): void {
    const command = this.#parts.commands.resolve(args);
    if (typeof command === 'string') return;
    new Request(session, command, args, this.#parts.guard).prefetchKeys();
  }

  /** Runs the request to its commit. The reply, or a promise of it if something cold was touched; never throws. */
  execute(request: Request): Reply | Promise<Reply> {
    const { session, command } = request;
    session.lastCommand = command.fullName;
    command.statistics.calls++;
    this.#parts.statistics.commandsProcessed++;
    try {
      const now = Math.round(this.#wallOffset + this.#mark);
      const reply = this.#parts.keyspace.runner.run(request, now);
      this.#time(request);
      if (!(reply instanceof Promise)) return this.#finish(request, reply);
      return reply.then(
        (late) => this.#finish(request, late),
        (error) => this.#errorReply(request, error),
      );
    } catch (error) {
      this.#time(request);
      return this.#errorReply(request, error);
    }
  }

  /** What a request waits for its data is not counted, as Redis does not count what it blocks. */
  #time({ command, args, session }: Request): void {
    const { slowLog, keyspace } = this.#parts;
    const now = keyspace.clock.monotonic();
    const microseconds = (now - this.#mark) * 1000;
    this.#mark = now;
    command.statistics.microseconds += microseconds;
    if (!slowLog.isSlow(microseconds) || command.skipsSlowlog) return;
    slowLog.note(args, microseconds, keyspace.clock.now(), session);
  }

  #finish(request: Request, reply: Reply): Reply | Promise<Reply> {
    const { keyspace, expiry, statistics } = this.#parts;
    if (request.command.isReadonly) {
      statistics.keyspaceHits += keyspace.transaction.hits;
      statistics.keyspaceMisses += keyspace.transaction.misses;
    }
    if (keyspace.hasExpired) expiry.deleteNoted();
    const wait = request.session.takeWait();
    return wait === undefined ? reply : this.#hold(request, wait);
  }

  async #hold(request: Request, wait: KeyWait): Promise<Reply> {
    try {
      const run = (): Reply => request.runUnguarded();
      return await this.#parts.blocking.hold(request.session, wait, run);
    } catch (error) {
      return this.#errorReply(request, error);
    }
  }

  #errorReply({ session, command, args }: Request, error: unknown): string {
    const { statistics } = command;
    if (error instanceof Refusal) {
      statistics.calls--;
      statistics.rejected++;
    } else {
      statistics.failed++;
    }
    const text = this.#errorText(error, command, args);
    this.#countError(text);
    return session.reply.error(text);
  }

  #errorText(error: unknown, command: ResolvedCommand, args: readonly Argument[]): string {
    const reply = errorReplyOf(error);
    if (reply !== undefined) return reply;
    if (error instanceof CommandTooLarge) return `ERR ${error.message}`;
    if (error instanceof DiskDbError) return storageErrorText(error, command);
    const fields = { err: error, command: command.fullName, arguments: args.length };
    this.#parts.logger.error(fields, 'a command failed in a way it must not');
    return `ERR internal error: ${error instanceof Error ? error.message : String(error)}`;
  }

  #countError(text: string): void {
    const { errors } = this.#parts.statistics;
    const end = text.indexOf(' ');
    const code = end < 0 ? text : text.slice(0, end);
    errors.set(code, (errors.get(code) ?? 0) + 1);
  }
}

function storageErrorText(error: DiskDbError, command: ResolvedCommand): string {
  const { code, message } = error;
  if (code === 'STORE_CORRUPT') return `ERR ${message}`;
  if (LOG_ERRORS.has(code)) return failureReply(error);
  if (command.isReadonly) return `ERR DiskDB cannot read its store: ${message}`;
  // Of a write it may be what it had to read, or the fold that was to make room for it: the message says which.
  return `MISCONF DiskDB's store has failed: ${message}`;
}

function flatten(args: readonly Argument[]): readonly Argument[] {
  for (const argument of args) {
    if (typeof argument !== 'string') return args.map(String);
  }
  return args;
}
