/**
 * One run of a script or function: it is begun with what it declares at hand, is never begun again, and lets others have
 * the event loop after a while, who are told then that the server is busy.
 */

import { DiskDbError } from '../base/errors.js';
import { fail } from '../commands/command-error.js';
import type { CommandContext } from '../commands/context.js';
import type { RunningScript, ScriptArguments, ScriptKind } from '../commands/scripts.js';
import type { Request } from '../dispatch/request.js';
import type { Session } from '../dispatch/session.js';
import { rememberKeys } from '../dispatch/tracked-reads.js';
import { suspend } from '../keyspace/suspension.js';
import type { Reply } from '../protocol/reply.js';
import { LuaType } from './lua/lua-state.js';
import { Abandoned } from './lua/pattern-guard.js';
import type { Progress, ScriptThread } from './lua/script-thread.js';
import type { Pointer } from './lua/wasm-module.js';
import { replyOf } from './lua-to-reply.js';
import type { Rights, ScriptCalls, ScriptServices } from './script-calls.js';
import type { ScriptFlag } from './script-header.js';

/** Once it has paused it runs for so long between two turns of the event loop, in milliseconds. */
const SLICE_MS = 10;
/** Lua's own error, which has no place. */
const NO_MEMORY = 'not enough memory';

export interface Program {
  readonly kind: ScriptKind;
  /** The function's name, or the script's digest. */
  readonly name: string;
  /** undefined: a script without a header. */
  readonly flags: ReadonlySet<ScriptFlag> | undefined;
  readonly thread: ScriptThread;
  /** Under which the thread keeps it. */
  readonly reference: number;
  /** Puts its arguments in their place; returns how many are on the stack. */
  readonly push: (L: Pointer) => number;
}

interface Run extends RunningScript, Rights {
  readonly program: Program;
  readonly context: CommandContext;
  /** The request, if its client caches what it reads. */
  readonly cachedFor: Request | undefined;
  isKilled: boolean;
  /** The server closes. */
  isAbandoned: boolean;
}

export class ScriptRuns {
  readonly #services: ScriptServices;
  readonly #calls: ScriptCalls;
  #run: Run | undefined;

  constructor(services: ScriptServices, calls: ScriptCalls) {
    this.#services = services;
    this.#calls = calls;
  }

  get running(): RunningScript | undefined {
    return this.#run;
  }

  get busyError(): string {
    return busyError(this.#run?.kind ?? 'script');
  }

  /**
   * What the run needs is loaded, by faults as of any request. @throws CommandError if it must not run
   */
  prepare(
    { db, server }: CommandContext,
    flags: ReadonlySet<ScriptFlag> | undefined,
    { keys, readOnly }: ScriptArguments,
  ): void {
    const mayWrite = !readOnly && !flags?.has('no-writes');
    if (readOnly && flags !== undefined && !flags.has('no-writes')) {
      fail('ERR Can not execute a script with write flag using *_ro command.');
    }
    if (mayWrite) {
      const failure = flags === undefined ? undefined : this.#services.guard.writeFailure();
      if (failure !== undefined) fail(failure);
      this.#services.guard.needRoom();
    }
    if (mayWrite && flags !== undefined && this.#isOutOfMemory(flags)) {
      const flag = 'allow-oom flag is not set on the script';
      fail(`OOM ${flag}, can not run it when used memory > 'maxmemory'`);
    }
    if (!server.keyspace.transaction.mustFinish) db.needWhole(keys);
  }

  /** Runs the program, for which all is prepared. Its errors are replies: what it has written before them stays. */
  start(context: CommandContext, program: Program, call: ScriptArguments): Reply {
    const { server } = this.#services;
    const { transaction } = server.keyspace;
    if (this.#run !== undefined) throw new Error('bug: a script runs already');
    const run: Run = {
      program,
      context,
      kind: program.kind,
      name: program.name,
      argv: call.argv,
      startedAt: server.clock.monotonic(),
      mayWrite: !call.readOnly && !program.flags?.has('no-writes'),
      isOutOfMemory: this.#isOutOfMemory(program.flags),
      hasWritten: false,
      hasRead: false,
      cachedFor: (context.client as Session).script,
      isKilled: false,
      isAbandoned: false,
    };
    this.#run = run;
    // What it calls comes after it.
    if (server.monitors.isOn) this.#show(context, call);
    this.#calls.begin(context, run);
    transaction.escalated = true;
    transaction.mustFinish = true;
    const threshold = server.config.values.scripting.busyReplyThreshold;
    const time = threshold > 0 ? threshold : Number.POSITIVE_INFINITY;
    return this.#proceed(run, () => program.thread.start(program.reference, time, program.push));
  }

  #show({ client, server }: CommandContext, { argv: args }: ScriptArguments): void {
    const command = server.commands.lookup(args);
    const { address: source, databaseIndex } = client;
    if (command !== undefined) server.monitors.show({ command, args, databaseIndex, source });
  }

  #isOutOfMemory(flags: ReadonlySet<ScriptFlag> | undefined): boolean {
    return !flags?.has('allow-oom') && this.#services.guard.isOutOfMemory();
  }

  /** Ends what runs, unless it has written. @throws CommandError if it cannot be ended */
  kill(kind: ScriptKind): void {
    const run = this.#run;
    if (run === undefined) fail('NOTBUSY No scripts in execution right now.');
    if (run.kind !== kind) fail(busyError(run.kind));
    if (run.hasWritten) {
      const hard = 'kill the server in a hard way using the SHUTDOWN NOSAVE command.';
      fail(
        'UNKILLABLE Sorry the script already executed write commands against the dataset. ' +
          `You can either wait the script termination or ${hard}`,
      );
    }
    run.isKilled = true;
  }

