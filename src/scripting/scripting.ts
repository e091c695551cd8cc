/** Scripts and functions: what the server makes of this folder. */

import type { CommandContext } from '../commands/context.js';
import type { RunningScript, ScriptArguments, ScriptKind, Scripts } from '../commands/scripts.js';
import { Request } from '../dispatch/request.js';
import type { Reply } from '../protocol/reply.js';
import { makeThread } from './engine.js';
import { FunctionLibraries } from './function-libraries.js';
import type { RedisLibraryParts } from './redis-library.js';
import { ScriptCache } from './script-cache.js';
import { ScriptCalls, type ScriptServices } from './script-calls.js';
import { onlyReads } from './script-header.js';
import { ScriptRuns } from './script-runs.js';

export class Scripting implements Scripts {
  readonly functions: FunctionLibraries;
  readonly #runs: ScriptRuns;
  readonly #calls: ScriptCalls;
  readonly #cache: ScriptCache;

  constructor(services: ScriptServices) {
    const { keyspace, logger } = services.server;
    const calls = new ScriptCalls(services);
    this.#calls = calls;
    this.#runs = new ScriptRuns(services, calls);
    const isAllowed = (argv: readonly string[]): boolean | undefined => {
      const command = services.server.commands.lookup(argv);
      if (command === undefined) return undefined;
      const request = new Request(calls.session, command, argv, services.guard);
      return services.guard.admission(request) === undefined;
    };
    const parts: RedisLibraryParts = { calls, logger, isAllowed };
    const thread = () => makeThread(services, parts);
    this.#cache = new ScriptCache(this.#runs, keyspace.transaction, thread);
    this.functions = new FunctionLibraries({
      runs: this.#runs,
      keyspace,
      logger,
      makeThread: thread,
    });
  }

  /** Loads the libraries that were stored. To be called once, before the first request. */
  open(): void {
    this.functions.open();
  }

  /** Nothing that is paused goes on. */
  close(): void {
    this.#runs.abandon();
  }

  get allowsAll(): boolean {
    return this.#calls.allowsAll;
  }

  set allowsAll(allows: boolean) {
    this.#calls.allowsAll = allows;
  }

  get count(): number {
    return this.#cache.count;
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  get memory() {
    return { scripts: this.#cache.memoryBytes, functions: this.functions.memoryBytes };
  }

  get running(): RunningScript | undefined {
    return this.#runs.running;
  }

  get busyError(): string {
    return this.#runs.busyError;
  }

  run(context: CommandContext, text: string, call: ScriptArguments): Reply {
    return this.#cache.run(context, text, call);
  }

  runCached(context: CommandContext, digest: string, call: ScriptArguments): Reply {
    return this.#cache.runCached(context, digest, call);
  }

  load(text: string): string {
    return this.#cache.load(text);
  }

  has(digest: string): boolean {
    return this.#cache.has(digest);
  }

  onlyReads(text: string): boolean {
    return onlyReads(text);
  }

  cachedOnlyReads(digest: string): boolean {
    return this.#cache.onlyReads(digest);
  }

  flush(): void {
    this.#cache.flush();
  }

  kill(kind: ScriptKind): void {
    this.#runs.kill(kind);
  }
}
