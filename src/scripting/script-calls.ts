/** Commands that scripts call: found, admitted by the gate, and run within the script's transaction. */

import type { CommandContext, ServerContext } from '../commands/context.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import { errorText } from '../dispatch/error-text.js';
import type { Guard } from '../dispatch/guard.js';
import { type Call, Request } from '../dispatch/request.js';
import { OUT_OF_MEMORY } from '../eviction/memory-limit.js';
import { encoderOf } from '../protocol/encoder.js';
import { wholeText } from './reply-to-lua.js';
import { ScriptSession } from './script-session.js';

/** What the script that runs may do, and what it has done. */
export interface Rights {
  readonly mayWrite: boolean;
  /** When it began there was no memory for more, and it has not said that it needs none. */
  readonly isOutOfMemory: boolean;
  hasWritten: boolean;
  hasRead: boolean;
}

const NONE = { mayWrite: false, isOutOfMemory: false, hasWritten: false, hasRead: false };

/** What the parts of the server do for scripts. */
export interface ScriptServices {
  readonly server: ServerContext;
  readonly guard: Guard;
  readonly dispatcher: Dispatcher;
}

/** A call that ended with an error. */
export class CallFailure {
  readonly message: string;
  /** The statistics of errors have it already. */
  readonly isCounted: boolean;

  constructor(message: string, isCounted: boolean) {
    this.message = message;
    this.isCounted = isCounted;
  }
}

export class ScriptCalls {
  readonly #services: ScriptServices;
  readonly session: ScriptSession;
  /** What is denied to scripts is not: DEBUG SET-DISABLE-DENY-SCRIPTS. */
  allowsAll = false;
  #rights: Rights = NONE;

  constructor(services: ScriptServices) {
    this.#services = services;
    this.session = new ScriptSession(services.server);
  }

  /** The version of the protocol in which the script gets replies. */
  get version(): 2 | 3 {
    return this.session.protocol;
  }

  set version(version: 2 | 3) {
    this.session.reply = encoderOf(version);
  }

  /** A script begins to run. */
  begin(context: CommandContext, rights: Rights): void {
    this.session.actFor(context);
    this.#rights = rights;
    this.version = 2;
  }

  /** The text of the reply. Errors that commands reply with are failures too. */
  call(argv: readonly string[]): string | CallFailure {
    const { server, guard } = this.#services;
    const command = server.commands.lookup(argv);
    if (command === undefined)
      return this.#refuse(command, 'ERR Unknown Redis command called from script');
    if (!command.acceptsCount(argv.length)) {
      return this.#refuse(command, 'ERR Wrong number of args calling Redis command from script');
    }
    if (command.deniedInScript && !this.allowsAll) {
      return this.#refuse(command, 'ERR This Redis command is not allowed from script');
    }
    const request = new Request(this.session, command, argv, guard);
    const refusal = this.#writeRefusal(request);
    if (refusal !== undefined) return this.#refuse(command, refusal);
    this.#rights.hasRead ||= command.isReadonly;
    return this.#run(request);
  }

  #refuse(command: ResolvedCommand | undefined, message: string): CallFailure {
    this.#services.server.statistics.countError(message);
    if (command !== undefined) command.statistics.rejected++;
    return new CallFailure(message, true);
  }

  /** What has written once goes on though memory be short, so that it does not end half done. */
  #writeRefusal({ command, replicates }: Request): string | undefined {
    const rights = this.#rights;
    // PUBLISH and PFCOUNT, too: what only reads may go on while CLIENT PAUSE holds writes.
    if (!rights.mayWrite && replicates) {
      return 'ERR Write commands are not allowed from read-only scripts.';
    }
    if (!command.isWrite) return undefined;
    const failure = this.#services.guard.writeFailure();
    if (failure !== undefined) return failure;
    if (command.deniedOutOfMemory && rights.isOutOfMemory && !rights.hasWritten)
      return OUT_OF_MEMORY;
    rights.hasWritten = true;
    return undefined;
  }

  /** Nothing is left of a call that fails, however it does. */
  #run(request: Request): string | CallFailure {
    const { server, dispatcher } = this.#services;
    const { transaction } = server.keyspace;
    const savepoint = transaction.savepoint();
    let call: Call;
    try {
      call = request.runWithin('lua');
    } catch (error) {
      transaction.rollBack(savepoint);
      const message = errorText(error, request, server.logger);
      return new CallFailure(message, false);
    }
    dispatcher.accounting.countCall(call, 'lua');
    if (call.error !== undefined) return new CallFailure(call.error, true);
    return wholeText(call.reply);
  }
}