  /** What is paused does not go on, and nothing of it is kept: the server closes. */
  abandon(): void {
    if (this.#run !== undefined) this.#run.isAbandoned = true;
  }

  #proceed(run: Run, step: () => Progress): Reply {
    let progress: Progress;
    try {
      progress = step();
    } catch (error) {
      return this.#broken(run, error);
    }
    if (progress === 'paused') this.#pause(run);
    try {
      return progress === 'done' ? this.#result(run) : this.#failure(run);
    } finally {
      this.#end(run, progress === 'done');
    }
  }

  #pause(run: Run): never {
    suspend({ resume: () => this.#resume(run), abandon: () => this.#end(run, false) });
  }

  #resume(run: Run): Reply {
    if (run.isAbandoned) {
      this.#end(run, false);
      throw new DiskDbError(
        'CLOSED',
        'The server closes: the script has ended, and nothing of it is kept',
      );
    }
    if (!run.isKilled) return this.#proceed(run, () => run.program.thread.resume(SLICE_MS));
    const reply = this.#errorReply(run, `ERR Script killed by user with ${killerOf(run)}.`, true);
    this.#end(run, false);
    return reply;
  }

  #end({ program, hasRead, cachedFor }: Run, isReusable: boolean): void {
    this.#run = undefined;
    if (hasRead && cachedFor !== undefined) rememberKeys(cachedFor);
    const { transaction, runner } = this.#services.server.keyspace;
    // What follows in an EXEC that has let the event loop turn cannot fault either.
    transaction.mustFinish = runner.isSuspended;
    program.thread.end(isReusable);
  }

  #result({ context, program: { thread } }: Run): Reply {
    thread.keepFirst();
    const { lua, thread: L } = thread;
    const reply = replyOf(lua, L, context.reply, this.#calls.version);
    if (typeof reply === 'string' && reply.startsWith('-')) this.#countFailure(reply, thread, L);
    return reply;
  }

  /** An error that the script returns counts as one, unless it is that of a call, which has been counted. */
  #countFailure(reply: string, { lua }: ScriptThread, L: Pointer): void {
    const isTable = lua.api.lua_type(L, -1) === LuaType.table;
    this.#count(reply.slice(1, -2), isTable && isCounted(lua, L));
  }

  #count(message: string, isCountedAlready: boolean): void {
    const { commands, statistics } = this.#services.server;
    const command = commands.findByFullName(this.#commandName);
    if (command !== undefined) command.statistics.failed++;
    if (!isCountedAlready) statistics.countError(message);
  }

  get #commandName(): string {
    return this.#run?.argv[0]?.toLowerCase() ?? '';
  }

  /** The error of Lua at the top of the stack, as Redis words it. */
  #failure(run: Run): Reply {
    const { lua, thread: L } = run.program.thread;
    const { api } = lua;
    if (api.lua_type(L, -1) !== LuaType.table) {
      const text = valueText(lua, L);
      if (text === NO_MEMORY)
        return this.#errorReply(run, `ERR Error running script ${run.name}, ${text}`, false);
      return this.#errorReply(run, `ERR ${text}`, true);
    }
    const counted = isCounted(lua, L);
    lua.pushText(L, 'err');
    api.lua_rawget(L, -2);
    const message = api.lua_type(L, -1) === LuaType.string ? lua.text(L, -1) : 'ERR unknown error';
    return this.#errorReply(run, message, true, counted);
  }

  #errorReply(run: Run, message: string, tellsPlace: boolean, counted = false): Reply {
    const place = tellsPlace ? run.program.thread.place : undefined;
    this.#count(message, counted);
    const where =
      place === undefined ? '' : ` script: ${run.name}, on ${place.source}:${place.line}.`;
    return run.context.reply.error(message + where);
  }

  /** Lua is of no more use, or has no memory left. */
  #broken(run: Run, error: unknown): Reply {
    const { logger } = this.#services.server;
    if (!(error instanceof Abandoned)) {
      logger.error({ err: error, script: run.name }, 'a script failed in a way it must not');
    }
    const reason = error instanceof Abandoned ? error.reason : `internal error: ${String(error)}`;
    const reply = this.#errorReply(run, `ERR Error running script ${run.name}, ${reason}`, false);
    this.#end(run, false);
    return reply;
  }
}

function isCounted(lua: ScriptThread['lua'], L: Pointer): boolean {
  lua.pushText(L, 'ignore_error_stats_update');
  lua.api.lua_rawget(L, -2);
  const counted = lua.api.lua_toboolean(L, -1) === 1;
  lua.api.lua_settop(L, -2);
  return counted;
}

/** As tostring has it, of what scripts raise besides tables. */
function valueText(lua: ScriptThread['lua'], L: Pointer): string {
  const type = lua.api.lua_type(L, -1);
  if (type === LuaType.nil) return 'nil';
  if (type === LuaType.boolean) return lua.api.lua_toboolean(L, -1) === 1 ? 'true' : 'false';
  return type === LuaType.string || type === LuaType.number ? lua.text(L, -1) : 'unknown error';
}

function killerOf({ kind }: Run): string {
  return kind === 'script' ? 'SCRIPT KILL' : 'FUNCTION KILL';
}

function busyError(kind: ScriptKind): string {
  const killer = kind === 'script' ? 'SCRIPT KILL' : 'FUNCTION KILL';
  return `BUSY Redis is busy running a script. You can only call ${killer} or SHUTDOWN NOSAVE.`;
}
